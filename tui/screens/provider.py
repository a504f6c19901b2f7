"""A provider's page: every limit with its level, who waits, the last hour, and the limits to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work

from tui.action_table import SCREENS
from tui.actions import bindings
from tui.bridge import EngineNews
from tui.core.engine.events import ProviderChanged, RunChanged, TodayChanged
from tui.core.quota.clock import now_ns
from tui.core.settings import SettingsError
from tui.core.typed import whole_number
from tui.screens.lines_page import LinesPage
from tui.widgets.quota.detail import FIELDS, figure, page
from tui.widgets.quota.gauge import at_rest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.events import Click

    from tui.core.engine.engine import Engine
    from tui.core.engine.events import RunState
    from tui.core.store.traffic import Traffic

_TRAFFIC_S = 10.0
"""The last hour is read again this often, and whenever a call has ended."""
_DEFAULT_HOLD = "60"


class ProviderPage(LinesPage):
    """Follows one provider; `p` goes on to the next."""

    PLACES = SCREENS["provider"]
    BINDINGS = bindings(*PLACES)

    def __init__(self, engine: Engine, provider: str, waiting: Iterable[RunState]) -> None:
        super().__init__(engine)
        self.provider = provider
        self._waiting = {run.id: run for run in waiting}
        self._traffic: Traffic | None = None
        self._limit = 0
        self._places: tuple[int, ...] = ()

    def on_mount(self) -> None:
        """Read what the time does not bring by itself."""
        self.set_interval(_TRAFFIC_S, self._read)
        self._turn_to(self.provider)

    @on(EngineNews)
    def _take_in(self, news: EngineNews) -> None:
        for event in news.events:
            match event:
                case ProviderChanged(state=state) if state.name == self.provider:
                    self.follow_time()
                case RunChanged(state=run):
                    self._waiting.pop(run.id, None)  # one that has ended would keep its answer in memory
                    if run.status == "waiting":
                        self._waiting[run.id] = run
                case TodayChanged():
                    self._read()

    # ---------------------------------------------------------------- showing

    def _turn_to(self, provider: str) -> None:
        self.provider, self._traffic = provider, None
        state = self.engine.providers[provider]
        self.heading.show([(state.title, "strong")], [(state.name, "muted")])
        self.follow_time()
        self._read()

    def paint_lines(self) -> None:
        """Give the lines what is so now."""
        waiting = [run for run in self._waiting.values() if run.provider == self.provider]
        state = self.engine.providers[self.provider]
        found = page(
            state, self._traffic, waiting, now_ns(), self.lines.size.width, self._limit,
            demo=self.engine.demo is not None,
        )  # fmt: skip
        self._places = found.limits
        self.lines.show(found.lines)

    @property
    def moving(self) -> bool:
        """Whether a limit fills, or somebody waits."""
        state, now = self.engine.providers[self.provider], now_ns()
        return not all(at_rest(state.about(model), now) for model in (state.model, *state.models))

    @work(group="traffic", exclusive=True)
    async def _read(self) -> None:
        provider = self.provider
        traffic = await self.answered(self.engine.quotas.traffic(provider))
        if provider == self.provider:
            self._traffic = traffic
            self.show_lines()

    # ---------------------------------------------------------------- acting

    def action_limit(self, step: int) -> None:
        """Mark the next limit."""
        self._limit = (self._limit + step) % len(FIELDS)
        self.show_lines()

    def action_other(self, step: int) -> None:
        """Go on to the next provider."""
        names = list(self.engine.providers)
        self._turn_to(names[(names.index(self.provider) + step) % len(names)])

    def action_resume(self) -> None:
        """Let calls go to the provider again."""
        self.engine.resume(self.provider)
        self.key_line.tell(f"{self.engine.providers[self.provider].title} may be called.")

    @work(group="ask", exclusive=True)
    async def action_hold(self) -> None:
        """Ask for how long nobody is to call the provider."""
        answer = await self.ask_line.ask("seconds to hold all calls", _DEFAULT_HOLD)
        if answer is None:
            return
        try:
            seconds = float(answer)
        except ValueError:
            seconds = -1.0
        if not 0 < seconds < float("inf"):
            self.key_line.tell("A hold is a number of seconds, more than 0.", "warning")
            return
        self.engine.quotas.hold(self.provider, seconds, "by hand")

    @work(group="ask", exclusive=True)
    async def action_change(self) -> None:
        """Ask for the marked limit, and write it into the settings."""
        field = list(FIELDS)[self._limit]
        quota = self.engine.providers[self.provider].quota
        answer = await self.ask_line.ask(FIELDS[field], figure(quota, field), hint="empty: none of our own")
        if answer is None:
            return
        text = answer.strip().replace(",", "").replace("_", "")
        number = whole_number(text)
        value = (text or None) if number is None else number
        written = self.engine.quotas.set_limit(self.provider, field, value)
        await self.to_its_end(self.answered(written, known=(SettingsError, OSError)))

    def on_click(self, event: Click) -> None:
        """Mark the limit that was clicked."""
        row = event.screen_y - self.lines.region.y
        if row in self._places:
            self._limit = self._places.index(row)
            self.show_lines()
