"""Judging answers: a person's verdict on the one in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.acts.base import Bench

if TYPE_CHECKING:
    from tui.core.store.runs import Outcome


class Judging(Bench):
    """The acts on an answer that is there."""

    def action_rate(self, outcome: Outcome) -> None:
        """Rate the answer that is shown."""
        run = self.desk.answer.run
        if run is None or run.status != "done":
            self.key_line.tell("There is no finished answer to rate: press r for one.", "warning")
            return
        self.engine.rate(run.id, outcome)
        self.runs.rated(run.id, outcome)
        self.show_answer()
