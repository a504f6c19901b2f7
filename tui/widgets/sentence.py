"""What is wrong with what stands beside it, in as many rows as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui.widgets.ink import Painted, Word, clip
from tui.widgets.reading.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ROWS = 4


class Sentence(Painted):
    """Takes no room while there is nothing to say."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._mark: Word = ("", "")
        self._rows: list[str] = []
        self.display = False

    def show(self, mark: Word, text: str, width: int) -> None:
        """Say a sentence behind a mark; an empty one ends that."""
        rows = wrapped(text, width - cell_len(mark[0]))[:MOST_ROWS] if text else []
        if (mark, rows) != (self._mark, self._rows):
            self._mark, self._rows = mark, rows
            self.styles.height = max(1, len(rows))
            self.refresh()
        self.display = bool(rows)

    @property
    def text(self) -> str:
        """What it says."""
        return self._mark[0] + " ".join(self._rows)

    def words(self, y: int) -> Sequence[Word]:
        """Return one row; all begin behind the mark."""
        if y >= len(self._rows):
            return ()
        indent = cell_len(self._mark[0])
        first = self._mark if y == 0 else (" " * indent, "")
        return [first, (clip(self._rows[y], self.size.width - indent), "text")]
