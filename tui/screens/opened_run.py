"""One run of the history, opened: all that is known of it, as a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from textual import on, work
from textual.getters import query_one

from tui.action_table import SCREENS
from tui.actions import bindings
from tui.bridge import EngineNews
from tui.core.engine.events import RunRated, TodayChanged
from tui.core.engine.figures import local_time
from tui.screens.acts.searching import Searching
from tui.screens.acts.stored import Stored
from tui.widgets.ask_line import AskLine
from tui.widgets.heading import Heading
from tui.widgets.history.columns import OUTCOMES
from tui.widgets.history.replay_line import ReplayLine
from tui.widgets.history.run_lines import run_lines
from tui.widgets.key_line import KeyLine
from tui.widgets.reading.text_view import TextView

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.core.engine.engine import Engine
    from tui.core.engine.history import OpenedRun
    from tui.widgets.ink import Word
    from tui.widgets.reading.text_view import Line


class Identified(Protocol):
    """A run, by its id."""

    @property
    def id(self) -> str:
        """Of the database."""
        ...


class Runs(Protocol):
    """Runs with a cursor on one of them."""

    @property
    def run(self) -> Identified | None:
        """The one at the cursor."""
        ...

    @property
    def cursor(self) -> int:
        """Its number."""
        ...

    @property
    def length(self) -> int:
        """How many there are."""
        ...

    def move_to(self, number: int) -> None:
        """Move the cursor to that one, or the nearest there is."""


class OpenedRunScreen(Searching[None], Stored):
    """Shows the run that the list's cursor is on, and moves the cursor from run to run."""

    CSS_PATH = "opened_run.tcss"
    PLACES = SCREENS["opened"]
    BINDINGS = bindings(*PLACES)

    heading = query_one("#opened-heading", Heading)
    text = query_one("#opened-text", TextView)

    def __init__(self, engine: Engine, runs: Runs) -> None:
        super().__init__(engine)
        self._runs = runs
        self._opened: OpenedRun | None = None
        self._raw = False
        self._folded = True

    def compose(self) -> ComposeResult:
        """Yield the regions of the screen, from top to bottom."""
        yield Heading(("Run", "strong"), id="opened-heading")
        yield TextView(id="opened-text")
        yield KeyLine(self.PLACES)
        yield AskLine()
        yield ReplayLine()

    def on_mount(self) -> None:
        """Read the run, and begin to listen."""
        self.listen()
        self.text.focus()
        self._read()

    @on(EngineNews)
    def _take_in(self, news: EngineNews) -> None:
        for event in news.events:
            match event:
                case TodayChanged() if self._opened is not None and self._opened.run.status == "running":
                    self._read()
                case RunRated(run_id=run_id) if self._opened is not None and run_id == self._opened.run.id:
                    self._read()

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        if (run := self._runs.run) is None:
            return
        before = self._opened
        self._opened = await self.answered(self.engine.history.open(run.id))
        same = before is not None and self._opened is not None and before.run.id == self._opened.run.id
        self._show(keep_place=same)

    def _show(self, *, keep_place: bool) -> None:
        # The answer may come when the screen has gone, and its panes with it.
        if self._opened is not None and self.query("#opened-text"):
            lines = run_lines(self._opened, local_time, raw=self._raw, folded=self._folded)
            self.text.show([*self.before(), *lines], keep_place=keep_place)
            self._show_heading()

    def before(self) -> list[Line]:
        """Return what stands above the run."""
        return []

    @on(TextView.Moved)
    def _show_heading(self) -> None:
        if self._opened is None:
            return
        run = self._opened.run
        prompt: list[Word] = [(run.name or "free text", "strong")]
        if run.version is not None:
            prompt.append((f"  v{run.version}", "text"))
        left = [*prompt, (f"  {run.provider}", "accent"), (f"  {run.model}", "muted")]
        right: list[Word] = [(self.text.place, "muted"), ("   ", "")] if self.text.place else []
        if run.outcome is not None:
            right += [OUTCOMES[run.outcome], ("  ", "")]
        right.append((f"run {self._runs.cursor + 1:,} of {self._runs.length:,}", "muted"))
        self.heading.show(left, right)

    # ---------------------------------------------------------------- acts

    def action_raw(self) -> None:
        """Show or hide the marks of the answer's markdown."""
        self._raw = not self._raw
        self._show(keep_place=True)

    def action_fold_reasoning(self) -> None:
        """Fold or unfold the reasoning."""
        if self._opened is not None and not self._opened.run.reasoning:
            self.key_line.tell("The provider showed no reasoning of this run.")
            return
        self._folded = not self._folded
        self._show(keep_place=True)

    def action_step(self, step: int) -> None:
        """Go to the run below or above in the list."""
        before = self._runs.cursor
        self._runs.move_to(before + step)
        if self._runs.cursor == before:
            self.key_line.tell("There is no further run in this direction.")
        else:
            self._read()

    def action_back(self) -> None:
        """Go back to the list."""
        self.app.pop_screen()

    # ---------------------------------------------------------------- what is at hand

    async def opened(self) -> OpenedRun | None:
        """Return the run that is shown, with its rating as it is now."""
        if self._opened is None:
            return None
        return await self.answered(self.engine.history.open(self._opened.run.id))
