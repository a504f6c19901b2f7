"""Arranging the panes: one of them alone, wider or narrower, and the browser shown or hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.events import DescendantFocus
from textual.reactive import var

from tui.actions import key_of
from tui.screens.acts.base import Bench

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui.widgets.desk.desk import Zoom

SIDE_STEP, SHARE_STEP = 4, 5
"""By how much a pane changes at a time: the browser in cells, text and answer in per cent."""
WRITING_SHARE = 67
"""What the text has while it is written, unless that was changed."""
NARROWEST = 16
"""Cells that the browser keeps at least; to the desk it leaves twice as many."""
SMALLEST, LARGEST = 20, 80
"""Between which shares, in per cent, text and answer can be divided."""


class Arranging(Bench):
    """The acts that change how the screen is shared out."""

    side_width: var[int | None] = var(None)
    """The browser's width in cells, where there is room for it; None: as the styles say."""
    _pane_of: ClassVar[dict[str, Zoom]] = {"side": "browser", "answer": "answer", "desk": "text"}

    def on_mount(self) -> None:
        """Follow what the desk says of the pane that is alone."""
        self.watch(self.desk, "zoomed", self._show_zoom, init=False)

    def pane_of(self, widget: Widget | None) -> Zoom:
        """Return the pane that a widget is in."""
        ids = [node.id for node in (widget.ancestors_with_self if widget is not None else ())]
        return next((self._pane_of[i] for i in ids if i in self._pane_of), "text")

    def action_zoom(self) -> None:
        """Give the focused pane all the room, or all panes theirs again."""
        self.desk.zoomed = None if self.desk.zoomed else self.pane_of(self.focused)

    def action_resize(self, step: int) -> None:
        """Make the focused pane wider (the answer or text: larger), or narrower for -1."""
        pane, desk = self.pane_of(self.focused), self.desk
        if desk.zoomed:
            self.key_line.tell(f"This pane has all the room: {key_of('zoom')} ends that.")
        elif pane == "browser":
            self.widen_browser(self._possible(self._width + step * SIDE_STEP))
        elif desk.short:
            self.key_line.tell(f"There is room for one text only here: {key_of('zoom')} hides the browser.")
        else:
            own = step if pane == "text" else -step
            usual = WRITING_SHARE if desk.writing and not desk.abreast else 50
            share = (desk.share if desk.share is not None else usual) + own * SHARE_STEP
            desk.share = max(SMALLEST, min(LARGEST, share))

    def widen_browser(self, width: int | None) -> None:
        """Give the browser a width in cells, as far as that is possible here; None: the usual one."""
        self.side_width = width
        self._divide()

    def on_resize(self) -> None:
        """Leave the desk its part, and give the browser what it was to have once there is room for it."""
        self._divide()

    @property
    def _width(self) -> int:
        """The browser's width: as was just asked for, which may not be laid out yet."""
        if self.side_width is not None:
            return self._possible(self.side_width)
        return self.query_one("#side").outer_size.width

    def _possible(self, width: int) -> int:
        return max(NARROWEST, min(self.size.width // 3, width))

    def _divide(self) -> None:
        side = self.query_one("#side")
        wanted = self.side_width
        side.styles.width = None if self.desk.zoomed or wanted is None else self._possible(wanted)

    @on(DescendantFocus)
    def _go_where_the_focus_goes(self) -> None:
        """Show all panes again when another than the one that is alone has the focus."""
        # Where it is now, not where the message says that it went: it may have gone on meanwhile.
        zoomed, pane = self.desk.zoomed, self.pane_of(self.focused)
        if zoomed is None or zoomed == pane or self.focused is None or self.focused.parent is self.ask_line:
            return
        if "browser" in (zoomed, pane) or not self.desk.short:  # on a short screen the view says which text
            self.desk.zoomed = None

    def _show_zoom(self, zoomed: Zoom | None) -> None:
        self.set_class(zoomed == "browser", "-zoom-browser")
        self.set_class(zoomed in ("text", "answer"), "-zoom-desk")
        self._divide()
