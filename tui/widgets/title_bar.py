"""The top line: where we are, whether it is a simulation, how many calls today."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.reactive import var

from tui.widgets.ink import Painted, Word, fit

if TYPE_CHECKING:
    from collections.abc import Sequence


class TitleBar(Painted):
    """Says nothing that changes by the clock, so an idle screen sends nothing."""

    calls: var[int | None] = var(None)
    """Calls made today."""
    watching: var[str] = var("")
    """A remark on the watcher, when it is not the usual one."""

    def __init__(self, folder: Path, *, simulated: bool) -> None:
        super().__init__(id="title")
        self._folder = home_relative(folder)
        self._simulated = simulated

    def watch_calls(self) -> None:
        """Repaint with the new number."""
        self.refresh()

    def watch_watching(self) -> None:
        """Repaint with the new remark."""
        self.refresh()

    def words(self, y: int) -> Sequence[Word]:
        """Return the line."""
        left: list[Word] = [("penstock", "accent"), ("   ", ""), (self._folder, "muted")]
        if self.watching:
            left += [("  ", ""), (self.watching, "warning")]
        right: list[Word] = [("SIMULATED", "warning")] if self._simulated else []
        if self.calls is not None:
            calls = "1 call" if self.calls == 1 else f"{self.calls:,} calls"
            right += [("   " if right else "", ""), (f"today {calls}", "muted")]
        return fit(left, right, self.size.width)


def home_relative(path: Path) -> str:
    """Return a path as people write it, with `~` for the home folder."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except ValueError:
        return str(path)
