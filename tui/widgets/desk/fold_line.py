"""One quiet line in place of a model's reasoning, which a click unfolds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tui.widgets.ink import Painted, Word, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click


class FoldLine(Painted):
    """Says how much there is; repaints when that changes."""

    class Toggled(Message):
        """It was clicked."""

    def __init__(self) -> None:
        super().__init__(classes="fold-line")
        self._characters = 0
        self._unfolded = False

    def show(self, characters: int, *, unfolded: bool) -> None:
        """Say how many characters there are, and whether they are in sight."""
        if (characters, unfolded) != (self._characters, self._unfolded):
            self._characters, self._unfolded = characters, unfolded
            self.refresh()

    def words(self, y: int) -> Sequence[Word]:
        """Return the line."""
        sign = "▾" if self._unfolded else "▸"
        return fit([(f"reasoning {self._characters:,} characters {sign}", "faint")], (), self.size.width)

    def on_click(self, event: Click) -> None:
        """Tell that the reasoning is to be folded or unfolded."""
        event.stop()
        self.post_message(self.Toggled())
