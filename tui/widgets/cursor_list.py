"""A list with a cursor, painted line by line, so that its length costs nothing but what the screen shows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView

from tui.widgets.ink import Word, paint
from tui.widgets.jumping import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.strip import Strip


_WHEEL_ROWS = 3


class CursorList(ScrollView, can_focus=True):
    """A subclass says how many rows there are and what each says; rows are numbered from 0."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"list--cursor", "list--cursor-away", "list--flash"}
    virtual_size = Reactive(Size(0, 0), layout=False)  # as in TextView: no scrollbars, no new layout

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._cursor = 0

    # ---------------------------------------------------------------- for a subclass

    @property
    def length(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    @property
    def remark(self) -> str:
        """What to say in place of rows."""
        return ""

    def row_words(self, number: int) -> Sequence[Word]:
        """Return what a row says."""
        raise NotImplementedError

    def flashes(self, number: int) -> bool:
        """Whether a row is marked as just changed."""
        return False

    def cursor_moved(self) -> None:
        """Called when the cursor has come to another row."""

    def move_to(self, number: int) -> None:
        """Put the cursor on the row of that number, or the nearest there is."""
        if not self.length:
            return
        old, self._cursor = self._cursor, max(0, min(self.length - 1, number))
        if old != self._cursor:
            self.refresh_row(old)
            self.refresh_row(self._cursor)
            self.scroll_to_cursor()
            self.cursor_moved()

    # ---------------------------------------------------------------- painting

    def render_line(self, y: int) -> Strip:
        """Paint one row in sight."""
        number = y + self.scroll_offset.y
        if number >= self.length:
            said = y == 0 and not self.length
            return paint(self, [(self.remark, "muted")] if said else (), self.size.width)
        background = "list--flash" if self.flashes(number) else ""
        if number == self._cursor:
            background = "list--cursor" if self.has_focus else "list--cursor-away"
        return paint(self, self.row_words(number), self.size.width, background=background)

    def refresh_row(self, number: int) -> None:
        """Paint a row again, if it is in sight."""
        y = number - self.scroll_offset.y
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def on_focus(self) -> None:
        """The cursor looks different with the focus."""
        self.refresh_row(self._cursor)

    def on_blur(self) -> None:
        """The cursor looks different without the focus."""
        self.refresh_row(self._cursor)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.scroll_to_cursor()

    def jump_places(self) -> Iterable[Place]:
        """Return the rows in sight."""
        top = self.scroll_offset.y
        for number in range(top, min(self.length, top + self.size.height)):
            yield Place(0, number - top, partial(self._jump_to, number))

    def _jump_to(self, number: int) -> None:
        self.focus()
        self.move_to(number)

    # ---------------------------------------------------------------- moving

    def scroll_to_cursor(self) -> None:
        """Scroll as little as brings the cursor in sight."""
        top, height = self.scroll_offset.y, self.size.height
        target = min(top, self._cursor) if self._cursor < top else max(top, self._cursor - height + 1)
        target = max(0, min(target, self.max_scroll_y))
        if height and target != top:
            self.scroll_to(y=target, animate=False, immediate=True, force=True)

    def action_cursor(self, rows: int) -> None:
        """Move by so many rows."""
        self.move_to(self._cursor + rows)

    def action_cursor_page(self, pages: int) -> None:
        """Move by so many pages."""
        self.move_to(self._cursor + pages * max(1, self.size.height - 1))

    def action_cursor_end(self, direction: int) -> None:
        """Go to the first row or the last."""
        self.move_to(0 if direction < 0 else self.length - 1)


class WheelList(CursorList):
    """One in which the wheel moves the cursor, so that what is in sight is what is at hand."""

    def _on_mouse_scroll_down(self, event: object) -> None:
        self.move_to(self._cursor + _WHEEL_ROWS)

    def _on_mouse_scroll_up(self, event: object) -> None:
        self.move_to(self._cursor - _WHEEL_ROWS)
