"""A page of painted lines that follows the engine and the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.getters import query_one

from tui.screens.acts.base import Surface
from tui.widgets.ask_line import AskLine
from tui.widgets.heading import Heading
from tui.widgets.key_line import KeyLine
from tui.widgets.painted_lines import PaintedLines
from tui.widgets.quota.strip import TICK_S

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

CALM_S = 1.0
"""How often a page is looked at on which nothing moves but what is told in seconds."""


class LinesPage(Surface[None]):
    """Its news come as EngineNews; a subclass says what the lines are."""

    CSS_PATH = "lines_page.tcss"
    AUTO_FOCUS = ""  # the keys are the page's own; a field has the focus only while it asks

    heading = query_one("#page-heading", Heading)
    lines = query_one("#page-lines", PaintedLines)
    scroller = query_one(VerticalScroll)
    _timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Yield the regions of the screen, from top to bottom."""
        yield Heading(id="page-heading")
        with VerticalScroll(can_focus=False):
            yield PaintedLines(id="page-lines")
        yield KeyLine(self.PLACES)
        yield AskLine()

    def on_mount(self) -> None:
        """Begin to listen and to follow the time."""
        self.listen()
        self.follow_time()

    def on_resize(self) -> None:
        """Lay the lines out for the width."""
        self.show_lines()

    def show_lines(self) -> None:
        """Show what is so now; called with each tick and each change of the size."""
        if self.in_use:
            self.paint_lines()

    def paint_lines(self) -> None:
        """Give the lines what is so now."""
        raise NotImplementedError

    @property
    def moving(self) -> bool:
        """Whether something on the page changes faster than by the second, such as a gauge."""
        raise NotImplementedError

    def follow_time(self) -> None:
        """Show what is so now, and again before long; called also when something may have begun to move."""
        if self._timer is not None:
            self._timer.stop()
        if self.in_use:
            self.paint_lines()
            self._timer = self.set_timer(TICK_S if self.moving else CALM_S, self.follow_time)

    def action_page(self, step: int) -> None:
        """Show what is further down, or up."""
        self.scroller.scroll_relative(y=step * (self.scroller.size.height - 2), animate=False)

    def action_back(self) -> None:
        """Go back to the workbench."""
        self.dismiss()
