"""Running the version at hand: where it goes, whether it can, and stopping it."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on, work
from textual.widgets import Input

from tui.actions import key_of
from tui.core.engine.choice import choose_model
from tui.core.prompts.snapshot import versions_of
from tui.core.quota.clock import now_ns
from tui.screens.acts.finding import Finding
from tui.widgets.batch.choice import ValueSet
from tui.widgets.desk.value_area import ValueArea
from tui.widgets.quota.panel import ProviderPanel

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Sequence, Set

    from tui.core.engine.events import ProviderState, RunState
    from tui.core.engine.request import RunRequest
    from tui.core.prompts.snapshot import VersionRow


class Running(Finding):
    """The acts that send something to a provider, or keep it from being sent."""

    _soon = ""
    """What was asked for before there was anything to run: the action, "" for none."""
    _together: Set[str] = frozenset()
    """The providers of the last plan that was carried out."""

    async def action_run(self) -> None:
        """Run the version at hand on the chosen provider."""
        await self.follow_cursor()
        row, state = self.desk.row, self.state
        if row is None:
            self._put_off("run", "the run begins")
        elif state is None or not state.usable:
            self.key_line.tell(self.teaching(row), "warning")
        elif self.desk.drafted:
            self.key_line.tell(f"The draft is not saved: {key_of('save-run')} saves and runs it.", "warning")
        elif missing := self.desk.missing_values():
            self.key_line.tell(f"A value is missing for {', '.join(missing)}.", "warning")
            self.desk.show_values()
            self.desk.form.focus_first(missing)
        else:
            self.ask_for([self.desk.request(state.name)])

    def _put_off(self, action: str, what: str) -> None:
        """Say that there is nothing to run; while the prompts are read, the action waits for them."""
        if self.at_rest:
            self.key_line.tell("There is no version to run here: choose one in the browser.", "warning")
            return
        self._soon = action
        self.key_line.tell(f"The prompts are still being read: {what} when they are there.")

    async def act_when_at_rest(self) -> None:
        """Carry out what was asked for too early, once the screen is at rest."""
        if self._soon and self.at_rest:
            action, self._soon = self._soon, ""
            await self.run_action(action)

    @work(group="plan", exclusive=True)
    async def action_run_several(self) -> None:
        """Show the plan of several runs of the prompt at hand, and ask for what is chosen there."""
        from tui.screens.plan import Plan  # only when asked for

        await self.follow_cursor()
        row, library = self.desk.row, self.engine.library
        if row is None or library is None:
            self._put_off("run_several", "the plan opens")
            return
        rows = versions_of(library, row.name)
        marked = {each.version for each in rows if (each.name, each.version) in self.browser.marked}
        usable = {name for name, state in self.engine.providers.items() if state.usable}
        providers = self._together or ({self.provider or ""} if len(marked) > 1 else usable)
        chosen = marked or {row.version}, providers
        cases = [ValueSet(case.name, case.vars) for case in self.engine.cases.of(row.name)]
        plan = Plan(self.engine, rows, [*self.desk.value_sets, *cases], chosen)
        if requests := await self.app.push_screen_wait(plan):
            self._together = {request.provider for request in requests}
            self.ask_for(requests)

    def ask_for(self, requests: Sequence[RunRequest]) -> None:
        """Ask for runs of the prompt at hand, and show their answers side by side."""
        batch = uuid.uuid4().hex if len(requests) > 1 else ""
        if self.desk.row is not None:
            self.runs.choose(self.desk.row.name)
        self._tell_refusals([self.engine.run(replace(request, batch=batch)) for request in requests])
        self.desk.show_run()

    @work(group="refusals")
    async def _tell_refusals(self, asked: Sequence[concurrent.futures.Future[RunState]]) -> None:
        """Tell why runs were not even queued, which nothing else on the screen shows."""
        first = await asyncio.gather(*map(asyncio.wrap_future, asked), return_exceptions=True)
        refused = [each for each in first if isinstance(each, Exception)]
        if refused and self.is_attached:
            count = f"{len(refused)} of {len(asked)} runs were refused. " if len(asked) > 1 else ""
            self.key_line.tell(f"{count}{refused[0]}", "error")

    def action_provider(self, step: int) -> None:
        """Choose another provider."""
        names = list(self.engine.providers)
        if names:
            place = names.index(self.provider) if self.provider in names else 0
            self.provider = names[(place + step) % len(names)]

    def action_resume(self) -> None:
        """Let calls go to the chosen provider again, or else to the one that answered last in sight."""
        states = self.engine.providers
        run = self.desk.answer.run  # its text says why it failed, and names the key
        ways = [self.state, states.get(run.provider) if run is not None else None]
        known = [state for state in ways if state is not None]
        if kept := next((state for state in known if _kept_back(state)), None):
            self.engine.resume(kept.name)
            self.key_line.tell(f"{kept.title} is called again.")
        elif known:
            self.key_line.tell(f"Nothing keeps {known[0].title} from being called.")

    def action_adopt(self) -> None:
        """Put the servers that were found on this machine into the settings."""
        self.engine.discovery.adopt()

    def action_detail(self) -> None:
        """Open the page of the chosen provider."""
        from tui.screens.provider import ProviderPage  # only when asked for

        if self.provider is not None:
            self.app.push_screen(ProviderPage(self.engine, self.provider, self.runs.waiting_runs))

    @on(ProviderPanel.Chosen)
    def _panel_clicked(self, message: ProviderPanel.Chosen) -> None:
        if message.provider == self.provider:
            self.action_detail()
        self.provider = message.provider

    def watch_provider(self, provider: str | None) -> None:
        """Mark the provider in the strip, and say where a run would go."""
        self.strip.select(provider)
        self.show_answer()

    def action_cancel(self) -> None:
        """Leave a field, the zoom or the filter; else cancel the answer at hand, what waits, what runs."""
        if isinstance(self.focused, Input | ValueArea):
            if self.focused is self.filter_field:
                self.close_filter(keep=False)
            self.browser.focus()
            return
        if self.desk.zoomed:
            self.desk.zoomed = None
            return
        if self.browser.query_text:
            self.close_filter(keep=False)
            return
        pane = self.desk.answer
        reads = self.focused is not None and pane in self.focused.ancestors
        if cancelled := self.runs.to_cancel(pane.run if reads else None):
            for run in cancelled:
                self.engine.cancel(run.id)
            left = len(self.runs.in_state("waiting")) + len(self.runs.in_state("running")) - len(cancelled)
            more = f" {key_of('cancel')} again cancels {left} more." if left else ""
            count = f"{len(cancelled)} {'run' if len(cancelled) == 1 else 'runs'}"
            self.key_line.tell(f"Cancelled {count}.{more}")

    async def show_provider(self, state: ProviderState) -> None:
        """Take in a provider's state; one that was added to the settings just now gets a panel."""
        if state.name in self.strip:
            self.strip.show(state)
            return
        await self.strip.complete(self.engine.providers)
        self.strip.select(self.provider)
        self.aim()
        if self.state is None or not self.state.usable:
            self.provider = self.first_provider()

    def aim(self) -> None:
        """Let the gauges show what a run of the version at hand would meet at each provider."""
        if (row := self.desk.row) is not None:
            states = self.engine.providers
            self.strip.aim({name: choose_model(row, name, state.model) for name, state in states.items()})

    def first_provider(self) -> str | None:
        """Return the provider to begin with: the one of the settings, else the first that can be called."""
        states = self.engine.providers
        wanted = self.engine.settings.provider
        usable = [name for name, state in states.items() if state.usable]
        return wanted if wanted in states else next(iter(usable or states), None)

    def prefer_provider_of(self, row: VersionRow) -> None:
        """Go to the provider that a version asks for, if it can be called."""
        if row.provider in self.engine.providers and self.engine.providers[row.provider].usable:
            self.provider = row.provider

    def teaching(self, row: VersionRow) -> str:
        """Return the sentence that stands where a version's answer will be."""
        state = self.state
        if state is None:
            return "No provider is enabled in the settings."
        if not state.usable:
            keys = " and ".join(state.missing)
            another = f"press {key_of('provider')} for another"
            return f"{state.title} needs a key: set {keys} and start again, or {another}."
        return f"No answer yet: press {key_of('run')} to run v{row.version} on {state.name}."


def _kept_back(state: ProviderState) -> bool:
    quotas = (state.quota, *state.models.values())
    return bool(state.stopped) or any(quota.hold_in(now_ns()) > 0 for quota in quotas)
