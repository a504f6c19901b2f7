"""The history: all runs, newest first, searched, opened, rated, replayed and exported."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import on, work

from tui.action_table import SCREENS
from tui.actions import bindings, key_of
from tui.bridge import EngineNews
from tui.core.engine.events import Event, ExportChanged, RunRated, TodayChanged
from tui.core.store.run_formats import SUFFIXES, format_for
from tui.core.store.run_query import Clock, QueryError, complete_query, filter_term, parse_query
from tui.core.store.search import RunFilter
from tui.core.store.stretches import reads_texts
from tui.screens.acts.stored import Stored
from tui.widgets.ask_line import AskLine
from tui.widgets.heading import Heading
from tui.widgets.history.columns import head_words
from tui.widgets.history.replay_line import ReplayLine
from tui.widgets.history.run_list import RunList
from tui.widgets.ink import Painted, Word
from tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui.core.engine.engine import Engine
    from tui.core.engine.history import OpenedRun
    from tui.core.engine.slow_search import Sofar
    from tui.core.store.search import FoundRun
    from tui.screens.acts.judging import Judged

PAGE = 100
"""Rows that are asked for at once."""
_LOOKING = "Looking through the texts of all runs …"
_HINT = "words, or prompt: version: provider: model: outcome: status: since: until:"


class _Titles(Painted):
    def words(self, y: int) -> Sequence[Word]:
        return head_words(self.size.width)


class History(Stored):
    """Reads the database a page at a time; `prompt` is the one at hand where it was opened."""

    CSS_PATH = "history.tcss"
    PLACES = SCREENS["history"]
    BINDINGS = bindings(*PLACES)

    def __init__(self, engine: Engine, query: str = "", prompt: str | None = None) -> None:
        super().__init__(engine)
        self.heading = Heading(("History", "strong"), id="history-heading")
        self.runs = RunList()
        self._query = query
        self._prompt = prompt
        self._mistake = ""
        self._wanted = RunFilter()
        self._all: int | None = None
        self._counted = False
        self._export: ExportChanged | None = None
        self._catching = self._stale = False
        self._sought: RunFilter | None = None
        """What is being looked for in the texts themselves, and how far that has come."""
        self._share = 0.0

    def compose(self) -> ComposeResult:
        """Yield the regions of the screen, from top to bottom."""
        yield self.heading
        yield _Titles(id="history-titles")
        yield self.runs
        yield KeyLine(self.PLACES)
        yield AskLine()
        yield ReplayLine()

    def on_mount(self) -> None:
        """Look, and begin to listen."""
        self.listen()
        self.runs.focus()
        self.look(self._query)

    # ---------------------------------------------------------------- looking

    def look(self, query: str) -> None:
        """Show the runs that a query selects; what is wrong with it stands in its place."""
        self._query = query
        try:
            wanted = parse_query(query, Clock(datetime.now(UTC)))
        except QueryError as error:
            self._mistake = str(error)
            self.runs.said = self._teaching()
            self.runs.refresh()
            self._show_heading()
            return
        self._mistake, self._wanted = "", wanted
        self._find()

    @work(group="find", exclusive=True)
    async def _find(self) -> None:
        wanted, keep = self._wanted, self.runs.run
        self._counted = False
        if reads_texts(wanted):
            await self._look_through(wanted, keep)
            return
        rows = await self.answered(self.engine.history.page(wanted, PAGE))
        if not self._still(wanted):
            return
        self.runs.said = self._teaching()
        self.runs.begin(rows, keep=keep.seq if keep is not None else None)
        if len(rows) < PAGE:
            self._counted = True
        self._show_heading()
        await self._count()

    async def _look_through(self, wanted: RunFilter, keep: FoundRun | None) -> None:
        """Show what is found as it is found, and how far the search has come."""
        loop = asyncio.get_running_loop()
        shown: int | None = None

        def show(found: Sofar) -> None:
            nonlocal shown
            if self._sought is not wanted or not self._still(wanted):
                return
            self._share = found.share
            if shown is None:
                self.runs.said = _LOOKING
                self.runs.begin(found.rows, keep=keep.seq if keep is not None else None)
            elif len(found.rows) > shown:
                self.runs.more("below", found.rows[shown:], 0)
            shown = len(found.rows)
            self.runs.counted(found.count)
            self._show_heading()

        def tell(found: Sofar) -> None:
            with suppress(RuntimeError):  # the app has ended
                loop.call_soon_threadsafe(show, found)

        self._sought, self._share = wanted, 0.0
        try:
            found = await self.answered(self.engine.history.search(wanted, PAGE, tell))
            show(found)
        finally:
            if self._sought is wanted:
                self._sought = None
        await self._take_count(wanted, found.count)
        if self._stale:
            self._catch_up()

    async def _count(self) -> None:
        wanted = self._wanted
        await self._take_count(wanted, await self.answered(self.engine.history.count(wanted)))

    async def _take_count(self, wanted: RunFilter, total: int) -> None:
        everything = wanted == RunFilter()
        self._all = total if everything else await self.answered(self.engine.history.count(RunFilter()))
        if self._still(wanted) and self._sought is None:
            self._counted = True
            self.runs.counted(total)
            self.runs.said = self._teaching()
            self.runs.refresh()
            self._show_heading()

    def _teaching(self) -> str:
        if self._mistake:
            return f"{self._mistake} {key_of('run-filter')} mends it."
        back, change, run = map(key_of, ("history-back", "run-filter", "run"))
        if self._query.strip():
            return f"No run matches; {back} drops the filter, {change} changes it."
        return f"No runs yet: press {back}, choose a prompt and press {run}. What it answers is kept here."

    def _still(self, wanted: RunFilter) -> bool:
        """Whether what was asked for is still what is shown, now that the answer has come."""
        return wanted is self._wanted and self.is_attached

    @on(RunList.Wanted)
    def _more_wanted(self, message: RunList.Wanted) -> None:
        message.stop()
        if message.part == "top":
            self._find_top()
        else:
            self._more(message)

    def _find_top(self) -> None:
        self.runs.window.rows.clear()  # so that the cursor does not stay on its run
        self._find()

    @work(group="more", exclusive=True)
    async def _more(self, message: RunList.Wanted) -> None:
        wanted, window, history = self._wanted, self.runs.window, self.engine.history
        if not window.rows:
            return
        first, last = window.rows[0].seq, window.rows[-1].seq
        if message.part == "below":
            page = history.page(wanted, PAGE, after=last)
        else:
            page = history.page(wanted, PAGE, before=first if message.part == "above" else 0)
        rows = await self.answered(page)
        now = (window.rows[0].seq, window.rows[-1].seq) if window.rows else None
        if self._still(wanted) and now == (first, last):
            self.runs.more(message.part, rows, PAGE)

    # ---------------------------------------------------------------- news

    @on(EngineNews)
    def _take_in(self, news: EngineNews) -> None:
        for event in news.events:
            self._show_event(event)

    def _show_event(self, event: Event) -> None:
        match event:
            case TodayChanged() | RunRated():
                self._stale = True
                if not self._catching and self._sought is None:
                    self._catch_up()
            case ExportChanged():
                self._export = event if event.path is not None else None
                self._show_heading()

    @work(group="news")
    async def _catch_up(self) -> None:
        """Take in new runs, and what has become of those in sight, until there is no more news."""
        self._catching = True
        try:
            while self._stale and self.is_attached and self._sought is None:
                self._stale = False
                await self._take_new()
                await self._renew()
                await self._count()
        finally:
            self._catching = False

    async def _take_new(self) -> None:
        wanted, window = self._wanted, self.runs.window
        while True:
            newest = window.newest
            rows = await self.answered(self.engine.history.page(wanted, PAGE, before=newest))
            if not self._still(wanted) or self._sought or window.newest != newest:
                return
            if not rows:
                break
            self.runs.arrived(rows)
        if wanted == RunFilter() or reads_texts(wanted):
            return
        # A run that began before others may be what the filter asks for only now that it has ended.
        rows = await self.answered(self.engine.history.page(wanted, PAGE))
        if self._still(wanted) and not self._sought and (late := window.missing(rows)):
            self.runs.arrived(late)

    async def _renew(self) -> None:
        wanted = self._wanted
        seqs = [run.seq for run in self.runs.in_sight]
        now = await self.answered(self.engine.history.again(seqs, wanted.text))
        if self._still(wanted):
            self.runs.renewed(now)

    # ---------------------------------------------------------------- saying where we are

    @on(RunList.Highlighted)
    def _moved(self) -> None:
        self._show_heading()

    def on_resize(self) -> None:
        """There may be room for more words."""
        self._show_heading()

    def _show_heading(self) -> None:
        left: list[Word] = [("History", "strong")]
        if self._mistake:
            left += [("  ", ""), (self._mistake, "warning")]
        elif self._query.strip():
            left += [("  ", ""), (self._query.strip(), "code")]
        self.heading.show(left, self._figures())

    def _figures(self) -> list[Word]:
        words: list[Word] = []
        if (export := self._export) is not None:
            share = f"{100 * export.done // max(1, export.total)} %"
            words += [(f"export {share}, esc cancels", "accent"), ("   ", "")]
        if above := self.runs.above_seen:
            words += [(f"↑ {above:,} new", "accent"), ("   ", "")]
        if self.engine.workspace.demo:
            words += [("SIMULATED", "warning"), ("   ", "")]
        total = self.runs.length
        if self._mistake:
            return words  # the rows are still those of what was typed before
        if not self._counted:
            looked = f"  {self._share:.0%}" if self._sought is not None else ""
            return [*words, (f"{total:,} of …{looked}", "muted")]
        whole = self._all if self._all is not None and self._all != total else None
        alone = "1 run" if total == 1 else f"{total:,} runs"
        return [*words, (f"{total:,} of {whole:,}" if whole is not None else alone, "muted")]

    # ---------------------------------------------------------------- acts

    @work(group="query", exclusive=True)
    async def action_ask_query(self) -> None:
        """Ask for words and filters; the list follows what is typed."""
        query = await self.ask_line.ask(
            "/", self._query, hint=_HINT, typed=self.look, complete=self._complete
        )
        self.look(query or "")
        if self._mistake:
            self.key_line.tell(self._mistake, "warning")  # the heading may be too narrow for it

    def _complete(self, text: str) -> str:
        library = self.engine.library
        names = tuple(sorted({row.name for row in library.versions})) if library is not None else ()
        return complete_query(text, {"prompt": names, "provider": tuple(self.engine.providers)})

    def action_only_prompt(self) -> None:
        """Show only the runs of the prompt that the cursor is on, or all again."""
        run = self.runs.run
        name = run.name if run is not None else self._prompt
        query = filter_term("prompt", name) if name else ""
        self.look("" if self._query == query else query)

    def action_back(self) -> None:
        """Cancel an export; else drop the filter; else go back to the workbench."""
        if self._export is not None:
            self.engine.history.stop_export()
        elif self._query:
            self.look("")
        else:
            self.app.pop_screen()

    def action_open(self) -> None:
        """Open the run under the cursor."""
        from tui.screens.opened_run import OpenedRunScreen

        if self.runs.run is not None:
            self.app.push_screen(OpenedRunScreen(self.engine, self.runs))

    @on(RunList.Clicked)
    def _clicked(self) -> None:
        self.action_open()

    @work(group="export", exclusive=True)
    async def action_export(self) -> None:
        """Ask for a file, and export there what the filter selects, in the background."""
        if self._mistake:
            self.key_line.tell(self._mistake, "error")
            return
        with self.keys_waiting():  # rows that are no more what was asked for stay in the list, but go nowhere
            selected = await self.answered(self.engine.history.count(self._wanted))
        if not selected:
            change = f"change the filter with {key_of('run-filter')}"
            self.key_line.tell(f"There is no run to export: {change}.", "warning")
            return
        name = await self.ask_line.ask(
            f"export {selected:,} to", f"runs-{datetime.now():%Y-%m-%d}.jsonl", hint=".jsonl .csv .md"
        )
        path = self.new_file(name) if name else None
        if path is None:
            return
        if (format := format_for(path)) is None:
            known = ", ".join(SUFFIXES)
            self.key_line.tell(f"The file's name says the format: end it in one of {known}.", "error")
            return
        self.engine.history.export(self._wanted, path, format)

    # ---------------------------------------------------------------- what is at hand

    async def opened(self) -> OpenedRun | None:
        """Return the run under the cursor with its texts."""
        run = self.runs.run
        return None if run is None else await self.answered(self.engine.history.open(run.id))

    def show_rating(self, judged: Judged) -> None:
        """Show it in the row at once."""
        known = [run for run in self.runs.window.rows if run.id == judged.run_id]
        self.runs.renewed([replace(run, outcome=judged.outcome) for run in known])  # type: ignore[arg-type]
