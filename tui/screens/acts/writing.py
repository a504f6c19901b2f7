"""Changing prompt files: which version is active, and the file in the user's own editor."""

from __future__ import annotations

from textual import work

from tui.editor import edit_file
from tui.screens.acts.beside_draft import BesideDraft


class Writing(BesideDraft):
    """The acts whose effect is in a prompt's file."""

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
        if self.told_of_draft("edit", path, "opens the file"):
            return
        if problem := edit_file(self.app, self.engine.workspace.prompts / path, line):
            self.key_line.tell(problem, "error")
