"""A provider's page: every limit with its level, who waits, the last hour, and the limits to change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import VerticalScroll
from textual.getters import query_one

from tui.actions import bindings
from tui.bridge import Bridge, EngineNews
from tui.core.engine.events import Notice, ProviderChanged, RunChanged, TodayChanged
from tui.core.quota.clock import now_ns
from tui.core.settings import SettingsError
from tui.screens.acts.base import Surface
from tui.widgets.ask_line import AskLine
from tui.widgets.heading import Heading
from tui.widgets.key_line import KeyLine
from tui.widgets.painted_lines import PaintedLines
from tui.widgets.quota.detail import FIELDS, figure, page
from tui.widgets.quota.strip import TICK_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.events import Click

    from tui.action_table import Place
    from tui.core.engine.engine import Engine
    from tui.core.engine.events import RunState
    from tui.core.store.traffic import Traffic

_TRAFFIC_S = 10.0
"""The last hour is read again this often, and whenever a call has ended."""
_DEFAULT_HOLD = "60"


class ProviderPage(Surface):
    """Follows one provider; `p` goes on to the next."""

    CSS_PATH = "provider.tcss"
    PLACES: ClassVar[tuple[Place, ...]] = ("provider", "program")
    BINDINGS = bindings(*PLACES)
    AUTO_FOCUS = ""  # the keys are the page's own; a field has the focus only while it asks

    heading = query_one("#provider-heading", Heading)
    lines = query_one("#provider-lines", PaintedLines)

    def __init__(self, engine: Engine, provider: str, waiting: Iterable[RunState]) -> None:
        super().__init__(engine)
        self.provider = provider
        self._runs = {run.id: run for run in waiting}
        self._traffic: Traffic | None = None
        self._limit = 0
        self._places: tuple[int, ...] = ()
        self._bridge: Bridge | None = None

    def compose(self) -> ComposeResult:
        """Yield the regions of the screen, from top to bottom."""
        yield Heading(id="provider-heading")
        with VerticalScroll(can_focus=False):
            yield PaintedLines(id="provider-lines")
        yield KeyLine(self.PLACES)
        yield AskLine()

    def on_mount(self) -> None:
        """Begin to listen and to follow the time."""
        self._bridge = Bridge(self.engine, self.post_message)
        self.set_interval(TICK_S, self._show)
        self.set_interval(_TRAFFIC_S, self._read)
        self._turn_to(self.provider)

    def on_unmount(self) -> None:
        """Stop listening."""
        if self._bridge is not None:
            self._bridge.close()

    def on_resize(self) -> None:
        """Lay the lines out for the width."""
        self._show()

    @on(EngineNews)
    def _take_in(self, news: EngineNews) -> None:
        for event in news.events:
            match event:
                case ProviderChanged(state=state) if state.name == self.provider:
                    self._show()
                case RunChanged(state=run):
                    self._runs[run.id] = run
                case TodayChanged():
                    self._read()
                case Notice(message=message, severity=severity):
                    self.key_line.tell(message, severity)

    # ---------------------------------------------------------------- showing

    def _turn_to(self, provider: str) -> None:
        self.provider, self._traffic = provider, None
        state = self.engine.providers[provider]
        self.heading.show([(state.title, "strong")], [(state.name, "muted")])
        self._show()
        self._read()

    def _show(self) -> None:
        waiting = [
            run for run in self._runs.values() if run.provider == self.provider and run.status == "waiting"
        ]
        state = self.engine.providers[self.provider]
        found = page(state, self._traffic, waiting, now_ns(), self.lines.size.width, self._limit)
        self._places = found.limits
        self.lines.show(found.lines)

    @work(group="traffic", exclusive=True)
    async def _read(self) -> None:
        provider = self.provider
        traffic = await asyncio.wrap_future(self.engine.quotas.traffic(provider))
        if provider == self.provider:
            self._traffic = traffic
            self._show()

    # ---------------------------------------------------------------- acting

    def action_limit(self, step: int) -> None:
        """Mark the next limit."""
        self._limit = (self._limit + step) % len(FIELDS)
        self._show()

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
        value = int(text) if text.isdecimal() else text or None
        try:
            await asyncio.wrap_future(self.engine.quotas.set_limit(self.provider, field, value))
        except (SettingsError, OSError) as error:
            self.key_line.tell(str(error), "error")

    def action_back(self) -> None:
        """Go back to the workbench."""
        self.dismiss()

    def on_click(self, event: Click) -> None:
        """Mark the limit that was clicked."""
        row = event.screen_y - self.lines.region.y
        if row in self._places:
            self._limit = self._places.index(row)
            self._show()
