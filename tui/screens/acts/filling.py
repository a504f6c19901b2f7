"""Filling in the values: what is typed is found again at the next start; a file can give a value."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work

from tui.core.engine.memory import VALUES
from tui.core.value_file import ValueFileError, offered, read_value
from tui.screens.acts.base import Bench
from tui.widgets.desk.values import ValuesForm

if TYPE_CHECKING:
    from textual.timer import Timer

KEEP_AFTER_S = 0.5
"""How long after the first of some keys what was typed is kept."""


class Filling(Bench):
    """The acts on the form of values."""

    _keep_timer: Timer | None = None
    _last_file = ""

    @work(group="restore")
    async def restore_values(self) -> None:
        """Bring back what was typed before this start."""
        kept = await self.answered(self.engine.memory.find(VALUES))
        await self.desk.restore_values(kept)

    def keep_values(self) -> None:
        """Keep what was typed since this was last called."""
        self._keep_timer = None
        if changes := self.book.take_changes():
            self.engine.memory.keep(changes)

    @on(ValuesForm.Edited)
    def keep_soon(self) -> None:
        """Keep what is typed, in a moment."""
        if self._keep_timer is None:
            self._keep_timer = self.set_timer(KEEP_AFTER_S, self.keep_values)

    @on(ValuesForm.Gone)
    def _say_gone(self, message: ValuesForm.Gone) -> None:
        kept = "; what you typed is kept for when it comes back" if message.typed else ""
        self.key_line.tell(
            f"There is no {message.name} any more{kept}. You are in {message.now} now.", "warning"
        )

    @work(group="value-file", exclusive=True)
    async def action_value_from_file(self) -> None:
        """Ask for a file, and let the value at hand be what it says."""
        field = self.desk.form.field
        if field is None:
            self.key_line.tell("Go to a value first: a file can fill it.", "warning")
            return
        name = field.variable.name
        answer = await self.ask_line.ask(
            f"{name} from file", self._last_file, hint="a path; tab completes it", complete=offered, over=True
        )
        if not field.is_attached:
            return
        self.set_focus(field)  # its area, if it was in one, has folded meanwhile
        if not answer:
            return
        try:
            text = await asyncio.to_thread(read_value, answer)
        except ValueFileError as error:
            self.key_line.tell(str(error), "error")
            return
        self._last_file = answer
        field.put(text)
        self.key_line.tell(f"{name}: {len(text):,} characters from {Path(answer).name}.")
