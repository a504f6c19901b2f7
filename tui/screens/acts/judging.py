"""Judging answers: a person's verdict on the one at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual import work

from tui.actions import key_of
from tui.screens.acts.base import Surface

if TYPE_CHECKING:
    from tui.core.store.runs import Outcome


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer as far as judging it goes."""

    run_id: str
    outcome: str | None
    note: str


class Judging(Surface[None]):
    """The acts on an answer that is there; a screen says which, and shows what was said of it."""

    async def judged(self) -> Judged | None:
        """Return the finished answer at hand, None while there is none."""
        raise NotImplementedError

    def show_rating(self, judged: Judged) -> None:
        """Show at once what a person has just said."""

    @work(group="rate")
    async def action_rate(self, outcome: Outcome) -> None:
        """Rate the answer that is shown; the rating that it has already is taken back."""
        if (judged := await self._rateable()) is not None:
            self._rate(judged.run_id, None if judged.outcome == outcome else outcome, judged.note)

    @work(group="note", exclusive=True)
    async def action_note(self) -> None:
        """Ask for a note on the answer that is shown; its rating stays."""
        if (judged := await self._rateable()) is None:
            return
        note = await self.ask_line.ask("note", judged.note, hint="what is good or bad about it")
        if note is not None:
            self._rate(judged.run_id, judged.outcome, note.strip())

    async def _rateable(self) -> Judged | None:
        judged = await self.judged()
        if judged is None:
            self.key_line.tell(
                f"There is no finished answer to rate: press {key_of('run')} for one.", "warning"
            )
        return judged

    def _rate(self, run_id: str, outcome: str | None, note: str) -> None:
        self.engine.records.rate(run_id, cast("Outcome | None", outcome), note)
        self.show_rating(Judged(run_id, outcome, note))
