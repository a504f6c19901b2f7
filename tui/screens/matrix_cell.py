"""A cell of the grid, opened: what each check says, and all that is known of the run behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.screens.opened_run import OpenedRunScreen
from tui.widgets.matrix.cell_lines import check_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.engine.engine import Engine
    from tui.core.engine.matrix.grid import CellState
    from tui.widgets.reading.text_view import Line


@dataclass(frozen=True, slots=True)
class _Run:
    id: str


class Repeats:
    """The runs of one cell, each a repeat of the same request."""

    def __init__(self, states: Sequence[CellState]) -> None:
        """Take those that have a run; the cursor is on the first that failed."""
        self._states = [state for state in states if state.run_id]
        failed = [number for number, state in enumerate(self._states) if state.status == "fail"]
        self.cursor = failed[0] if failed else 0

    @property
    def state(self) -> CellState:
        """What is known of the run at the cursor."""
        return self._states[self.cursor]

    @property
    def run(self) -> _Run:
        """The run at the cursor."""
        return _Run(self.state.run_id)

    @property
    def length(self) -> int:
        """How many there are."""
        return len(self._states)

    def move_to(self, number: int) -> None:
        """Go to another repeat, as far as there are more."""
        self.cursor = max(0, min(self.length - 1, number))


class OpenedCell(OpenedRunScreen):
    """An opened run with the checks above it; `[` and `]` go from repeat to repeat."""

    def __init__(self, engine: Engine, repeats: Repeats) -> None:
        super().__init__(engine, repeats)
        self._repeats = repeats

    def before(self) -> list[Line]:
        """Return the checks."""
        return check_lines(self._repeats.state)
