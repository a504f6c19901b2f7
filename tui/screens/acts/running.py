"""Running the version at hand: where it goes, whether it can, and stopping it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from tui.actions import key_of
from tui.core.quota.clock import now_ns
from tui.screens.acts.finding import Finding
from tui.widgets.desk.value_area import ValueArea
from tui.widgets.quota.panel import ProviderPanel

if TYPE_CHECKING:
    from tui.core.prompts.snapshot import VersionRow


class Running(Finding):
    """The acts that send something to a provider, or keep it from being sent."""

    async def action_run(self) -> None:
        """Run the version at hand on the chosen provider."""
        await self.follow_cursor()
        row, state = self.desk.row, self.state
        if row is None:
            loading = self.engine.library is None or self.engine.library.loading
            what = "The prompts are still being read" if loading else "There is no version to run here"
            self.key_line.tell(f"{what}: choose one in the browser.", "warning")
        elif state is None or not state.usable:
            self.key_line.tell(self.teaching(row), "warning")
        elif self.desk.drafted:
            self.key_line.tell(f"The draft is not saved: {key_of('save-run')} saves and runs it.", "warning")
        elif missing := self.desk.missing_values():
            self.key_line.tell(f"A value is missing for {', '.join(missing)}.", "warning")
            self.desk.show_values()
            self.desk.form.focus_first(missing)
        else:
            self.engine.run(self.desk.request(state.name))
            self.desk.show_run()

    def action_provider(self, step: int) -> None:
        """Choose another provider."""
        names = list(self.engine.providers)
        if names:
            place = names.index(self.provider) if self.provider in names else 0
            self.provider = names[(place + step) % len(names)]

    def action_resume(self) -> None:
        """Let calls go to the chosen provider again."""
        state = self.state
        if state is None:
            return
        if state.stopped or state.quota.hold_in(now_ns()) > 0:
            self.engine.resume(state.name)
            self.key_line.tell(f"{state.title} is called again.")
        else:
            self.key_line.tell(f"Nothing keeps {state.title} from being called.")

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
        """Leave a field, the zoom or the filter; else cancel what waits, else what runs."""
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
        cancelled = self.runs.to_cancel()
        for run in cancelled:
            self.engine.cancel(run.id)
        if cancelled:
            self.key_line.tell(f"Cancelled {len(cancelled)} {'run' if len(cancelled) == 1 else 'runs'}.")

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
