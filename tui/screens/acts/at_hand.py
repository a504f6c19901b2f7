"""What is at hand on the workbench, for the acts that every screen with answers has."""

from __future__ import annotations

from tui.screens.acts.base import Bench
from tui.screens.acts.judging import Judged, Judging
from tui.screens.acts.keeping import Keeping, Kept, answer_file_name


class AtHand(Keeping, Judging, Bench):
    """The answer in sight, and the text that the focus is in."""

    async def text_at_hand(self) -> Kept | None:
        """Return the text that the focus is in; the answer by default."""
        if self.focused is self.desk.text:
            return Kept(self.desk.view, self.desk.raw_text)
        return await self.answer_at_hand()

    async def answer_at_hand(self) -> Kept | None:
        """Return the answer of the run in sight."""
        run = self.desk.answer.run
        if run is None:
            return None
        name = answer_file_name(run.name, run.version, run.provider, run.id)
        return Kept("answer", str(run.transcript), name)

    async def judged(self) -> Judged | None:
        """Return the run in sight, if it has ended well."""
        run = self.desk.answer.run
        if run is None or run.status != "done":
            return None
        return Judged(run.id, run.outcome, self.runs.note(run.id))

    def show_rating(self, judged: Judged) -> None:
        """Show it at the answer."""
        self.runs.rated(judged.run_id, judged.outcome, judged.note)
        self.show_answer()
