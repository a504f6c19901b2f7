"""Changing prompt files: which version is active, and the file in the user's own editor."""

from __future__ import annotations

from textual import work

from tui.actions import key_of
from tui.editor import edit_file
from tui.screens.acts.base import Bench


class Writing(Bench):
    """The acts whose effect is in a prompt's file."""

    _edit_warned = ""
    """The file whose draft was told of when it was to be opened elsewhere."""

    async def action_activate(self) -> None:
        """Make the version at hand the active one, in its file."""
        await self.follow_cursor()
        if (row := self.desk.row) is not None:
            self.engine.filing.activate(row.name, row.version)

    @work(group="edit", exclusive=True)
    async def action_edit(self) -> None:
        """Open the file at hand in the user's editor; the terminal is the editor's until it ends."""
        place = self.desk.place
        if place is None:
            self.key_line.tell("There is no file to edit here: choose one in the browser.", "warning")
            return
        path, line = place
        if self.desk.drafted and path != self._edit_warned:
            self._edit_warned = path
            self.key_line.tell(
                f"There is an unsaved draft: {key_of('save')} saves it, "
                f"{key_of('edit')} again opens the file without it.",
                "warning",
            )
            return
        self._edit_warned = ""
        if problem := edit_file(self.app, self.engine.workspace.prompts / path, line):
            self.key_line.tell(problem, "error")
