"""What is done to a file while a draft of it waits: a word on that first, and the key again does it."""

from __future__ import annotations

from tui.actions import key_of
from tui.screens.acts.base import Bench


class BesideDraft(Bench):
    """For the acts that take the file as it is."""

    _told_of = ("", "")
    """The act and the file whose draft was told of last."""

    def told_of_draft(self, act: str, path: str, what: str) -> bool:
        """Whether nothing is to be done now but to read that there is a draft; the second time it is."""
        if not self.desk.drafted or self._told_of == (act, path):
            self._told_of = ("", "")
            return False
        self._told_of = (act, path)
        self.key_line.tell(
            f"There is an unsaved draft: {key_of('save')} saves it, {key_of(act)} again {what} without it.",
            "warning",
        )
        return True
