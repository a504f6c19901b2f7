"""Watches a folder of prompts, and says which files changed a moment after they were saved.

Editors save in many ways: in place, by truncating and writing, by writing elsewhere and renaming (vim also
probes with a file `4913` and moves the old file aside). All of it looks like one change from here.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from watchfiles import awatch

from tui.core.prompts.events import interpret
from tui.core.prompts.files import look_at, survey

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterable, Sequence

    from watchfiles.main import FileChange

    from tui.core.prompts.files import Stamp

Mode = Literal["inotify", "polling", "absent"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed: the files in `paths`, of prompts or of cases, relative to the folder, or anything at all.

    The latter with `rescan`.

    `mode` tells how the folder is watched now: by the system's notifications, by looking at it again and
    again, or not at all while there is no such folder; `reason` says in a sentence why it is not the first.
    """

    paths: frozenset[Path] = frozenset()
    rescan: bool = False
    mode: Mode = "inotify"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the watcher waits for what."""

    step_ms: int = 10
    """No further event for so long ends a batch; a save is told after one to two of these."""
    debounce_ms: int = 250
    """A batch ends after so long even while events go on."""
    settle_s: float = 0.1
    """A file that is missing or empty may be half-way through a save; after so long it is believed."""
    check_s: float = 1.0
    """How often it is checked that the watched folder is still the one at its path."""
    poll_s: float = 0.5
    """How often a folder without notifications, or without existence, is looked at."""


MANY = 1000
"""So many files at once are a rescan; behind such a burst the system may have dropped events, too."""

_POLLING_SHARE = 0.05
"""Of the time that goes by, at most so much is spent on looking at a folder again and again."""


class Stop(Protocol):
    """An event of asyncio or anyio."""

    def is_set(self) -> bool:
        """Tell whether to stop."""

    async def wait(self) -> object:
        """Return when it is time to stop."""


async def watch(
    folder: Path, *, stop: Stop, polling: bool = False, timing: Timing = Timing()
) -> AsyncGenerator[Changes, None]:
    """Yield what changes in a folder of prompts until `stop` is set; what befalls the folder is not raised.

    The first item, and the first after each break in the watching, asks for a rescan: what is read after it
    came is up to date, and every later change is told. A missing folder is waited for. Where the system
    cannot notify, or if `polling` is asked for, the folder is looked at every half second.
    """
    folder = folder.absolute()
    reason = "Polling was asked for." if polling else ""
    while not stop.is_set():
        if not _is_there(folder):
            yield Changes(rescan=True, mode="absent", reason=f"There is no folder {folder} that can be read.")
            while not (_is_there(folder) or await _pause(stop, timing.poll_s)):
                pass
            continue
        source = _polled(folder, stop, timing) if reason else _notified(folder, stop, timing)
        try:
            async with aclosing(source) as changed:
                async for paths in changed:
                    yield _changes(paths, "polling" if reason else "inotify", reason)
        except _CannotNotifyError as error:
            if _is_there(folder):
                reason = f"The system cannot watch {folder} ({error}), so it is looked at again and again."


def _changes(paths: frozenset[str] | None, mode: Mode, reason: str) -> Changes:
    if paths is None or len(paths) > MANY:
        return Changes(rescan=True, mode=mode, reason=reason)
    return Changes(frozenset(map(Path, paths)), mode=mode, reason=reason)


async def _notified(folder: Path, stop: Stop, timing: Timing) -> AsyncGenerator[frozenset[str] | None, None]:
    """Yield changed paths as the system tells of them, at first None; end when the watch must begin anew."""
    notifications = _Notifications(timing)
    try:
        identity = _identity(folder)
        await notifications.add([folder], recursive=True)
        seen = await asyncio.to_thread(survey, folder)
        # Other people's folders are not ours to descend into: there could be a home folder among them.
        await notifications.add(sorted(seen.outside()), recursive=False)
        notifications.stop_with(stop)
        yield None
        held = _Held(folder, timing.settle_s)
        clock = asyncio.get_running_loop().time
        while (events := await notifications.next(held.remaining(clock()))) is not None:
            meaning = interpret(events, folder, seen)
            if meaning.reshaped or _identity(folder) != identity:
                return
            if paths := held.release(meaning.changed, meaning.added, clock()):
                yield paths
    finally:
        await notifications.close()


async def _polled(folder: Path, stop: Stop, timing: Timing) -> AsyncGenerator[frozenset[str] | None, None]:
    """Yield changed paths as they are found by looking, at first None; end when the folder goes.

    The polling of watchfiles compares times in whole seconds, and so misses the second of two quick saves.
    """
    before = await asyncio.to_thread(_stamps, folder)
    yield None
    clock = asyncio.get_running_loop().time
    pause = timing.poll_s
    while not await _pause(stop, pause):
        began = clock()
        after = await asyncio.to_thread(_stamps, folder)
        if before is None or after is None:
            return
        if changed := before.items() ^ after.items():
            yield frozenset(path for path, _ in changed)
        before = after
        pause = max(timing.poll_s, (clock() - began) / _POLLING_SHARE)


class _CannotNotifyError(Exception):
    """The system does not, or not any more, tell what changes: mostly, a limit of it is reached."""


class _Notifications:
    """The system's notifications about some folders, in batches."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._queue: asyncio.Queue[set[FileChange] | Exception | None] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def add(self, folders: Sequence[Path | str], *, recursive: bool) -> None:
        """Begin to watch; when this returns, no later change is missed."""
        if folders:
            self._tasks.append(asyncio.create_task(self._listen(folders, recursive)))
            await asyncio.sleep(0)  # by the end of a task's first step, watchfiles has set the watch up

    def stop_with(self, stop: Stop) -> None:
        """Let `next` return None as soon as `stop` is set."""
        self._tasks.append(asyncio.create_task(self._relay(stop)))

    async def next(self, timeout: float | None) -> set[FileChange] | None:
        """Return all that has happened; nothing after `timeout` seconds, and now and then; None to stop.

        Raises _CannotNotifyError.
        """
        events: set[FileChange] = set()
        with contextlib.suppress(TimeoutError, asyncio.QueueEmpty):
            async with asyncio.timeout(timeout):
                item = await self._queue.get()
            while True:
                if item is None:
                    return None
                if isinstance(item, Exception):
                    # What follows in the text is how Rust prints its error.
                    raise _CannotNotifyError(str(item).split(" about [")[0].rstrip("."))
                events |= item
                item = self._queue.get_nowait()
        return events

    async def close(self) -> None:
        """Stop watching, and wait until all of it has ended."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, folders: Sequence[Path | str], recursive: bool) -> None:
        try:
            async for batch in awatch(
                *folders,
                watch_filter=None,
                step=self._timing.step_ms,
                debounce=self._timing.debounce_ms,
                rust_timeout=int(self._timing.check_s * 1000),
                yield_on_timeout=True,
                force_polling=False,
                recursive=recursive,
                # To ignore this would be to ignore every error, and to watch less than was asked for.
                ignore_permission_denied=False,
            ):
                self._queue.put_nowait(batch)
        except* (OSError, RuntimeError) as group:  # watchfiles raises some errors of the system as the latter
            self._queue.put_nowait(group.exceptions[0])

    async def _relay(self, stop: Stop) -> None:
        await stop.wait()
        self._queue.put_nowait(None)


class _Held:
    """Files that are missing or empty, perhaps half-way through a save, and until when to wait for them."""

    def __init__(self, folder: Path, settle_s: float) -> None:
        self._folder = folder
        self._settle_s = settle_s
        self._until: dict[str, float] = {}

    def remaining(self, now: float) -> float | None:
        """Return the seconds until a file need not be waited for any longer, None if none is."""
        return max(0.0, min(self._until.values()) - now) if self._until else None

    def release(self, changed: Iterable[str], added: Collection[str], now: float) -> frozenset[str]:
        """Return what is ready to be told, of these paths and of those held before.

        A file that is missing while another is new was moved; the two belong into one change.
        """
        ready: set[str] = set()
        for path in {*changed, *self._until}:
            file = look_at(self._folder, path)
            unfinished = not added if file is None else file.size == 0 and not file.error
            if unfinished and now < self._until.setdefault(path, now + self._settle_s):
                continue
            self._until.pop(path, None)
            ready.add(path)
        return frozenset(ready)


def _is_there(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _stamps(folder: Path) -> dict[str, Stamp] | None:
    seen = survey(folder)
    return {file.path: file.stamp for file in (*seen.files, *seen.cases)} if seen.folders else None


async def _pause(stop: Stop, seconds: float) -> bool:
    """Wait, and return whether it is time to stop."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    return stop.is_set()
