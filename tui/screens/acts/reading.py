"""Reading answers: which of them, how they are shown, and how they differ."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tui.actions import key_of
from tui.core.text import printable
from tui.screens.acts.base import unless_no_answer
from tui.screens.acts.running import Running
from tui.widgets.ink import clip

if TYPE_CHECKING:
    from tui.core.engine.events import RunState
    from tui.widgets.desk.answer_words import Figure
    from tui.widgets.desk.runs import Showing

_CASE_CELLS = 20


class Reading(Running):
    """The acts that change what of the answers is in sight."""

    def show_answer(self) -> None:
        """Show the answers of the prompt at hand, from this screen or else from the database."""
        row = self.desk.row
        if row is None:
            return
        if showing := self.runs.shown(row.name):
            self.desk.answer.show(showing, self.answer_remarks(showing))
            return
        self.desk.answer.teach(self.teaching(row), self.answer_remarks(()))
        if row.usage_count and row.name not in self.recalled:
            self.recalled.add(row.name)
            self.engine.records.recall(row.name)

    def answer_remarks(self, showing: Showing) -> list[Figure]:
        """Return what the heading says besides the runs themselves, of which there may be none."""
        remarks: list[Figure] = []
        if not showing:
            return remarks
        if queued := self.runs.waiting(showing[0].name, besides=showing):
            remarks.append((5, (f"{queued} waiting", "warning")))
        if self.runs.beside(showing, earlier=False):
            remarks.append((5, (f"from {_when(showing[0].asked_at)}", "warning")))
        case = showing[0].case if len(showing) == 1 else ""
        if case and case != self.book.case(showing[0].name):
            remarks.append((5, (f"case {clip(printable(case), _CASE_CELLS)}", "warning")))
        return remarks

    @unless_no_answer
    async def action_answer(self, step: int) -> None:
        """Go to an earlier answer of the prompt, or to a later one."""
        row = self.desk.row
        showing = self.runs.shown(row.name) if row is not None else ()
        if not showing:
            self.key_line.tell(f"There is no answer yet: press {key_of('run')} for one.", "warning")
        elif beside := await self.beside(showing, earlier=step < 0):
            self.runs.choose(beside[0].name, beside)
            self.desk.show_run()
            self.show_answer()
        else:
            which = "earliest" if step < 0 else "latest"
            self.key_line.tell(f"This is the {which} answer of {showing[0].name}.")

    async def beside(self, showing: Showing, *, earlier: bool) -> Showing:
        """Return what was asked for next before a showing or after it, here or in another Penstock.

        Raises NoAnswer.
        """
        end = showing[0] if earlier else showing[-1]
        stored = await self.answered(self.engine.records.beside(end.name, end.asked_at, earlier=earlier))
        self.runs.remember(stored)
        return self.runs.beside(showing, earlier=earlier)

    @unless_no_answer
    async def action_difference(self) -> None:
        """Show how the answer at hand differs from its neighbour or from the one before, or show it again."""
        pane = self.desk.answer
        run = pane.run
        if run is None:
            self.key_line.tell(f"There is no answer yet: press {key_of('run')} for one.", "warning")
            return
        base = None if pane.base else pane.neighbour or await self.answer_before(run)
        if base is None and pane.base is None:
            self.key_line.tell("There is no other answer of this prompt to compare with.", "warning")
            return
        self.desk.show_run()  # what a key changes is to be in sight
        pane.compare(run, base)
        if base is not None and not (run.over and base.over):
            self.key_line.tell("The difference is shown once both answers have ended.")

    async def answer_before(self, run: RunState) -> RunState | None:
        """Return the last whole answer of the prompt before this one, of the same provider if any.

        Raises NoAnswer.
        """
        showing: Showing = self.runs.showing_of(run)
        while showing := await self.beside(showing, earlier=True):
            answers = [other for other in showing if other.status == "done" and other.transcript.length]
            if answers:
                return next((other for other in answers if other.provider == run.provider), answers[0])
        return None

    def action_reasoning(self) -> None:
        """Show the model's reasoning, or one line in its place."""
        self.desk.show_run()
        self.desk.answer.fold()

    def action_raw(self) -> None:
        """Show the marks of markdown, or only what they mean."""
        self.desk.show_run()
        self.desk.answer.toggle_raw()


def _when(at: float) -> str:
    moment = datetime.fromtimestamp(at)
    today = moment.date() == datetime.now().date()
    return f"{moment:%H:%M}" if today else f"{moment:%d %b %H:%M}"
