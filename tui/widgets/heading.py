"""The one-line title of a pane: words at the left, words at the right, a thin rule between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.widgets.ink import Painted, Word, fit, word_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.events import Click


class Heading(Painted):
    """Repaints when its words change, and only then."""

    def __init__(self, *left: Word, id: str | None = None, rule: str = "─") -> None:
        super().__init__(id=id)
        self._left: tuple[Word, ...] = left
        self._right: tuple[Word, ...] = ()
        self._rule = rule
        self._acts: Mapping[str, str] = {}

    def show(
        self,
        left: Sequence[Word] | None = None,
        right: Sequence[Word] | None = None,
        acts: Mapping[str, str] | None = None,
    ) -> None:
        """Change the words of either end, or what a click on a word does; None leaves that as it is.

        `acts` are actions by the words, without the spaces around them.
        """
        self._acts = acts if acts is not None else self._acts
        new = (
            tuple(left) if left is not None else self._left,
            tuple(right) if right is not None else self._right,
        )
        if new != (self._left, self._right):
            self._left, self._right = new
            self.refresh()

    async def on_click(self, event: Click) -> None:
        """Do what the word at that place stands for."""
        words, offset = self.words(0), event.get_content_offset(self)
        at = word_at(words, offset.x) if offset is not None else None
        if at is not None and (call := self._acts.get(words[at][0].strip())):
            await self.run_action(call)

    @property
    def text(self) -> str:
        """What it says, both ends."""
        return " ".join(text for text, _ in (*self._left, *self._right))

    def words(self, y: int) -> Sequence[Word]:
        """Return the line."""
        left = [*self._left, (" ", "")] if self._left else []
        right = [(" ", ""), *self._right] if self._right else []
        return fit(left, right, self.size.width, fill=(self._rule, "faint"))
