"""The plan as a list of rows that are chosen by keys or by clicks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.message import Message

from tui.actions import bindings
from tui.widgets.batch.choice import Choice, board
from tui.widgets.ink import Painted, Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.events import Click

    from tui.core.engine.planning import Forecast


class PlanBoard(Painted, can_focus=True):
    """Holds a choice and repaints when it changes; on a short screen its lines follow the cursor."""

    BINDINGS = bindings("plan")

    class Changed(Message):
        """Something else is chosen."""

    class Wanted(Message):
        """What is chosen is to be run."""

    def __init__(self, choice: Choice) -> None:
        super().__init__(id="plan")
        self.choice = choice
        self.styles.height = len(board(choice, 80))

    def forecast(self, forecasts: Mapping[str, Forecast]) -> None:
        """Show what the choice will take."""
        self._change(replace(self.choice, forecasts=forecasts))

    def words(self, y: int) -> Sequence[Word]:
        """Return line `y` of the board."""
        lines = board(self.choice, self.size.width)
        at = y + self._first
        # The last two lines stay in sight: how much is below, and the sum.
        if y == self.size.height - 2 and (below := sum(number is not None for number, _ in lines[at:])):
            return [(f"    {below} more below", "muted")]
        if y >= self.size.height - 2:
            at = len(lines) - self.size.height + y
        return lines[at][1] if 0 <= at < len(lines) else ()

    @property
    def _first(self) -> int:
        numbers = [number for number, _ in board(self.choice, self.size.width)]
        room = self.size.height - 2
        here = numbers.index(self.choice.at)
        return max(0, min(here - room // 2, len(numbers) - 2 - room))

    def action_cursor(self, rows: int) -> None:
        """Go to another row."""
        self._change(self.choice.moved(rows))

    def action_cursor_end(self, direction: int) -> None:
        """Go to the first row or the last."""
        self._change(self.choice.moved(direction * len(self.choice.items)))

    def action_pick(self) -> None:
        """Choose the row at the cursor, or leave it out."""
        self._choose(self.choice.toggled(self.choice.at))

    def action_pick_all(self) -> None:
        """Choose all rows of a kind, or none."""
        self._choose(self.choice.all_toggled())

    def action_want(self) -> None:
        """Ask for what is chosen."""
        self.post_message(self.Wanted())

    def on_click(self, event: Click) -> None:
        """Choose the row that was clicked, or leave it out."""
        lines = board(self.choice, self.size.width)
        at = event.y + self._first
        number = lines[at][0] if event.y < self.size.height - 2 and at < len(lines) else None
        if number is not None:
            self._choose(self.choice.toggled(number))

    def _choose(self, choice: Choice) -> None:
        changed = choice.chosen != self.choice.chosen
        self._change(choice)
        if changed:
            self.post_message(self.Changed())

    def _change(self, choice: Choice) -> None:
        if choice != self.choice:
            self.choice = choice
            self.refresh()
