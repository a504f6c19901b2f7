"""The workbench: quota above, prompts at the left, the version at hand with its answer at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical

from tui.action_table import SCREENS
from tui.actions import bindings
from tui.bridge import EngineNews
from tui.core.engine.events import (
    CasesChanged,
    DraftsChanged,
    Event,
    GitChanged,
    LibraryChanged,
    ProviderChanged,
    RunChanged,
    RunRated,
    TodayChanged,
    WatchChanged,
)
from tui.core.prompts.snapshot import versions_of
from tui.core.quota.clock import now_ns
from tui.screens.acts.at_hand import AtHand
from tui.screens.acts.casing import Casing
from tui.screens.acts.commanding import Commanding
from tui.screens.acts.judging import Judged
from tui.screens.acts.living import Living
from tui.screens.acts.remembering import Remembering
from tui.screens.acts.replacing import Replacing
from tui.screens.acts.resuming import Resuming
from tui.screens.acts.searching import Searching
from tui.screens.acts.testing import Testing
from tui.screens.acts.versioning import Versioning
from tui.screens.acts.writing import Writing
from tui.typing_order import InOrder
from tui.widgets.ask_line import AskLine
from tui.widgets.browser.browser import Browser
from tui.widgets.browser.rows import FileNode, PromptNode, VersionNode
from tui.widgets.desk.desk import Desk
from tui.widgets.field import Field
from tui.widgets.heading import Heading
from tui.widgets.key_line import KeyLine
from tui.widgets.pick_list import PickList
from tui.widgets.quota.strip import QuotaStrip
from tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.core.prompts.snapshot import VersionRow


PASSING_S = 0.1
"""While a key is held down, what the cursor is on is laid on the desk this often."""


class Workbench(
    Versioning,
    Commanding,
    Replacing,
    Casing,
    Searching[None],
    AtHand,
    Remembering,
    Living,
    Writing,
    Resuming,
    Testing,
):
    """Reads the engine's snapshots and shows them; `acts` turn keys into commands to the engine."""

    PLACES = SCREENS["workbench"]
    BINDINGS = bindings(*PLACES)
    AUTO_FOCUS = "Browser"  # where what had the focus is out of sight; else a hidden field would get the keys
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-broad")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012

    _passing_by = False
    """Whether a key that is held down moves the cursor, and the desk follows in a moment."""

    def compose(self) -> ComposeResult:
        """Yield the regions of the screen, from top to bottom."""
        yield TitleBar(self.engine.workspace.prompts, simulated=self.engine.workspace.demo)
        yield QuotaStrip(self.engine.providers, now_ns)
        with Horizontal(id="body"):
            with Vertical(id="side"):
                yield Heading(("Prompts", "strong"), id="browser-heading")
                yield Field(id="filter", placeholder="words to look for", compact=True)
                yield Browser()
            yield Desk(self.book)
        yield KeyLine(self.PLACES)
        yield AskLine()
        yield PickList()

    def on_mount(self) -> None:
        """Choose a provider and begin to listen."""
        self.filter_field.display = False
        self.filter_field.cursor_blink = False
        self.provider = self.first_provider()
        self.browser.focus()
        if (theme := self.engine.settings.theme) not in self.app.available_themes:
            self.key_line.tell(f"There is no theme {theme!r}; the palette lists those there are.", "warning")
        self.restore_values()
        self.listen()
        self.post_message(EngineNews(self.engine.standing))  # what was said before anybody listened

    def on_unmount(self) -> None:
        """Keep what was typed a moment ago."""
        self.keep_at_end()
        self.keep_values()
        self.keep_place()

    # ---------------------------------------------------------------- from the engine

    @on(EngineNews)
    async def _take_in(self, news: EngineNews) -> None:
        for event in news.events:
            await self._show_event(event)
        if any(isinstance(event, RunChanged) for event in news.events):
            self.show_answer()  # once, however many answers grow at the same time

    async def _show_event(self, event: Event) -> None:
        match event:
            case LibraryChanged(snapshot=library):
                first = not self.browser.nodes
                self.show_library(library)
                self.follow_files(library)
                await self.follow_cursor()  # now, so that row and text change in the same frame
                self.show_count()
                if first and self.browser.nodes:
                    self.resume()
                await self.go_where_it_was()
                self.look_for_saves(library)
                if not library.loading and not library.versions and not library.reports:
                    await self.desk.show_nothing(library)
                await self.act_when_at_rest()
            case CasesChanged(snapshot=cases):
                await self.show_cases(cases)
            case ProviderChanged(state=state):
                await self.show_provider(state)
            case RunChanged(state=run):
                self.runs.take_in(run)
            case GitChanged():
                self.title_bar.git = event
                self.browser.show_git(event.states if event.branch else None)
            case RunRated(run_id=run_id, outcome=outcome, note=note):
                self.show_rating(Judged(run_id, outcome, note))
            case TodayChanged():
                self.title_bar.today = event
            case WatchChanged(mode=mode, reason=reason):
                self.title_bar.watching = "" if mode == "inotify" else reason or mode
            case DraftsChanged(drafts=drafts):
                self.browser.show_drafts({note.path for note in drafts})

    # ---------------------------------------------------------------- what is at hand

    @on(Browser.Highlighted)
    async def _node_changed(self) -> None:
        # A key that is held down would wait for each version that it passes by to be laid on the desk.
        if not (isinstance(self.app, InOrder) and self.app.repeating):
            await self.follow_cursor()
        elif not self._passing_by:
            self._passing_by = True
            self.set_timer(PASSING_S, self._look_in_passing)

    async def _look_in_passing(self) -> None:
        self._passing_by = False
        await self.follow_cursor()

    async def follow_cursor(self) -> None:
        """Put on the desk what the cursor is on, unless it lies there already."""
        if self.file_gone and self.desk.writing and self.desk.pane and self.focused is self.desk.pane.editor:
            return
        node = self.browser.node
        if isinstance(node, FileNode):
            if node.report is not self.desk.report:
                await self.desk.show_report(node.report)
            return
        row = node.row if isinstance(node, VersionNode) else None
        if isinstance(node, PromptNode):
            row = self._active_version(node.name)
        before = self.desk.row
        if row is None or row is before:
            return
        if await self.desk.show_version(row):
            self.prefer_provider_of(row)
            self.aim()
            self.show_answer()
        elif row.usage_count and before is not None and not before.usage_count:
            self.show_answer()  # its runs may have come to it by another name: only the database has them

    @on(Browser.Opened)
    def _node_opened(self, message: Browser.Opened) -> None:
        if isinstance(message.node, VersionNode) and not self.desk.form.focus_first():
            self.desk.text.focus()

    def _active_version(self, name: str) -> VersionRow | None:
        library = self.engine.library
        rows = versions_of(library, name) if library else ()
        active = [row for row in rows if row.active]
        return max(active or rows, key=lambda row: row.version, default=None)

    def show_count(self) -> None:
        """Say how many prompts the browser lists."""
        heading = self.query_one("#browser-heading", Heading)
        heading.show(right=[(self.browser.counted, "muted")], acts={"Prompts": "screen.filter"})

    # ---------------------------------------------------------------- looking

    def action_view(self) -> None:
        """Go on to the next view of the desk."""
        self.desk.next_view()

    def action_settings(self) -> None:
        """Show the settings."""
        from tui.screens.settings import SettingsScreen  # only when asked for

        self.app.push_screen(SettingsScreen(self.engine))

    def action_scenarios(self) -> None:
        """In a demo, let simulated calls fail."""
        from tui.screens.scenarios import Scenarios  # a demo's cost, not every start's

        if self.engine.demo is None:
            self.key_line.tell("Only a demo can let calls fail: start with --demo.", "warning")
        else:
            self.app.push_screen(Scenarios(self.engine, self.engine.demo))
