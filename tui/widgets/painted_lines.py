"""A text of painted lines that repaints only those that look different."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region, Size

from tui.widgets.ink import Painted, Word

if TYPE_CHECKING:
    from collections.abc import Sequence


class PaintedLines(Painted):
    """As high as its lines are many."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[tuple[Word, ...], ...] = ()

    def show(self, lines: tuple[tuple[Word, ...], ...]) -> None:
        """Change the lines; sends nothing when none differs."""
        old, self._lines = self._lines, lines
        if len(old) != len(lines):
            self.refresh(layout=True)
            return
        for y, (before, after) in enumerate(zip(old, lines, strict=True)):
            if before != after:
                self.refresh(Region(0, y, self.size.width, 1))

    @property
    def text(self) -> str:
        """What is shown."""
        return "\n".join("".join(word for word, _ in line) for line in self._lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines."""
        return max(1, len(self._lines))

    def words(self, y: int) -> Sequence[Word]:
        """Return one line."""
        return self._lines[y] if y < len(self._lines) else ()
