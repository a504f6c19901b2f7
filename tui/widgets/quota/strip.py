"""The strip of provider panels along the top, with the one timer that keeps their gauges moving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.containers import Horizontal

from tui.widgets.quota.gauge import FIGURE_WIDTH
from tui.widgets.quota.panel import ProviderPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.app import ComposeResult
    from textual.events import Resize
    from textual.timer import Timer

    from tui.core.engine.events import ProviderState

TICK_S = 0.125
GAP = 1


class QuotaStrip(Horizontal):
    """All providers side by side; the timer runs only while some gauge moves."""

    def __init__(self, states: Mapping[str, ProviderState], clock: Callable[[], int]) -> None:
        super().__init__(id="quota")
        self._panels = {name: ProviderPanel(state, clock) for name, state in states.items()}
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Yield the panels, in the order of the presets."""
        yield from self._panels.values()

    def on_mount(self) -> None:
        """Make the timer; it sleeps until a gauge moves."""
        self._timer = self.set_interval(TICK_S, self._tick, pause=True)
        self._wake()

    def show(self, state: ProviderState) -> None:
        """Take in a provider's new state."""
        if panel := self._panels.get(state.name):
            panel.show(state)
            self._wake()

    def select(self, provider: str | None) -> None:
        """Mark the provider that runs go to."""
        for name, panel in self._panels.items():
            panel.show(selected=name == provider)

    def on_resize(self, event: Resize) -> None:
        """Share out the room for the bars of folded panels, so that the strip fills its line."""
        panels = self._panels.values()
        fixed = sum(_fixed_width(panel) for panel in panels)
        room = self.content_region.width - fixed - GAP * (len(self._panels) - 1)
        width, extra = divmod(max(0, room), max(1, len(self._panels)))
        for number, panel in enumerate(panels):
            panel.bar_width = max(1, width + (1 if number < extra else 0))
            folded = _fixed_width(panel) + panel.bar_width + (GAP if number < len(self._panels) - 1 else 0)
            panel.styles.width = folded if self.folded else "1fr"

    @property
    def folded(self) -> bool:
        """Whether each panel is one line."""
        return self.size.height <= 1

    def _wake(self) -> None:
        if self._timer is not None and not all(panel.at_rest for panel in self._panels.values()):
            self._timer.resume()

    def _tick(self) -> None:
        for panel in self._panels.values():
            if not panel.at_rest:
                panel.tick()
        if self._timer is not None and all(panel.at_rest for panel in self._panels.values()):
            self._timer.pause()


def _fixed_width(panel: ProviderPanel) -> int:
    """Return the cells of a folded panel without its bar: mark, name, space, figure."""
    return 1 + cell_len(panel.state.name) + 1 + FIGURE_WIDTH
