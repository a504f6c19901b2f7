"""Tells when one file has changed, however it is saved, and although it may not exist yet."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING

from watchfiles import awatch

from tui.core.engine.file_stamp import Stamp, stamp

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

LOOK_MS = 1000
"""The file is looked at so often in any case: behind a link, or on some disks, nothing notifies."""
_STEP_MS = 100
"""Each step is a wake-up, for ever; nobody watches the screen for this file so closely as for a prompt."""
_SETTLED_S = 0.05
"""A file that did not change for so long is complete."""
_MISSING_S = 0.5
"""One that is missing or empty may be half-way through a save for so long."""


async def changes(path: Path, since: Stamp) -> AsyncGenerator[None, None]:
    """Yield whenever the file is another than it was, first than at `since`; never ends by itself."""
    while True:
        async for _ in _glances(path):
            now = stamp(path)
            if now != since:
                now = await _settled(path, now)
            if now != since:
                since = now
                yield


async def _glances(path: Path) -> AsyncGenerator[None, None]:
    """Yield when something happens in the file's folder, and every second; ends when that is gone."""
    yield
    if not path.parent.is_dir():
        await asyncio.sleep(LOOK_MS / 1000)
        return
    with contextlib.suppress(OSError, RuntimeError):  # watchfiles raises some of the system's errors as that
        events = awatch(
            path.parent,
            watch_filter=lambda _, name: name == str(path),
            step=_STEP_MS,
            rust_timeout=LOOK_MS,
            yield_on_timeout=True,
            recursive=False,
        )
        async with aclosing(events):
            async for _ in events:
                yield
                if not path.parent.is_dir():
                    return
    await asyncio.sleep(LOOK_MS / 1000)


async def _settled(path: Path, now: Stamp) -> Stamp:
    """Return the stamp once it has been the same for a while."""
    while True:
        await asyncio.sleep(_SETTLED_S if now is not None and now[2] else _MISSING_S)
        before, now = now, stamp(path)
        if now == before:
            return now
