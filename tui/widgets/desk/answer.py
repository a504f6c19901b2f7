"""The answer pane: the answers that were asked for together, side by side as far as there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message

from tui.actions import bindings
from tui.widgets.desk.answer_words import who
from tui.widgets.desk.batch_line import BatchLine, names
from tui.widgets.desk.column import AnswerColumn
from tui.widgets.desk.fold_line import FoldLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.events import DescendantFocus

    from tui.core.engine.events import RunState
    from tui.widgets.desk.answer_words import Figure
    from tui.widgets.desk.runs import Showing
    from tui.widgets.ink import Word
    from tui.widgets.reading.text_view import TextView

MOST = 6
"""Answers side by side at most."""
NARROWEST = 26
"""Cells that an answer needs beside others; the rest wait behind the names above."""


class AnswerPane(Vertical):
    """Shows answers, one of which is at hand, and how they are to be read."""

    BINDINGS = bindings("answers")

    class Counted(Message):
        """Another number of answers stands side by side."""

    def __init__(self) -> None:
        super().__init__(id="answer")
        self._runs: Showing = ()
        self._at = self._first = 0
        self._counted = 1
        self._remarks: Sequence[Figure] = ()
        self._bases: dict[str, RunState] = {}
        self._raw = self._unfolded = False
        self._columns = [AnswerColumn()]
        self._line = BatchLine()
        self._row = Horizontal(*self._columns, id="answer-columns")

    def compose(self) -> ComposeResult:
        """Yield the line of names, and one answer; more come when they are needed."""
        yield self._line
        yield self._row

    @property
    def run(self) -> RunState | None:
        """The run at hand."""
        return self._runs[self._at] if self._runs else None

    @property
    def base(self) -> RunState | None:
        """The run that the one at hand is shown against."""
        return self._bases.get(self.run.id) if self.run else None

    @property
    def text(self) -> TextView:
        """The pane with the text at hand."""
        return self._columns[self._at - self._first].text

    @property
    def neighbour(self) -> RunState | None:
        """The run at the left of the one at hand, or at its right if that is the first."""
        if len(self._runs) < 2:
            return None
        return self._runs[self._at - 1 if self._at else 1]

    @property
    def abreast(self) -> int:
        """How many answers would stand side by side if there was room."""
        return max(1, min(len(self._runs), MOST))

    # ---------------------------------------------------------------- what is shown

    def teach(self, sentence: str, remarks: Sequence[Figure] = ()) -> None:
        """Say what to do, while there is no answer; `remarks` are figures for the heading."""
        self._runs, self._at, self._first = (), 0, 0
        self._arrange()
        self._columns[0].teach(sentence, remarks)

    def show(self, runs: Showing, remarks: Sequence[Figure] = ()) -> None:
        """Show runs, or what they have got since; `remarks` are figures for the heading."""
        if not self._runs or self._runs[0].id != runs[0].id:
            self._at = self._first = 0
            self._bases = {run.id: self._bases[run.id] for run in runs if run.id in self._bases}
        self._runs, self._remarks = runs, remarks
        self._arrange()

    def compare(self, run: RunState, base: RunState | None) -> None:
        """Show how a run's answer differs from another one once both have ended; from none: as it is."""
        if base is None:
            self._bases.pop(run.id, None)
        else:
            self._bases[run.id] = base
        self._arrange()

    @on(FoldLine.Toggled)
    def fold(self) -> None:
        """Show the reasoning, or one line in its place."""
        self._unfolded = not self._unfolded
        self._arrange()

    def toggle_raw(self) -> None:
        """Show the marks of markdown, or only what they mean."""
        self._raw = not self._raw
        self._arrange()

    # ---------------------------------------------------------------- which is at hand

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The answer that gets the focus is the one at hand."""
        for place, column in enumerate(self._columns, self._first):
            if column in event.widget.ancestors and place != self._at and place < len(self._runs):
                self._at = place
                self._arrange()

    @on(BatchLine.Chosen)
    def _name_clicked(self, message: BatchLine.Chosen) -> None:
        message.stop()
        self._go_to(message.place)

    def action_column(self, step: int) -> None:
        """Go to the answer at the right or at the left."""
        if 0 <= self._at + step < len(self._runs):
            self._go_to(self._at + step)

    def _go_to(self, place: int) -> None:
        self._at = place
        self._arrange()
        self.text.focus()

    # ---------------------------------------------------------------- laying out

    def on_resize(self) -> None:
        """Show as many side by side as there is room for now."""
        if self._runs:
            self._arrange()

    def _arrange(self) -> None:
        several = len(self._runs) > 1
        if self.abreast != self._counted:
            self._counted = self.abreast
            self.post_message(self.Counted())
        room = max(1, self.size.width // NARROWEST)
        count = max(1, min(len(self._runs), MOST, room))
        self._first = max(0, min(max(self._first, self._at - count + 1), self._at, len(self._runs) - count))
        if self._line.display != several:
            self._line.display = several
            self.set_class(several, "-several")
        if more := [AnswerColumn() for _ in range(count - len(self._columns))]:
            self._columns += more
            self._row.mount(*more)
        for column in self._columns[count:]:
            column.display = False
        labels = names(self._runs) if several else []
        for place, column in enumerate(self._columns[:count], self._first):
            column.display = True
            column.set_class(place + 1 < self._first + count, "-beside")
            column.look(raw=self._raw, unfolded=self._unfolded)
            if place < len(self._runs):
                run = self._runs[place]
                title: list[Word] = [("Answer", "strong"), ("  ", ""), *who(run)]
                remarks = self._remarks
                if several:
                    title = [(labels[place], "tab" if place == self._at else "accent"), (" ", "")]
                    remarks = [(2, (run.model, "muted"))]
                column.show(run, title, remarks, self._base_of(run))
        if several:
            self._line.show(self._runs, self._at, [word for _, word in self._remarks])

    def _base_of(self, run: RunState) -> RunState | None:
        base = self._bases.get(run.id)
        return next((other for other in self._runs if base and other.id == base.id), base)
