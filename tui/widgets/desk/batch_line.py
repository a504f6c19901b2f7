"""The line above answers that were asked for together: each by its name, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.message import Message

from tui.widgets.desk.answer_words import sign
from tui.widgets.ink import Painted, Word, fit
from tui.widgets.jumping import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.events import Click

    from tui.core.engine.events import RunState

_BEGIN: list[Word] = [("Answers", "strong"), ("  ", "")]
_GAP = 2


def names(runs: Sequence[RunState]) -> list[str]:
    """Return a name for each run, of what they do not have in common."""
    parts = [(f"v{run.version}", run.provider, run.case) for run in runs]
    telling = [place for place in range(3) if len({part[place] for part in parts}) > 1] or [1]
    return [" ".join(filter(None, (part[place] for place in telling))) for part in parts]


def progress(runs: Sequence[RunState]) -> str:
    """Return `3/5, 2 waiting`: how many have ended, of how many, and what keeps the rest."""
    over, waiting = sum(run.over for run in runs), sum(run.status == "waiting" for run in runs)
    return f"{over}/{len(runs)}" + (f", {waiting} waiting" if waiting else "")


class BatchLine(Painted):
    """Repaints when it says something else; a click on a name asks for that answer."""

    @dataclass
    class Chosen(Message):
        """An answer was clicked."""

        place: int

    def __init__(self) -> None:
        super().__init__(id="batch-line")
        self._left: list[Word] = []
        self._right: list[Word] = []

    def show(self, runs: Sequence[RunState], current: int, remarks: Sequence[Word] = ()) -> None:
        """Show the names of the runs, with the one at hand marked."""
        left = list(_BEGIN)
        for place, (run, name) in enumerate(zip(runs, names(runs), strict=True)):
            left += [(name, "tab" if place == current else "muted"), sign(run), (" " * _GAP, "")]
        right = [(progress(runs), "muted")]
        for remark in remarks:
            right += [("   ", ""), remark]
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    @property
    def text(self) -> str:
        """What it says, both ends."""
        return "".join(text for text, _ in (*self._left, (" ", ""), *self._right))

    def words(self, y: int) -> Sequence[Word]:
        """Return the line."""
        return fit(self._left, [(" ", ""), *self._right], self.size.width, fill=("─", "faint"))

    def on_click(self, event: Click) -> None:
        """Ask for the answer whose name was clicked."""
        for place, x, width in self._places():
            if x <= event.x < x + width:
                self.post_message(self.Chosen(place))

    def jump_places(self) -> Iterable[Place]:
        """Return the names of the answers."""
        for place, x, _ in self._places():
            yield Place(x, 0, partial(self.post_message, self.Chosen(place)))

    def _places(self) -> Iterable[tuple[int, int, int]]:
        """Return number, left side and width of each answer's words."""
        x = sum(cell_len(text) for text, _ in _BEGIN)
        for place, first in enumerate(range(len(_BEGIN), len(self._left), 3)):
            width = sum(cell_len(text) for text, _ in self._left[first : first + 3])
            yield place, x, width
            x += width
