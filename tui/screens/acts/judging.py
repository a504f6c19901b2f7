"""Judging answers: a person's verdict on the one in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import work

from tui.screens.acts.base import Bench

if TYPE_CHECKING:
    from tui.core.engine.events import RunState
    from tui.core.store.runs import Outcome


class Judging(Bench):
    """The acts on an answer that is there."""

    def action_rate(self, outcome: Outcome) -> None:
        """Rate the answer that is shown; the rating that it has already is taken back."""
        if (run := self._rateable()) is not None:
            self._rate(run, None if run.outcome == outcome else outcome)

    @work(group="note", exclusive=True)
    async def action_note(self) -> None:
        """Ask for a note on the answer that is shown; its rating stays."""
        if (run := self._rateable()) is None:
            return
        note = await self.ask_line.ask("note", self.runs.note(run.id), hint="what is good or bad about it")
        if note is not None:
            self._rate(self.runs.get(run.id) or run, run.outcome, note.strip())

    def _rateable(self) -> RunState | None:
        run = self.desk.answer.run
        if run is None or run.status != "done":
            self.key_line.tell("There is no finished answer to rate: press r for one.", "warning")
            return None
        return run

    def _rate(self, run: RunState, outcome: str | None, note: str | None = None) -> None:
        said = self.runs.note(run.id) if note is None else note
        self.engine.records.rate(run.id, cast("Outcome | None", outcome), said)
        self.runs.rated(run.id, outcome, said)
        self.show_answer()
