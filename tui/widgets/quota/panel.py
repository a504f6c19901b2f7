"""One provider's panel; it repaints a line only when that line looks different."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.message import Message

from tui.widgets.ink import Painted, Word
from tui.widgets.jumping import Place
from tui.widgets.quota.gauge import PanelView, folded_view, panel_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.events import Click

    from tui.core.engine.events import ProviderState

FULL_HEIGHT = 4


class ProviderPanel(Painted):
    """Name, level, bar, model, rate and what is going on, in four lines; or folded to one."""

    @dataclass
    class Chosen(Message):
        """The panel was clicked."""

        provider: str

    def __init__(self, state: ProviderState, clock: Callable[[], int]) -> None:
        super().__init__(id=f"panel-{state.name}")
        self.state = state
        self._clock = clock
        self._selected = False
        self._model = ""
        self._view: PanelView | None = None
        self.bar_width = 3
        """Width of the bar when folded, in cells; the strip shares out what room there is."""
        self.name_width = 99
        """Width to which the name is cut when folded, in cells."""

    @property
    def at_rest(self) -> bool:
        """Whether nothing will change by the passing of time alone."""
        return self._view is None or self._view.at_rest

    def show(
        self,
        state: ProviderState | None = None,
        *,
        selected: bool | None = None,
        model: str | None = None,
    ) -> None:
        """Take in a new state, or which model a run would use, and repaint what looks different now."""
        self.state = state or self.state
        self._model = model or self._model
        self._selected = self._selected if selected is None else selected
        self.tick()

    def tick(self) -> None:
        """Repaint the lines that the passing of time has changed; sends nothing when none has."""
        old, new = self._view, self._look()
        if old is None or len(old.lines) != len(new.lines):
            self.refresh()
        else:
            for y, (before, after) in enumerate(zip(old.lines, new.lines, strict=True)):
                if before != after:
                    self.refresh(Region(0, y, self.size.width, 1))
        self._view = new

    def on_resize(self) -> None:
        """Look again: what was painted for the old width is wrong now."""
        self.tick()

    def words(self, y: int) -> Sequence[Word]:
        """Return line `y` of the view."""
        if self._view is None:
            self._view = self._look()
        lines = self._view.lines
        return lines[y] if y < len(lines) else ()

    def jump_places(self) -> Iterable[Place]:
        """Return the one place it is: going there chooses the provider."""
        yield Place(0, 0, partial(self.post_message, self.Chosen(self.state.name)))

    def on_click(self, event: Click) -> None:
        """Choose the provider."""
        event.stop()
        self.post_message(self.Chosen(self.state.name))

    def _look(self) -> PanelView:
        now, state = self._clock(), self.state.about(self._model or self.state.model)
        if self.size.height >= FULL_HEIGHT:
            return panel_view(state, now, self.size.width, selected=self._selected)
        return folded_view(state, now, self.name_width, self.bar_width, selected=self._selected)
