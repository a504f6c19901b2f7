"""Resuming: the screen begins as it was left, with its layout, the version at hand, view and provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on, work

from tui.screens.acts.arranging import LARGEST, SMALLEST, Arranging
from tui.screens.acts.base import NoAnswer
from tui.widgets.browser.browser import Browser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.timer import Timer

    from tui.core.prompts.snapshot import LibrarySnapshot
    from tui.widgets.browser.rows import Key

PREFIX = "screen:"
LAYOUT, SELECTION, VIEW, PROVIDER = (
    f"{PREFIX}{name}" for name in ("layout", "selection", "view", "provider")
)
_KEEP_AFTER_S = 0.5


class Resuming(Arranging):
    """Keeps a change in a moment, since a terminal may go without a word."""

    _kept: Mapping[str, Any] | None = None
    """What was kept last; None: what was kept before this start has not been read yet."""
    _current: Mapping[str, Any] | None = None
    _timer: Timer | None = None
    _began_at: Key | None = None
    _wanted: Key | None = None
    _provider_wanted: str | None = None

    def on_mount(self) -> None:
        """Notice what changes."""
        for name in ("view", "zoomed", "share"):
            self.watch(self.desk, name, self.note_place, init=False)
        for name in ("provider", "browser_hidden", "side_width"):
            self.watch(self, name, self.note_place, init=False)

    # ---------------------------------------------------------------- keeping

    @on(Browser.Highlighted)
    def note_place(self) -> None:
        """Keep in a moment how the screen stands now."""
        if self._kept is None or not self.is_mounted:
            return
        row, desk = self.desk.row, self.desk
        layout = {
            "hidden": self.browser_hidden,
            "side": self.side_width,
            "share": desk.share,
            "zoomed": desk.zoomed,
        }
        self._current = {LAYOUT: layout, VIEW: desk.view, PROVIDER: self.provider}
        if row is not None and self._wanted is None:
            self._current = {**self._current, SELECTION: {"name": row.name, "version": row.version}}
        if self._timer is None:
            self._timer = self.set_timer(_KEEP_AFTER_S, self.keep_place)

    def keep_place(self) -> None:
        """Keep what has changed since it was last kept."""
        self._timer = None
        before, now = self._kept or {}, self._current or {}
        if changed := {key: value for key, value in now.items() if before.get(key) != value}:
            self._kept = {**before, **changed}
            self.engine.memory.keep(changed)

    # ---------------------------------------------------------------- finding it again

    @work(group="resume", exclusive=True)
    async def resume(self) -> None:
        """Read how the screen was left, and bring it back unless the user is further already."""
        self._began_at = self.browser.node.key if self.browser.node else None
        try:
            kept = await self.answered(self.engine.memory.find(PREFIX))
        except NoAnswer:
            if not self.in_use:
                return
            kept = {}  # the screen works without
        self._kept = kept
        self._arrange_as(kept.get(LAYOUT))
        if self.desk.view == "template" and kept.get(VIEW) in ("template", "preview", "answer"):
            self.desk.view = kept[VIEW] if kept[VIEW] != "answer" or self.desk.short else "template"
        if self.engine.settings.provider is None:
            self._provider_wanted = str(kept.get(PROVIDER))
        selection = kept.get(SELECTION)
        if isinstance(selection, dict) and isinstance(selection.get("version"), int):
            self._wanted = str(selection.get("name")), selection["version"]
        await self.go_where_it_was()
        await self.act_when_at_rest()

    @property
    def at_rest(self) -> bool:
        """Whether all prompts are read, and the screen is back where it was left."""
        library = self.engine.library
        if library is None or library.loading:
            return False
        return not (library.versions or library.reports) or (self._kept is not None and self._wanted is None)

    async def go_where_it_was(self) -> None:
        """Go to the version that was at hand, once the library has it; then to the provider."""
        library = self.engine.library
        if self._kept is None or library is None:
            return
        if self._wanted is not None:
            here = self.browser.node.key if self.browser.node else None
            if here != self._began_at and self._began_at is not None:
                self._wanted = None  # the user has gone elsewhere meanwhile
            elif _has(library, self._wanted):
                self.browser.select(self._wanted)
                await self.follow_cursor()
                self._wanted = None
            elif not library.loading:
                self._wanted = None
            else:
                return
        provider, self._provider_wanted = self._provider_wanted, None
        if provider in self.engine.providers and self.engine.providers[provider].usable:
            self.provider = provider
        self.note_place()

    def _arrange_as(self, layout: Any) -> None:
        """Bring back a layout; what is no layout (another release wrote it) is left alone."""
        if not isinstance(layout, dict):
            return
        share, side = layout.get("share"), layout.get("side")
        if isinstance(share, int):
            self.desk.share = max(SMALLEST, min(LARGEST, share))
        if isinstance(side, int):
            self.widen_browser(side)
        if layout.get("hidden") is True:
            self.browser_hidden = True
            self.set_focus(self.desk.text)
        if (zoomed := layout.get("zoomed")) in ("browser", "text", "answer") and not self.desk.short:
            pane = {"browser": self.browser, "text": self.desk.text, "answer": self.desk.answer.text}[zoomed]
            self.set_focus(pane)  # at once: a focus that came later would end the zoom
            self.desk.zoomed = zoomed


def _has(library: LibrarySnapshot, key: Key) -> bool:
    return any((row.name, row.version) == key for row in library.versions)
