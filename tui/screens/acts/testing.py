"""Testing the prompt at hand: its cases with their checks, and its A/B test."""

from __future__ import annotations

from tui.screens.acts.base import Bench


class Testing(Bench):
    """The acts that lead to pages of their own."""

    def action_experiment(self) -> None:
        """Open the test of the prompt that is on the desk."""
        from tui.screens.experiment import ExperimentPage  # only when asked for

        row = self.desk.row
        if row is None:
            self.key_line.tell("There is no prompt here whose traffic could be split.", "warning")
            return
        self.app.push_screen(ExperimentPage(self.engine, row.name, self.provider or ""))

    async def action_test(self) -> None:
        """Open the matrix of the prompt at hand: first its plan, then its grid."""
        from tui.screens.matrix import MatrixPage  # only when asked for

        await self.follow_cursor()
        row = self.desk.row
        if row is None:
            self.key_line.tell("There is no prompt here to test: choose one in the browser.", "warning")
            return
        marked = {key[1] for key in self.browser.marked if key[0] == row.name and isinstance(key[1], int)}
        chosen = marked or {row.version}, {self.provider or ""}
        self.app.push_screen(MatrixPage(self.engine, row.name, chosen))
