"""Finding a prompt: the browser, shown or hidden, and the filter above it."""

from __future__ import annotations

from textual import on
from textual.widgets import Input

from tui.screens.acts.base import Bench


class Finding(Bench):
    """The acts that change which prompts are in sight."""

    def action_browser(self) -> None:
        """Show or hide the browser."""
        in_sight = not self.browser_hidden and self.desk.zoomed in (None, "browser")
        self.desk.zoomed, self.browser_hidden = None, in_sight
        (self.desk.text if self.browser_hidden else self.browser).focus()

    def action_filter(self) -> None:
        """Open the filter above the browser."""
        self.browser_hidden = False
        self.filter_field.display = True
        self.filter_field.focus()

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        self.browser.filter(event.value)
        self.show_count()

    @on(Input.Submitted, "#filter")
    def _filter_kept(self) -> None:
        self.browser.settle()
        self.close_filter(keep=True)
        self.browser.focus()

    def close_filter(self, *, keep: bool) -> None:
        """Leave the filter's field; the field stays in sight while it holds words that are kept."""
        if not keep:
            self.filter_field.value = ""
        self.filter_field.display = bool(self.filter_field.value)
