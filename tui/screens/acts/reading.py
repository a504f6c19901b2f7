"""Reading answers: how they are shown, and which of them."""

from __future__ import annotations

from tui.screens.acts.base import Bench


class Reading(Bench):
    """The acts that change what of an answer is in sight."""

    def action_reasoning(self) -> None:
        """Show the model's reasoning, or one line in its place."""
        self.desk.answer.fold()

    def action_raw(self) -> None:
        """Show the marks of markdown, or only what they mean."""
        self.desk.answer.toggle_raw()
