"""Going back to earlier runs: the history of all of them, and from there to the workbench again."""

from __future__ import annotations

from tui.screens.acts.base import Bench


class Remembering(Bench):
    """The act that opens the history."""

    def action_history(self, this_prompt: bool = False) -> None:
        """Show all runs, or those of the prompt at hand."""
        from tui.core.store.run_query import filter_term  # only when asked for
        from tui.screens.history import History

        row = self.desk.row
        query = filter_term("prompt", row.name) if this_prompt and row is not None else ""
        self.app.push_screen(History(self.engine, query, row.name if row is not None else None))

    async def go_to(self, name: str, version: int) -> None:
        """Put a version on the desk with its answer in sight."""
        self.browser.select((name, version))
        await self.follow_cursor()
        self.desk.show_run()
        self.show_answer()
