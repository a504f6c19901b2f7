"""Opening the A/B test of the prompt at hand."""

from __future__ import annotations

from tui.screens.acts.base import Bench


class Testing(Bench):
    """The act that leads to the test's own page."""

    def action_experiment(self) -> None:
        """Open the test of the prompt that is on the desk."""
        from tui.screens.experiment import ExperimentPage  # only when asked for

        row = self.desk.row
        if row is None:
            self.key_line.tell("There is no prompt here whose traffic could be split.", "warning")
            return
        self.app.push_screen(ExperimentPage(self.engine, row.name, self.provider or ""))
