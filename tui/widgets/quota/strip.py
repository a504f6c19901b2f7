"""The strip of provider panels along the top, with the one timer that keeps their gauges moving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.containers import Horizontal

from tui.widgets.quota.gauge import FOLDED_EXTRA
from tui.widgets.quota.panel import ProviderPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.timer import Timer

    from tui.core.engine.events import ProviderState

TICK_S = 0.125
GAP = 1


class QuotaStrip(Horizontal):
    """All providers side by side; the timer runs only while some gauge moves."""

    def __init__(self, states: Mapping[str, ProviderState], clock: Callable[[], int]) -> None:
        super().__init__(id="quota")
        self._clock = clock
        self._panels = {name: ProviderPanel(state, clock) for name, state in states.items()}
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Yield the panels, in the order of the presets."""
        yield from self._panels.values()

    def on_mount(self) -> None:
        """Make the timer; it sleeps until a gauge moves."""
        self._timer = self.set_interval(TICK_S, self._tick, pause=True)
        self._wake()

    def __contains__(self, provider: str) -> bool:
        return provider in self._panels

    async def complete(self, states: Mapping[str, ProviderState]) -> None:
        """Add the panels of providers that have none yet, each at its place in the order of `states`."""
        before: ProviderPanel | None = None
        for name, state in reversed(list(states.items())):
            if name not in self._panels:
                await self.mount(ProviderPanel(state, self._clock), before=before)
            before = self.query_one(f"#panel-{name}", ProviderPanel)
        self._panels = {panel.state.name: panel for panel in self.query(ProviderPanel)}
        self._share_out()

    def show(self, state: ProviderState) -> None:
        """Take in a provider's new state."""
        if panel := self._panels.get(state.name):
            panel.show(state)
            self._wake()

    def select(self, provider: str | None) -> None:
        """Mark the provider that runs go to."""
        for name, panel in self._panels.items():
            panel.show(selected=name == provider)

    def aim(self, models: Mapping[str, str]) -> None:
        """Show of each provider, by name, what a run with that model would meet."""
        for name, panel in self._panels.items():
            panel.show(model=models.get(name))
        self._wake()

    def on_resize(self) -> None:
        """Give each panel its part of the new width."""
        self._share_out()

    def _share_out(self) -> None:
        """Share out the line among folded panels: whole names if there is room, the rest for the bars."""
        panels = list(self._panels.values())
        # A gap at the right end too: no figure touches the edge.
        room = self.content_region.width - GAP * len(panels) - len(panels) * (FOLDED_EXTRA + 1)
        names = _name_width([cell_len(panel.state.name) for panel in panels], room)
        room -= sum(min(names, cell_len(panel.state.name)) for panel in panels)
        width, extra = divmod(max(0, room), max(1, len(panels)))
        for number, panel in enumerate(panels):
            panel.name_width = names
            panel.bar_width = 1 + width + (1 if number < extra else 0)
            folded = min(names, cell_len(panel.state.name)) + FOLDED_EXTRA + panel.bar_width
            last = number == len(panels) - 1
            panel.styles.width = folded + (0 if last else GAP) if self.folded else "1fr"
            self.call_after_refresh(panel.show)  # a panel that keeps its own width would not notice

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


def _name_width(names: Sequence[int], room: int) -> int:
    """Return the width to which names must be cut so that together they take at most `room` cells."""
    widest = max(names, default=1)
    return next((width for width in range(widest, 1, -1) if sum(min(width, n) for n in names) <= room), 1)
