"""Where a run is replayed: version and provider, chosen with the arrows on the bottom row."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.actions import bindings
from tui.core.quota.clock import now_ns
from tui.widgets.ink import Painted, Word, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.widget import Widget

    from tui.core.engine.events import ProviderState
    from tui.core.prompts.snapshot import VersionRow

ROOM_FOR_KEYS = 100
"""Width in cells from which the keys are told."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to: a version, None for text that is in no file, and a provider."""

    row: VersionRow | None
    provider: ProviderState


class ReplayLine(Painted, can_focus=True):
    """One row, like AskLine; `choose` is for a worker, since it returns only with the choice."""

    BINDINGS = bindings("replay")

    def __init__(self) -> None:
        super().__init__(id="replay")
        self.display = False
        self._rows: Sequence[VersionRow | None] = ()
        self._providers: Sequence[ProviderState] = ()
        self._row = self._provider = 0
        self._sent_version: int | None = None
        self._sent_hash = ""
        self._choice: asyncio.Future[Target | None] | None = None
        self._before: Widget | None = None

    async def choose(
        self,
        rows: Sequence[VersionRow | None],
        providers: Sequence[ProviderState],
        begin: tuple[int, int],
        sent: tuple[int | None, str],
    ) -> Target | None:
        """Return what is chosen, None for nothing; `begin` is where each of the two choices begins.

        `sent` is the version that ran, and its content hash: it is marked if it says something else now.
        """
        self._close(None)
        choice: asyncio.Future[Target | None] = asyncio.get_running_loop().create_future()
        self._choice = choice
        self._rows, self._providers = rows, providers
        self._sent_version, self._sent_hash = sent
        self._row, self._provider = begin
        self._before = self.screen.focused
        self._show(True)
        self.focus()
        self.refresh()
        try:
            return await choice
        finally:
            if self._choice is choice:
                self._close(None)

    @property
    def target(self) -> Target:
        """What is chosen at this moment."""
        return Target(self._rows[self._row], self._providers[self._provider])

    def words(self, y: int) -> Sequence[Word]:
        """Return the row."""
        if not self._providers:
            return ()
        row, state = self.target.row, self.target.provider
        words: list[Word] = [("replay  ", "key")]
        if row is not None:
            words += [(row.name, "text"), *_chosen(f"v{row.version}", len(self._rows))]
            if row.version == self._sent_version and row.content_hash != self._sent_hash:
                words.append((" changed since", "warning"))
            words.append(("  on", "muted"))
        words += _chosen(state.name, len(self._providers))
        if not state.usable:
            words.append((f"  no key {' '.join(state.missing)}", "warning"))
        else:
            words.append((f"  {state.quota.left(now_ns())}/{state.quota.capacity}", "muted"))
        arrows = "←→ provider  ↑↓ version  " if self.size.width >= ROOM_FOR_KEYS else ""
        return fit(words, [(f"{arrows}enter runs  esc", "muted")], self.size.width)

    # ---------------------------------------------------------------- keys

    def action_provider(self, step: int) -> None:
        """Choose another provider."""
        self._provider = (self._provider + step) % len(self._providers)
        self.refresh()

    def action_version(self, step: int) -> None:
        """Choose another version."""
        self._row = max(0, min(len(self._rows) - 1, self._row + step))
        self.refresh()

    def action_go(self) -> None:
        """Take what is chosen."""
        self._close(self.target)

    def action_leave(self) -> None:
        """Take nothing."""
        self._close(None)

    def on_blur(self) -> None:
        """Who goes elsewhere wants nothing of it; another window is not elsewhere."""
        if self.app.app_focus:
            self._close(None)

    def _close(self, target: Target | None) -> None:
        choice, self._choice = self._choice, None
        if choice is None:
            return
        self._show(False)
        if self._before is not None and self._before.is_attached and self.has_focus:
            self._before.focus()
        if not choice.done():
            choice.set_result(target)

    def _show(self, choosing: bool) -> None:
        if not self.is_attached:
            return  # the screen was closed meanwhile
        self.display = choosing
        for keys in self.screen.query("#keys"):
            keys.display = not choosing


def _chosen(word: str, others: int) -> Sequence[Word]:
    """Return a choice with signs that there are others."""
    return [(" ‹ " if others > 1 else " ", "faint"), (word, "accent"), (" ›" if others > 1 else "", "faint")]
