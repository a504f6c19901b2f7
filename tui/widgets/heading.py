"""The one-line title of a pane: words at the left, words at the right, a thin rule between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.widgets.ink import Painted, Word, fit

if TYPE_CHECKING:
    from collections.abc import Sequence


class Heading(Painted):
    """Repaints when its words change, and only then."""

    def __init__(self, *left: Word, id: str | None = None, rule: str = "─") -> None:
        super().__init__(id=id)
        self._left: tuple[Word, ...] = left
        self._right: tuple[Word, ...] = ()
        self._rule = rule

    def show(self, left: Sequence[Word] | None = None, right: Sequence[Word] | None = None) -> None:
        """Change the words of either end; None leaves that end as it is."""
        new = (
            tuple(left) if left is not None else self._left,
            tuple(right) if right is not None else self._right,
        )
        if new != (self._left, self._right):
            self._left, self._right = new
            self.refresh()

    @property
    def text(self) -> str:
        """What it says, both ends."""
        return " ".join(text for text, _ in (*self._left, *self._right))

    def words(self, y: int) -> Sequence[Word]:
        """Return the line."""
        left = [*self._left, (" ", "")] if self._left else []
        right = [(" ", ""), *self._right] if self._right else []
        return fit(left, right, self.size.width, fill=(self._rule, "faint"))
