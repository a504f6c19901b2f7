"""Changing prompt files by command: each comes back through the watcher like any other change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.core.engine.activation import ActivationError, activate
from tui.core.engine.events import Notice
from tui.core.prompts.snapshot import versions_of

if TYPE_CHECKING:
    from tui.core.engine.reach import Reach


class Filing:
    """For any thread; what keeps something from being done is published as a Notice."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def activate(self, name: str, version: int) -> None:
        """Make a version the active one by editing its file and its siblings'."""
        reach = self._reach

        async def edit() -> None:
            library = reach.library()
            rows = versions_of(library, name) if library else ()
            try:
                written = await asyncio.to_thread(activate, reach.workspace.prompts, rows, version)
            except ActivationError as error:
                reach.publish(Notice(str(error), "error"))
                return
            if written:
                await reach.shelf().update(written)
            else:
                reach.publish(Notice(f"{name} v{version} is the active version already."))

        reach.command(edit)
