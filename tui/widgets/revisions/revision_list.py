"""The list of a version's revisions; what lies in sight is compared with the one before, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.message import Message

from tui.actions import bindings
from tui.core.diff import counts, diff_lines
from tui.widgets.cursor_list import CursorList
from tui.widgets.revisions.rows import revision_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from textual.events import Click

    from tui.core.engine.revisions import Revision
    from tui.widgets.ink import Word


class RevisionList(CursorList):
    """Shows the newest first, and which one is marked to compare with."""

    BINDINGS = bindings("list")

    class Moved(Message):
        """The cursor came to another revision."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(id="revisions")
        self._revisions: Sequence[Revision] = ()
        self._now = now
        self._changed: dict[tuple[bytes, bytes], tuple[int, int]] = {}
        self.marked: Revision | None = None
        self.reading = True

    def show(self, revisions: Sequence[Revision]) -> None:
        """Replace the rows; cursor and mark stay on what they were on. First it is on what was last there."""
        at, marked = self.revision, self.marked
        self._revisions, self.reading = revisions, False
        self.marked = _same(revisions, marked)
        found = _same(revisions, at) or next((one for one in revisions if one.last), None)
        self._cursor = revisions.index(found) if found is not None else 0
        self.virtual_size = Size(self.size.width, len(revisions))
        self.scroll_to_cursor()
        self.refresh()

    @property
    def length(self) -> int:
        """How many rows there are."""
        return len(self._revisions)

    @property
    def remark(self) -> str:
        """What to say in place of rows."""
        return "Reading the history…" if self.reading else "Nothing was saved of this version yet."

    @property
    def revision(self) -> Revision | None:
        """The one under the cursor."""
        return self._revisions[self._cursor] if self._revisions else None

    @property
    def before(self) -> Revision | None:
        """The one before that, None for the first."""
        rest = self._revisions[self._cursor + 1 :]
        return rest[0] if rest else None

    def mark(self) -> None:
        """Mark the one under the cursor to compare with, or take its mark away."""
        self.marked = None if self.marked == self.revision else self.revision
        self.refresh()

    def row_words(self, number: int) -> Sequence[Word]:
        """Return what a row says."""
        revision = self._revisions[number]
        older = self._revisions[number + 1] if number + 1 < len(self._revisions) else None
        changed = self._difference(older, revision) if older is not None else (0, 0)
        marked = self.marked is revision
        return revision_words(revision, changed, self._now(), self.size.width, marked=marked)

    def cursor_moved(self) -> None:
        """Tell that it moved."""
        self.post_message(self.Moved())

    def on_click(self, event: Click) -> None:
        """Go to the row that was clicked."""
        number = event.y + self.scroll_offset.y
        if number < self.length:
            self.move_to(number)

    def _difference(self, old: Revision, new: Revision) -> tuple[int, int]:
        key = (old.data, new.data)
        if key not in self._changed:
            self._changed[key] = counts(diff_lines(old.text, new.text))
        return self._changed[key]


def _same(revisions: Sequence[Revision], wanted: Revision | None) -> Revision | None:
    if wanted is None:
        return None
    return next((one for one in revisions if (one.id, one.data) == (wanted.id, wanted.data)), None)
