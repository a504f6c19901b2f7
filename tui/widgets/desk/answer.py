"""The answer pane: the answer of the last run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical

from tui.widgets.desk.answer_words import who
from tui.widgets.desk.column import AnswerColumn
from tui.widgets.desk.fold_line import FoldLine

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.core.engine.events import RunState
    from tui.widgets.reading.text_view import TextView


class AnswerPane(Vertical):
    """Shows the answer, and how it is to be read."""

    def __init__(self) -> None:
        super().__init__(id="answer")
        self._raw = self._unfolded = False
        self._column = AnswerColumn()

    def compose(self) -> ComposeResult:
        """Yield the answer."""
        yield self._column

    @property
    def run(self) -> RunState | None:
        """The run that is shown."""
        return self._column.run

    @property
    def text(self) -> TextView:
        """The pane with its text."""
        return self._column.text

    def teach(self, sentence: str) -> None:
        """Say what to do, while there is no answer."""
        self._column.teach(sentence)

    def show(self, run: RunState, queued: int = 0) -> None:
        """Show a run, or what it has got since; `queued` others wait behind it."""
        remarks = [(4, (f"{queued} waiting", "warning"))] if queued else []
        self._column.show(run, [("Answer", "strong"), ("  ", ""), *who(run)], remarks)

    @on(FoldLine.Toggled)
    def fold(self) -> None:
        """Show the reasoning, or one line in its place."""
        self._unfolded = not self._unfolded
        self._look()

    def toggle_raw(self) -> None:
        """Show the marks of markdown, or only what they mean."""
        self._raw = not self._raw
        self._look()

    def _look(self) -> None:
        self._column.look(raw=self._raw, unfolded=self._unfolded)
