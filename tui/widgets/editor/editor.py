"""The text of a prompt file, to be typed in: Textual's TextArea with our colours, marks and completion.

The colours are our own, not tree-sitter's: they are those of the reading view, need no compiled grammar (one
of which has crashed), and go on line by line, so that a file of a thousand lines costs what is in sight.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.actions import SkipAction
from textual.geometry import Offset, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.actions import bindings
from tui.core.veil import face, veil
from tui.widgets.editor import told
from tui.widgets.editor.colours import Colours
from tui.widgets.editor.completion import CompletionList, begun, closing, offered
from tui.widgets.editor.kept_rows import KeptRows
from tui.widgets.editor.vim.normal import NormalMode
from tui.widgets.ink import inks_of
from tui.widgets.reading.find import Match, find
from tui.widgets.reading.highlight import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Sequence

    from textual import events
    from textual.document._document import Location, Selection
    from textual.geometry import Region

    from tui.core.prompts.problems import Problem

_TOKEN = re.compile(r"\{\{.*?\}\}|[\w.-]+|\S|$")
_SIGNS = {"error": "✖", "warning": "!"}
_UNDO_STEPS = 1000
_MOVING = (None, "undo", "text-start", "text-end", "outdent")
"""The bindings that act at once; those of TextArea itself have no id."""


class Editor(KeptRows):
    """Knows no file: what it holds is a text, in which a file's control characters are veiled."""

    BINDINGS = bindings("editor")
    virtual_size = Reactive(Size(0, 0), layout=False)  # as in TextView: no scrollbars, no new layout

    def __init__(self, completion: CompletionList, *, vim: bool) -> None:
        self._colours: Colours | None = None
        self._declared: tuple[str, ...] = ()
        self._problems: dict[int, Problem] = {}
        self._query = ""
        self._matches: list[Match] = []
        self._completion = completion
        self.vim = NormalMode(self) if vim else None
        super().__init__(
            soft_wrap=True,
            show_line_numbers=True,
            tab_behavior="indent",
            compact=True,
            max_checkpoints=_UNDO_STEPS,
            id="editor",
        )
        self.cursor_blink = False  # a blinking cursor sends bytes for ever
        self.indent_width = 2  # as YAML is written

    def load(self, text: str, cursor: Location = (0, 0)) -> None:
        """Begin with a text; there is nothing to undo."""
        if self.vim is not None:
            self.vim.begin()
        super().load(text, cursor)

    # ---------------------------------------------------------------- marks

    def mark(self, declared: Collection[str], problems: Sequence[Problem]) -> None:
        """Mark the placeholders of declared names, and what is wrong, in their places."""
        worst = sorted(problems, key=lambda problem: problem.severity == "error")
        found = {problem.line - 1: problem for problem in worst if problem.line}
        if (tuple(declared), found) != (self._declared, self._problems):
            self._declared, self._problems = tuple(declared), found
            self.refresh()

    @property
    def problem_here(self) -> Problem | None:
        """What is wrong in the cursor's line."""
        return self._problems.get(self.cursor_location[0])

    def look_for(self, query: str, begun: Selection | None = None) -> None:
        """Mark every place of `query` and go to the first one from the cursor on; "" marks none.

        `begun` is the selection with which the search was begun, while its words are typed: from there it
        goes on with each letter, and back there where nothing is found.
        """
        self._query = veil(query)
        self._search()
        self.refresh()
        begun = begun or self.selection
        if self._matches:
            # vim passes by the match that the cursor is on.
            ahead = bisect_left if self.vim is None else bisect_right
            self._select(self._matches[ahead(self._places, min(begun)) % len(self._matches)])
        else:
            self.selection = begun
        self.post_message(told.Moved())

    def settle_search(self) -> None:
        """End the typing of a search: in vim's way the cursor is on the match, which is not selected."""
        if self.vim is not None and self.at_match:
            self.move_cursor(min(self.selection))

    def go_to_match(self, step: int) -> bool:
        """Go to the next match, or the one before, around the ends of the text; False when there is none."""
        places = self._places
        if not places:
            return False
        here = min(self.selection)
        # The match that begins at the cursor is the next one, unless one was here already.
        ahead = bisect_right if self.at_match or self.vim is not None else bisect_left
        number = ahead(places, here) if step > 0 else bisect_left(places, here) - 1
        self._select(self._matches[number % len(places)])
        return True

    @property
    def at_match(self) -> bool:
        """Whether what is selected is a match."""
        start, end = sorted(self.selection)
        return any(((m.line, m.start), (m.line, m.end)) == (start, end) for m in self._matches)

    def replace_match(self, text: str) -> bool:
        """Put `text` in the place of the match that is selected; False when none is."""
        if not self.at_match:
            return False
        self.replace(veil(text), *sorted(self.selection), maintain_selection_offset=False)
        return True

    def replace_matches(self, text: str, count: int) -> int:
        """Put `text` in the place of `count` matches from here on, around the end, as one edit.

        Returns how many there were.
        """
        here = min(self.selection)
        first = bisect_left(self._places, here)
        wanted = (self._matches[first:] + self._matches[:first])[:count]
        lines = list(self.document.lines)
        for match in sorted(wanted, reverse=True, key=lambda match: (match.line, match.start)):
            lines[match.line] = lines[match.line][: match.start] + veil(text) + lines[match.line][match.end :]
        if wanted:
            self.exchange(veil("\n".join(lines)))
        return len(wanted)

    @property
    def matches(self) -> int:
        """How many places were found."""
        return len(self._matches)

    @property
    def found(self) -> str:
        """Where a search is, `2 of 7`; empty while there is none."""
        if not self._query:
            return ""
        here = min(self.selection)
        number = bisect_right(self._places, here)
        return f"{max(1, number)} of {len(self._matches)}" if self._matches else "not found"

    @property
    def _places(self) -> list[Location]:
        """Where the matches begin."""
        return [(match.line, match.start) for match in self._matches]

    def _select(self, match: Match) -> None:
        self.move_cursor((match.line, match.start))
        self.move_cursor((match.line, match.end), select=True)

    def _search(self) -> None:
        self._matches = find(self.document.lines, self._query)

    def _build_highlight_map(self) -> None:
        # What TextArea would build here is what `get_line` knows line by line.
        super()._build_highlight_map()
        self._colours = None
        if self._query:
            self._search()

    @property
    def colours(self) -> Colours:
        """What is known of all lines at once, for their colours."""
        if self._colours is None:
            self._colours = Colours(self.document.lines)
        return self._colours

    def _found_in(self, line: int) -> list[Match]:
        first = bisect_left(self._matches, line, key=lambda match: match.line)
        return self._matches[first : bisect_right(self._matches, line, key=lambda match: match.line)]

    def look(self, line: int) -> Hashable:
        """Return what decides how a line looks."""
        found = tuple(self._found_in(line))
        return self.colours.place(line), self._declared, found, self._problems.get(line)

    def get_line(self, line_index: int) -> Text:
        """Return a line as it is to be seen, with its colours and marks."""
        line = self.document.get_line(line_index)
        text = Text(face(line), end="", no_wrap=True)
        spans = self.colours.spans(line_index, self._declared)
        spans += [Span(match.start, match.end, "found") for match in self._found_in(line_index)]
        if problem := self._problems.get(line_index):
            start = min(len(line), (problem.column or 1) - 1)
            token = _TOKEN.search(line, start)
            spans.append(Span(start, token.end() if token else len(line), f"{problem.severity}-here"))
        mixed = inks_of(self)
        for start, end, ink in spans:
            if ink != "text":
                text.stylize(mixed(ink), start, end)
        return text

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows in sight; the cursor's line keeps its colours."""
        theme = self._theme
        theme.apply_css(self)
        background = self.get_component_rich_style("text-area--cursor-line").bgcolor
        theme.cursor_line_style = Style(bgcolor=background)
        return ScrollView.render_lines(self, crop)

    def _render_line(self, y: int) -> Strip:
        strip = super()._render_line(y)
        row = y + self.scroll_offset.y
        rows = self.wrapped_document._offset_to_line_info
        problem = self._problems.get(rows[row][0]) if row < len(rows) and not rows[row][1] else None
        if problem is None:
            return strip
        # A sign in the margin: not every terminal shows the underline.
        here = rows[row][0] == self.cursor_location[0]
        below = self._theme.cursor_line_gutter_style if here else self._theme.gutter_style
        style = (below or Style()) + inks_of(self)(problem.severity)
        at = self.gutter_width - 2
        sign = Strip([Segment(_SIGNS[problem.severity], style)], 1)
        return Strip.join([strip.crop(0, at), sign, strip.crop(at + 1)])

    def _watch_show_vertical_scrollbar(self) -> None:
        # No bar is shown. What TextArea does here fails after an undo that leaves the cursor beyond the end.
        pass

    def _on_resize(self) -> None:
        super()._on_resize()
        self.scroll_cursor_visible()

    # ---------------------------------------------------------------- keys

    async def _on_key(self, event: events.Key) -> None:
        taken = self._completion_key(event.key) or (self.vim is not None and self.vim.press(event))
        if not taken and event.key == "escape":
            # Here, because a TextArea that indents takes the key for going on.
            if self._query:
                if self.at_match:
                    self.move_cursor(min(self.selection))  # what is typed next must not replace it
                self.look_for("")
            else:
                self.action_leave()
            taken = True
        elif not taken and event.key == "enter":
            self.break_line()
            taken = True
        elif not taken and event.key == "tab":
            self.indent()
            taken = True
        taken = taken or await self._moved_by(event.key)
        if taken:
            event.stop()
            event.prevent_default()

    async def _moved_by(self, key: str) -> bool:
        """Act at once on a key of TextArea's own; it would else come after letters typed right behind it."""
        own = [binding for binding in self._bindings.key_to_bindings.get(key, ()) if binding.id in _MOVING]
        for binding in own:
            try:
                await self.run_action(binding.action)
            except SkipAction:
                return False
        return bool(own)

    def action_leave(self) -> None:
        """Leave the text."""
        self.post_message(told.Left())

    def action_find(self) -> None:
        """Ask for words to look for."""
        self.post_message(told.SearchAsked())

    def action_find_next(self) -> None:
        """Go to the next match."""
        self.go_to_match(1)

    def action_replace(self) -> None:
        """Ask for words to replace."""
        self.post_message(told.SearchAsked(replace=True))

    # ---------------------------------------------------------------- completion

    def update_suggestion(self) -> None:
        """Offer names after an edit, where one is begun."""
        row, column = self.cursor_location
        part = begun(self.document.get_line(row), column)
        typing = part is not None and self.has_focus and not (self.vim and self.vim.on)
        names = offered(self._declared, part or "") if typing else []
        x, y = self.cursor_screen_offset
        self._completion.show(names, Offset(x - len(part or "") - 1, y + 1))

    def complete(self, name: str) -> None:
        """Write a name out, and close it."""
        row, column = self.cursor_location
        line = self.document.get_line(row)
        part = begun(line, column) or ""
        self._completion.show([], Offset())
        if self.vim is not None:
            self.vim.cannot_repeat()
        end = closing(line[column:])
        self._replace_via_keyboard(name + end, (row, column - len(part)), (row, column))
        if not end:
            self.move_cursor((row, self.document.get_line(row).index("}}", self.cursor_location[1]) + 2))

    def _completion_key(self, key: str) -> bool:
        name = self._completion.chosen
        if name is None:
            return False
        match key:
            case "down" | "ctrl+n":
                self._completion.move(1)
            case "up" | "ctrl+p":
                self._completion.move(-1)
            case "enter" | "tab":
                self.complete(name)
            case "escape":
                self._completion.show([], Offset())
            case _:
                return False
        return True

    def _watch_selection(self, previous_selection: Selection, selection: Selection) -> None:
        super()._watch_selection(previous_selection, selection)
        row, column = selection.end
        if self._completion.chosen is not None and begun(self.document.get_line(row), column) is None:
            self._completion.show([], Offset())
        if previous_selection != selection:
            self.post_message(told.Moved())

    def on_blur(self) -> None:
        """Close the list."""
        self._completion.show([], Offset())
