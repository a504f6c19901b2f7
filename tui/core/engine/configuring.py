"""The settings file by command: what it says, and changes of single settings in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Sequence

    from tui.core.engine.reach import Reach


class Configuring:
    """For any thread; what was written comes back as SettingsChanged, like a save of any editor."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def read(self) -> concurrent.futures.Future[str]:
        """Return what the file says, "" while there is none or it is no text."""

        async def read() -> str:
            return await asyncio.to_thread(self._text)

        return self._reach.submit(read)

    def change(self, keys: Sequence[str], value: object) -> concurrent.futures.Future[None]:
        """Write one setting into the file, whose comments stay; None takes it out.

        The future raises SettingsError and OSError, and then nothing has changed.
        """

        async def write() -> None:
            from tui.core.settings_edit import change_setting

            await asyncio.to_thread(change_setting, self._reach.workspace.settings, keys, value)

        return self._reach.submit(write)

    def _text(self) -> str:
        try:
            return self._reach.workspace.settings.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""  # what is wrong with it is told whenever it is loaded or changed
