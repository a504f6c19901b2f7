"""A list above the bottom row, to choose one thing from while a question there is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.message import Message

from tui.core.text import printable
from tui.widgets.ink import Painted, Word, clip, paint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click
    from textual.strip import Strip

MAX_ROWS = 8
_NAME_WIDTH = 28


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing to choose: `key` is what it is called in the program, the rest is shown."""

    key: str
    name: str
    about: str = ""
    marked: bool = False
    """Whether it is what is chosen now."""


class PickList(Painted):
    """Lies over the screen, so that nothing below it has to move; found by words, gone through by arrows."""

    class Picked(Message):
        """A row was clicked; it is the one at the cursor now."""

    def __init__(self) -> None:
        super().__init__(id="picks")
        self.display = False
        self._all: tuple[Pick, ...] = ()
        self._shown: list[Pick] = []
        self._words: list[str] = []
        self._cursor = 0
        self._top = 0

    def open(self, picks: Sequence[Pick]) -> None:
        """Show what there is, with the cursor at what is chosen now."""
        self._all = tuple(picks)
        self._show([])
        self._go_to(next((i for i, pick in enumerate(self._shown) if pick.marked), 0))
        self.display = True

    @property
    def chosen(self) -> str | None:
        """The key of the row at the cursor; None if no row is left."""
        return self._shown[self._cursor].key if self._shown else None

    def close(self) -> None:
        """Go away."""
        self.display = False

    def filter(self, text: str) -> None:
        """Show the rows that have all of these words, in small or capital letters; none: say so."""
        words = text.casefold().split()
        if words != self._words:
            self._show(words)

    def _show(self, words: list[str]) -> None:
        self._words = words
        self._shown = [
            pick for pick in self._all if all(w in f"{pick.name} {pick.about}".casefold() for w in words)
        ]
        self.styles.height = max(1, min(MAX_ROWS, len(self._shown)))
        self._go_to(0)

    def step(self, step: int) -> None:
        """Move the cursor; from the last row it goes to the first."""
        if self._shown:
            self._go_to((self._cursor + step) % len(self._shown))

    def _go_to(self, row: int) -> None:
        self._cursor = row
        self._top = max(min(self._top, row), row - MAX_ROWS + 1)
        self._top = min(self._top, max(0, len(self._shown) - MAX_ROWS))
        self.refresh()

    def on_click(self, event: Click) -> None:
        """Choose a row."""
        row = self._top + event.y
        if row < len(self._shown):
            self._go_to(row)
            self.post_message(self.Picked())

    def words(self, y: int) -> Sequence[Word]:
        """Return a row."""
        if not self._shown:
            return [("  nothing has these words", "muted")]
        row = self._top + y
        if row >= len(self._shown):
            return []
        pick = self._shown[row]
        width = min(_NAME_WIDTH, max(cell_len(printable(other.name)) for other in self._all))
        name = clip(printable(pick.name), width)
        room = self.size.width - width - 6
        about = clip(printable(" ".join(pick.about.split())), max(0, room))
        sign: Word = ("● ", "accent") if pick.marked else ("  ", "")
        gap = " " * (width - cell_len(name) + 2)
        return [sign, (name, "strong" if row == self._cursor else "text"), (gap, ""), (about, "muted")]

    def render_line(self, y: int) -> Strip:
        """Paint a row, the one at the cursor on its own ground."""
        here = bool(self._shown) and self._top + y == self._cursor
        return paint(self, self.words(y), self.size.width, background="pick--cursor" if here else "")

    COMPONENT_CLASSES = {"pick--cursor"}  # noqa: RUF012 - as Textual declares it
