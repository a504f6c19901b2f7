"""A pane of soft-wrapped text that grows at its end; it sends only the rows that changed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView

from tui.actions import bindings
from tui.core.text import printable, printable_lines
from tui.widgets.ink import Word, paint
from tui.widgets.reading.find import Match, find
from tui.widgets.reading.highlight import Span, overlay
from tui.widgets.reading.markdown import Reader, marked
from tui.widgets.reading.rows import Row, common, wrap_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.events import Resize
    from textual.strip import Strip


_REMEMBERED = 400
"""Characters up to which a coloured line is remembered."""


@dataclass(frozen=True, slots=True)
class Line:
    """One source line, safe to show, with its inks; the spans cover it without overlap."""

    text: str
    spans: tuple[Span, ...]
    indent: int = 0
    """Cells by which its further rows are indented when it is wrapped."""
    numbered: bool = True
    """Whether its number is shown, where numbers are."""


def plain_lines(text: str, ink: str = "muted") -> list[Line]:
    """Return the lines of a text in one ink, without numbers."""
    return [Line(line, (Span(0, len(line), ink),), numbered=False) for line in printable_lines(text)]


def word_line(words: Sequence[Word], indent: int = 0) -> Line:
    """Return a line of words in their inks, without a number; `indent` cells stand before what is wrapped."""
    pieces = [(printable(text), ink) for text, ink in words if text]
    spans: list[Span] = []
    for text, ink in pieces:
        start = spans[-1].end if spans else 0
        spans.append(Span(start, start + len(text), ink or "text"))
    return Line("".join(text for text, _ in pieces), tuple(spans), indent, numbered=False)


class TextView(ScrollView, can_focus=True):
    """Shows lines, with their numbers or without; keys and the wheel scroll it.

    When it stands at its end and text is appended, it follows.
    """

    BINDINGS = bindings("reading")

    class Moved(Message):
        """Other rows are in sight, or there are more or fewer of them: `place` says which."""

    class SearchAsked(Message):
        """The key for a search was pressed in this pane; whoever has a field for it asks for the words."""

        def __init__(self, view: TextView) -> None:
            super().__init__()
            self.view = view

    # Textual lays the whole screen out anew when a virtual size changes. This pane shows no scrollbars, so a
    # row more changes nothing but the row itself.
    virtual_size = Reactive(Size(0, 0), layout=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._rows: list[Row] = []
        self._first_number: int | None = None
        self._open = ""
        self._fence_before_open = False
        self._reader: Reader = marked
        self._told = ""
        self._query = ""
        self._matches: list[Match] = []
        self._match = 0

    # ---------------------------------------------------------------- content

    def show(
        self, lines: Sequence[Line], *, first_number: int | None = None, keep_place: bool = False
    ) -> None:
        """Replace the content, with line numbers from `first_number`, or none.

        `keep_place` leaves the scroll position where it is.
        """
        place = self.scroll_y if keep_place else 0
        before, gutter = self._lines, self._gutter
        if list(lines) == before and first_number == self._first_number and keep_place:
            return
        self._lines, self._first_number = list(lines), first_number
        self._fence_before_open, self._open = False, ""
        self._wrap(*(common(before, self._lines) if self._gutter == gutter else (0, 0)))
        self.scroll_to(y=min(place, self.max_scroll_y), animate=False, immediate=True, force=True)
        self.refresh()

    def show_markdown(self, text: str, reader: Reader = marked, *, keep_place: bool = False) -> None:
        """Replace the content by a markdown text that `append` may continue, each line read by `reader`."""
        place = self.scroll_y if keep_place else 0
        self._reader = reader
        self.show([])
        self.append(text)
        self.scroll_to(y=min(place, self.max_scroll_y), animate=False, immediate=True, force=True)

    def append(self, text: str) -> None:
        """Add text to what `show_markdown` or `append` gave before; repaint from the line it continues."""
        if not text:
            return
        following = self.at_end
        pieces = printable_lines(self._open + text)
        first = max(0, len(self._lines) - 1)
        del self._lines[first:]
        fence = self._fence_before_open
        for piece in pieces:
            self._fence_before_open = fence
            read = self._reader(piece, fence)
            fence = read.in_code
            self._lines.append(Line(read.text, tuple(read.spans), indent=read.indent))
        # The last line stays open: kept raw, because a control character must not be made visible twice.
        self._open = (self._open + text).replace("\r\n", "\n").rsplit("\n", 1)[-1]
        changed = self._wrap(first)
        if following and self.max_scroll_y > self.scroll_y:
            self.scroll_end(animate=False, immediate=True, force=True)
        else:
            top = changed - self.scroll_offset.y
            self.refresh(Region(0, max(0, top), self.size.width, max(0, self.size.height - max(0, top))))

    @property
    def at_end(self) -> bool:
        """Whether the last row is in sight."""
        return self.scroll_offset.y >= self.max_scroll_y

    @property
    def matches(self) -> int:
        """How many places were found."""
        return len(self._matches)

    @property
    def place(self) -> str:
        """The match a search is at, `2 of 7`, and the rows in sight, `12–40/212`, unless all are."""
        total, top = len(self._rows), self.scroll_offset.y
        words = []
        if self._query:
            words.append(f"{self._match + 1} of {len(self._matches)}" if self._matches else "not found")
        if total > self.size.height > 0:
            words.append(f"{top + 1}–{min(total, top + self.size.height)}/{total}")
        return " · ".join(words)

    @property
    def text(self) -> str:
        """What is shown, unwrapped."""
        return "\n".join(line.text for line in self._lines)

    # ---------------------------------------------------------------- layout

    @property
    def _gutter(self) -> int:
        if self._first_number is None or not self._lines:
            return 0
        return len(str(self._first_number + len(self._lines))) + 2

    def on_resize(self, event: Resize) -> None:
        """Wrap anew, keeping the first row in sight where it is."""
        top = self._rows[self.scroll_offset.y].line if self._rows[self.scroll_offset.y :] else 0
        following = self.at_end and bool(self.scroll_offset.y)
        self._wrap()
        row = len(self._rows) if following else bisect_right(self._rows, top - 1, key=lambda row: row.line)
        self.scroll_to(y=min(row, self.max_scroll_y), animate=False, immediate=True, force=True)

    def _wrap(self, head: int = 0, tail: int = 0) -> int:
        """Wrap the lines between those at head and tail that are as before; return the first new row."""
        width = self.size.width - self._gutter
        first, self._rows = wrap_lines(self._rows, self._lines, width, head, tail)
        self.virtual_size = Size(self.size.width, len(self._rows))
        if self._query:
            self._search()
        self._tell()
        return first

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell where we are now."""
        super().watch_scroll_y(old_value, new_value)
        self._tell()

    def _tell(self) -> None:
        if self.place != self._told:
            self._told = self.place
            self.post_message(self.Moved())

    # ---------------------------------------------------------------- painting

    def render_line(self, y: int) -> Strip:
        """Paint one row in sight."""
        number = y + self.scroll_offset.y
        return paint(self, self._words(number) if number < len(self._rows) else (), self.size.width)

    def _words(self, number: int) -> list[Word]:
        row = self._rows[number]
        words: list[Word] = []
        line = self._lines[row.line]
        if self._first_number is not None and (gutter := self._gutter):
            label = str(self._first_number + row.line) if row.start == 0 and line.numbered else ""
            words.append((f"{label:>{gutter - 2}}  ", "faint"))
        if row.start:
            words.append((" " * line.indent, ""))
        for start, end, ink in self._spans(row.line, line):
            if start < row.end and end > row.start:
                words.append((line.text[max(start, row.start) : min(end, row.end)], ink))
        return words

    def _spans(self, number: int, line: Line) -> Sequence[Span]:
        """Return the spans of a line, with what a search found in it laid over them."""
        first = bisect_left(self._matches, number, key=lambda match: match.line)
        last = bisect_right(self._matches, number, key=lambda match: match.line)
        if first == last:
            return line.spans
        marks = [
            Span(match.start, match.end, "found-here" if place == self._match else "found")
            for place, match in enumerate(self._matches[first:last], first)
        ]
        return overlay(line.spans, marks, len(line.text))

    # ---------------------------------------------------------------- searching

    def look_for(self, query: str) -> None:
        """Mark every place of `query` and go to the first one from here on; nothing is marked for ""."""
        top = self._rows[self.scroll_offset.y].line if self._rows[self.scroll_offset.y :] else 0
        self._query = query
        self._search()
        following = bisect_left(self._matches, top, key=lambda match: match.line)
        self._match = following if following < len(self._matches) else 0
        self._go_to_match()

    def action_search(self) -> None:
        """Ask for words to look for."""
        self.post_message(self.SearchAsked(self))

    def action_match(self, step: int) -> None:
        """Go to the next match, or from the last one to the first."""
        if self._matches:
            self._match = (self._match + step) % len(self._matches)
            self._go_to_match()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys of a search to others while there is none."""
        return bool(self._query) if action == "match" else True

    def _search(self) -> None:
        self._matches = find([line.text for line in self._lines], self._query)
        self._match = min(self._match, max(0, len(self._matches) - 1))

    def _go_to_match(self) -> None:
        if self._matches:
            match = self._matches[self._match]
            row = (
                bisect_right(self._rows, (match.line, match.start), key=lambda row: (row.line, row.start)) - 1
            )
            if not 0 <= row - self.scroll_offset.y < self.size.height:
                self._scroll_rows(row - self.scroll_offset.y - self.size.height // 3)
        self._tell()
        self.refresh()

    # ---------------------------------------------------------------- scrolling

    def _scroll_rows(self, rows: int) -> None:
        target = self.scroll_offset.y + rows
        self.scroll_to(y=max(0, min(self.max_scroll_y, target)), animate=False, immediate=True, force=True)

    def action_rows(self, rows: int) -> None:
        """Scroll by so many rows."""
        self._scroll_rows(rows)

    def action_pages(self, pages: int) -> None:
        """Scroll by so many pages."""
        self._scroll_rows(pages * max(1, self.size.height - 1))

    def action_top(self) -> None:
        """Go to the first row."""
        self.scroll_home(animate=False, immediate=True, force=True)

    def action_bottom(self) -> None:
        """Go to the last row."""
        self.scroll_end(animate=False, immediate=True, force=True)


def coloured(text: str, marks: Callable[[int, str], Sequence[Span]]) -> list[Line]:
    """Return markdown lines with `marks(line number, line)` laid over the usual colouring."""
    lines: list[Line] = []
    fence = False
    for number, line in enumerate(printable_lines(text)):
        colour = _coloured if len(line) <= _REMEMBERED else _coloured.__wrapped__
        coloured_line, fence = colour(line, fence, tuple(marks(number, line)))
        lines.append(coloured_line)
    return lines


@lru_cache(4096)  # a text that grows is coloured again and again, and most of its lines are as before
def _coloured(line: str, in_code: bool, marks: tuple[Span, ...]) -> tuple[Line, bool]:
    read = marked(line, in_code)
    return Line(line, tuple(overlay(read.spans, marks, len(line)))), read.in_code
