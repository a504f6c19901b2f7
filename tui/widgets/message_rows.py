"""The rows of a message that is too long for the bottom row, above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.widgets.ink import Painted, Word

if TYPE_CHECKING:
    from collections.abc import Sequence


class MessageRows(Painted):
    """Lies over the screen, so that nothing below it has to move; not there while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self.display = False
        self._rows: Sequence[str] = ()
        self._ink = "text"

    def show(self, rows: Sequence[str], ink: str) -> None:
        """Show these rows, or go away if there are none."""
        self._rows, self._ink = rows, ink
        self.styles.height = len(rows) or 1
        self.display = bool(rows)
        self.refresh()

    def words(self, y: int) -> Sequence[Word]:
        """Return a row."""
        return [(self._rows[y], self._ink)] if y < len(self._rows) else []
