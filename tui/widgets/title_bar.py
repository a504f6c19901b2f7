"""The top line: where we are, whether it is a simulation, how many calls today."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.reactive import var

from tui.widgets.ink import Painted, Word, clip, clip_front, fit, width_of, word_at
from tui.widgets.spent import spent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click

    from tui.core.engine.events import GitChanged, TodayChanged

_NAME: list[Word] = [("penstock", "accent"), ("   ", "")]
_BRANCH_WIDTH = 24
_FOLDER_WIDTH = 12
"""So many cells of the folder are shown in any case."""


class TitleBar(Painted):
    """Says nothing that changes by the clock, so an idle screen sends nothing."""

    today: var[TodayChanged | None] = var(None)
    """Calls made today, and what they cost."""
    git: var[GitChanged | None] = var(None)
    """The branch, and how many prompt files differ from its last commit."""
    watching: var[str] = var("")
    """A remark on the watcher, when it is not the usual one."""

    def __init__(self, folder: Path, *, simulated: bool) -> None:
        super().__init__(id="title")
        self._folder = home_relative(folder)
        self._simulated = simulated

    def watch_today(self) -> None:
        """Repaint with the new figures."""
        self.refresh()

    def watch_git(self) -> None:
        """Repaint with the new state."""
        self.refresh()

    def watch_watching(self) -> None:
        """Repaint with the new remark."""
        self.refresh()

    def words(self, y: int) -> Sequence[Word]:
        """Return the line."""
        right: list[Word] = [("SIMULATED", "warning")] if self._simulated else []
        if self.today is not None:
            right += [("   " if right else "", ""), *_today(self.today)]
        beside: list[Word] = []
        if self.git is not None and self.git.branch:
            beside += [("  ", ""), *_git(self.git)]
        if self.watching:
            beside += [("  ", ""), (self.watching, "warning")]
        # The folder gives way first, at its front: the last folders are what tells one from another.
        room = self.size.width - width_of(right) - width_of(beside) - width_of(_NAME) - 1
        folder = (clip_front(self._folder, max(_FOLDER_WIDTH, room)), "muted")
        return fit([*_NAME, folder, *beside], right, self.size.width)

    async def on_click(self, event: Click) -> None:
        """Show the history when the calls of today are clicked."""
        words, offset = self.words(0), event.get_content_offset(self)
        at = word_at(words, offset.x) if offset is not None else None
        if at is not None and any(text.startswith("today") for text, _ in words[: at + 1]):
            await self.run_action("screen.history")


def _git(git: GitChanged) -> Sequence[Word]:
    counts = [f"±{git.modified:,}"] * bool(git.modified) + [f"+{git.untracked:,}"] * bool(git.untracked)
    return [(clip(git.branch, _BRANCH_WIDTH), "text"), (" ".join(["", *counts]), "muted")]


def _today(today: TodayChanged) -> Sequence[Word]:
    calls = "1 call" if today.calls == 1 else f"{today.calls:,} calls"
    cost = spent(today.usd, today.calls, today.unpriced, estimated=today.estimated)
    return [(f"today {calls}", "muted"), *cost]


def home_relative(path: Path) -> str:
    """Return a path as people write it, with `~` for the home folder."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except ValueError:
        return str(path)
