"""The workbench: quota above, prompts at the left, the version at hand with its answer at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Input

from tui.actions import bindings
from tui.bridge import Bridge, EngineNews
from tui.core.engine.events import (
    LibraryChanged,
    Notice,
    ProviderChanged,
    RunChanged,
    TodayChanged,
    WatchChanged,
)
from tui.core.prompts.snapshot import versions_of
from tui.core.quota.clock import now_ns
from tui.editor import edit_file
from tui.widgets.browser.browser import Browser
from tui.widgets.browser.rows import FileNode, PromptNode, VersionNode
from tui.widgets.desk.desk import Desk
from tui.widgets.desk.runs import RunBook
from tui.widgets.heading import Heading
from tui.widgets.key_line import KeyLine
from tui.widgets.quota.panel import ProviderPanel
from tui.widgets.quota.strip import QuotaStrip
from tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.core.engine.engine import Engine
    from tui.core.prompts.snapshot import VersionRow
    from tui.core.store.runs import Outcome


class Workbench(Screen[None]):
    """Reads the engine's snapshots, shows them, and turns keys into commands to the engine."""

    BINDINGS = bindings("everywhere")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012

    provider: var[str | None] = var(None)
    """The provider that runs go to."""
    browser_hidden: var[bool] = var(False, toggle_class="-no-browser")

    browser = query_one(Browser)
    desk = query_one(Desk)
    strip = query_one(QuotaStrip)
    title_bar = query_one(TitleBar)
    key_line = query_one(KeyLine)
    filter_field = query_one("#filter", Input)

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self._bridge: Bridge | None = None
        self._runs = RunBook()
        self._recalled: set[str] = set()

    def compose(self) -> ComposeResult:
        """Yield the regions of the screen, from top to bottom."""
        yield TitleBar(self._engine.workspace.prompts, simulated=self._engine.workspace.demo)
        yield QuotaStrip(self._engine.providers, now_ns)
        with Horizontal(id="body"):
            with Vertical(id="side"):
                yield Heading(("Prompts", "strong"), id="browser-heading")
                yield Input(id="filter", placeholder="words to look for", compact=True)
                yield Browser()
            yield Desk()
        yield KeyLine()

    def on_mount(self) -> None:
        """Choose a provider and begin to listen."""
        self.filter_field.display = False
        self.filter_field.cursor_blink = False
        self.provider = self._first_provider()
        self.browser.focus()
        if (theme := self._engine.settings.theme) not in self.app.available_themes:
            self.key_line.tell(f"There is no theme {theme!r}; the palette lists those there are.", "warning")
        self._bridge = Bridge(self._engine, self.post_message)
        self.post_message(EngineNews(self._engine.standing))  # what was said before anybody listened

    def on_unmount(self) -> None:
        """Stop listening."""
        if self._bridge is not None:
            self._bridge.close()

    # ---------------------------------------------------------------- from the engine

    @on(EngineNews)
    async def _take_in(self, news: EngineNews) -> None:
        for event in news.events:
            match event:
                case LibraryChanged(snapshot=library):
                    self.browser.show(library)
                    await self._follow_cursor()  # now, so that row and text change in the same frame
                    self._show_count()
                    if not library.loading and not library.versions and not library.reports:
                        await self.desk.show_nothing(library)
                case ProviderChanged(state=state):
                    self.strip.show(state)
                case RunChanged(state=run):
                    self._runs.take_in(run)
                    self._show_answer()
                case TodayChanged(calls=calls):
                    self.title_bar.calls = calls
                case WatchChanged(mode=mode, reason=reason):
                    self.title_bar.watching = "" if mode == "inotify" else reason or mode
                case Notice(message=message, severity=severity):
                    self.key_line.tell(message, severity)

    # ---------------------------------------------------------------- what is at hand

    @on(Browser.Highlighted)
    async def _node_changed(self) -> None:
        await self._follow_cursor()

    async def _follow_cursor(self) -> None:
        """Put on the desk what the cursor is on, unless it lies there already.

        Called whenever that matters, not only by the browser's message: keys typed in a burst overtake it.
        """
        node = self.browser.node
        if isinstance(node, FileNode):
            if node.report is not self.desk.report:
                await self.desk.show_report(node.report)
            return
        row = node.row if isinstance(node, VersionNode) else None
        if isinstance(node, PromptNode):
            row = self._active_version(node.name)
        if row is not None and row is not self.desk.row and await self.desk.show_version(row):
            self._prefer_provider_of(row)
            self._show_answer()

    @on(Browser.Opened)
    def _node_opened(self, message: Browser.Opened) -> None:
        if isinstance(message.node, VersionNode) and not self.desk.form.focus_first():
            self.desk.text.focus()

    @on(ProviderPanel.Chosen)
    def _panel_clicked(self, message: ProviderPanel.Chosen) -> None:
        self.provider = message.provider

    def watch_provider(self, provider: str | None) -> None:
        """Mark the provider in the strip, and say where a run would go."""
        self.strip.select(provider)
        self._show_answer()

    def _first_provider(self) -> str | None:
        states = self._engine.providers
        wanted = self._engine.settings.provider
        usable = [name for name, state in states.items() if state.usable]
        return wanted if wanted in states else next(iter(usable or states), None)

    def _prefer_provider_of(self, row: VersionRow) -> None:
        if row.provider in self._engine.providers and self._engine.providers[row.provider].usable:
            self.provider = row.provider

    def _active_version(self, name: str) -> VersionRow | None:
        library = self._engine.library
        rows = versions_of(library, name) if library else ()
        active = [row for row in rows if row.active]
        return max(active or rows, key=lambda row: row.version, default=None)

    def _show_answer(self) -> None:
        row = self.desk.row
        run = self._runs.shown(row.name) if row is not None else None
        if run is not None:
            self.desk.answer.show(run, self._runs.waiting(run.name, besides=run.id))
        elif row is not None:
            self.desk.answer.teach(self._teaching(row))
            if row.usage_count and row.name not in self._recalled:
                self._recalled.add(row.name)
                self._engine.recall(row.name)

    def _teaching(self, row: VersionRow) -> str:
        state = self._engine.providers.get(self.provider or "")
        if state is None:
            return "No provider is enabled in the settings."
        if not state.usable:
            keys = " and ".join(state.missing)
            return f"{state.title} needs a key: set {keys} and start again, or press p for another."
        return f"No answer yet: press r to run v{row.version} on {state.name}."

    def _show_count(self) -> None:
        heading = self.query_one("#browser-heading", Heading)
        heading.show(right=[(self.browser.counted, "muted")])

    # ---------------------------------------------------------------- actions

    async def action_run(self) -> None:
        """Run the version at hand on the chosen provider."""
        await self._follow_cursor()
        row, state = self.desk.row, self._engine.providers.get(self.provider or "")
        if row is None:
            loading = self._engine.library is None or self._engine.library.loading
            what = "The prompts are still being read" if loading else "There is no version to run here"
            self.key_line.tell(f"{what}: choose one in the browser.", "warning")
        elif state is None or not state.usable:
            self.key_line.tell(self._teaching(row), "warning")
        elif missing := self.desk.missing_values():
            self.key_line.tell(f"A value is missing for {', '.join(missing)}.", "warning")
            self.desk.show_values()
            self.desk.form.focus_first(missing)
        else:
            self._engine.run(self.desk.request(state.name))
            self.desk.show_run()

    async def action_activate(self) -> None:
        """Make the version at hand the active one, in its file."""
        await self._follow_cursor()
        if (row := self.desk.row) is not None:
            self._engine.activate(row.name, row.version)

    def action_rate(self, outcome: Outcome) -> None:
        """Rate the answer that is shown."""
        run = self.desk.answer.run
        if run is None or run.status != "done":
            self.key_line.tell("There is no finished answer to rate: press r for one.", "warning")
            return
        self._engine.rate(run.id, outcome)
        self._runs.rated(run.id, outcome)
        self._show_answer()

    @work(group="edit", exclusive=True)
    async def action_edit(self) -> None:
        """Open the file at hand in the user's editor; the terminal is the editor's until it ends."""
        place = self.desk.place
        if place is None:
            self.key_line.tell("There is no file to edit here: choose one in the browser.", "warning")
            return
        path, line = place
        if problem := edit_file(self.app, self._engine.workspace.prompts / path, line):
            self.key_line.tell(problem, "error")

    def action_view(self) -> None:
        """Go on to the next view of the desk."""
        self.desk.next_view()

    def action_provider(self, step: int) -> None:
        """Choose another provider."""
        names = list(self._engine.providers)
        if names:
            place = names.index(self.provider) if self.provider in names else 0
            self.provider = names[(place + step) % len(names)]

    def action_browser(self) -> None:
        """Show or hide the browser."""
        self.browser_hidden = not self.browser_hidden
        (self.desk.text if self.browser_hidden else self.browser).focus()

    def action_cancel(self) -> None:
        """Leave a field; else cancel what waits, else what runs."""
        if isinstance(self.focused, Input):
            if self.focused is self.filter_field:
                self._close_filter(keep=False)
            self.browser.focus()
            return
        if self.browser.query_text:
            self._close_filter(keep=False)
            return
        cancelled = self._runs.to_cancel()
        for run in cancelled:
            self._engine.cancel(run.id)
        if cancelled:
            self.key_line.tell(f"Cancelled {len(cancelled)} {'run' if len(cancelled) == 1 else 'runs'}.")

    def action_help(self) -> None:
        """Show the keys."""
        from tui.screens.help import Help  # only when asked for

        self.app.push_screen(Help())

    # ---------------------------------------------------------------- the filter

    def action_filter(self) -> None:
        """Open the filter above the browser."""
        self.browser_hidden = False
        self.filter_field.display = True
        self.filter_field.focus()

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        self.browser.filter(event.value)
        self._show_count()

    @on(Input.Submitted, "#filter")
    def _filter_kept(self) -> None:
        self._close_filter(keep=True)
        self.browser.focus()

    def _close_filter(self, *, keep: bool) -> None:
        if not keep:
            self.filter_field.value = ""
        self.filter_field.display = bool(self.filter_field.value)
