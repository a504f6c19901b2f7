"""Completing `{{variables}}`: what is being typed, what it may become, and the small list that offers it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.message import Message

from tui.widgets.ink import Painted, Word, clip

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual.events import Click
    from textual.geometry import Offset

_OPEN = re.compile(r"\{\{[ \t]*([\w.-]*)$")
MAX_ROWS = 8
MAX_WIDTH = 40


def begun(line: str, column: int) -> str | None:
    """Return the part of a name that stands between `{{` and the cursor; None where none is begun."""
    found = _OPEN.search(line[:column])
    return found[1] if found else None


def offered(names: Collection[str], part: str) -> list[str]:
    """Return the names that `part` may become: those that begin with it, then those that have it somewhere.

    None is offered when the only one is written out already.
    """
    wanted = part.casefold()
    first = [name for name in names if name.casefold().startswith(wanted)]
    found = [*first, *(name for name in names if wanted in name.casefold() and name not in first)]
    return [] if found == [part] else found


def closing(rest: str) -> str:
    """Return what must follow a completed name so that it is closed, given the line's `rest`."""
    if rest.lstrip(" \t").startswith("}}"):
        return ""
    return "}" if rest.startswith("}") else "}}"


class CompletionList(Painted):
    """A few names below the cursor; the keys are the editor's, as it keeps the focus."""

    @dataclass
    class Picked(Message):
        """A name was clicked."""

        name: str

    def __init__(self) -> None:
        super().__init__(id="completion")
        self.display = False
        self._names: list[str] = []
        self._chosen = 0

    @property
    def chosen(self) -> str | None:
        """The name that is marked, None while the list is closed."""
        return self._names[self._chosen] if self._names else None

    def show(self, names: Sequence[str], place: Offset) -> None:
        """Offer names at a place of the screen; none closes the list."""
        if list(names) != self._names:
            self._names, self._chosen = list(names), 0
        self.display = bool(names)
        if names:
            self.styles.width = min(MAX_WIDTH, max(map(cell_len, names)) + 2)
            self.styles.height = min(MAX_ROWS, len(names))
            self.absolute_offset = place
        self.refresh()

    def move(self, step: int) -> None:
        """Mark the next name, or from the last the first."""
        self._chosen = (self._chosen + step) % len(self._names)
        self.refresh()

    def on_click(self, event: Click) -> None:
        """Tell which name is wanted."""
        number = self._first + event.y
        if number < len(self._names):
            self.post_message(self.Picked(self._names[number]))

    @property
    def _first(self) -> int:
        return max(0, min(self._chosen - MAX_ROWS + 1, len(self._names) - MAX_ROWS))

    def words(self, y: int) -> Sequence[Word]:
        """Return one row."""
        first = self._first
        if first + y >= len(self._names):
            return ()
        name, here = self._names[first + y], first + y == self._chosen
        # A sign beside the colour: not every terminal shows the one.
        return [("▸" if here else " ", "accent"), (clip(name, self.size.width - 1), "strong" if here else "")]
