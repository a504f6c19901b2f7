"""The text of a file as it is typed: its lines, the steps that undo takes back, and what was copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.document._document import Selection
from textual.document._document_navigator import DocumentNavigator
from textual.widgets import TextArea

from tui.clipboard import copy
from tui.core.veil import veil
from tui.widgets.editor.document import FileDocument, FileRows
from tui.widgets.editor.vim.changes import shift
from tui.widgets.editor.vim.objects import text_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.document._document import Location
    from textual.document._edit import Edit


class FileText(TextArea):
    """A TextArea that holds a file's text, in which control characters are veiled."""

    _cut = ""
    """What was copied or cut last, as it is in a file."""
    _content: str | None = None
    """The whole text, until it changes."""

    # ---------------------------------------------------------------- the text

    @property
    def content(self) -> str:
        r"""The text as it is to be in the file, its lines ended by \n."""
        if self._content is None:
            self._content = veil(self.document.text)
        return self._content

    def _build_highlight_map(self) -> None:
        # Called by TextArea after every change of the text.
        self._content = None

    def load(self, text: str, cursor: Location = (0, 0)) -> None:
        """Begin with a text; there is nothing to undo."""
        self.load_text(veil(text))
        self.move_cursor(cursor, center=True)
        self.history.checkpoint()

    def exchange(self, text: str) -> None:
        """Replace the whole text, as an edit that can be undone; the cursor stays about where it is."""
        cursor, top = self.cursor_location, self.scroll_offset.y
        self.history.checkpoint()
        self.replace(veil(text), (0, 0), self.document.end, maintain_selection_offset=False)
        self.move_cursor(cursor)
        self.scroll_to(y=top, animate=False, immediate=True, force=True)

    def _set_document(self, text: str, language: str | None) -> None:
        # As TextArea does it, with our document.
        self.document = FileDocument(text)
        self.wrapped_document = FileRows(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._build_highlight_map()
        self.move_cursor((0, 0))
        self._rewrap_and_refresh_virtual_size()

    # ---------------------------------------------------------------- steps that undo takes back

    @property
    def steps(self) -> int:
        """How many steps can be taken back."""
        return len(self.history._undo_stack)

    def one_step(self, since: int) -> None:
        """Let what was typed since there were so many steps be taken back at once."""
        stack = self.history._undo_stack
        if len(stack) > since + 1:
            later = [stack.pop() for _ in range(len(stack) - since)]
            stack.append([edit for batch in reversed(later) for edit in batch])
        self.history.checkpoint()

    def _undo_batch(self, edits: Sequence[Edit]) -> None:
        # TextArea wraps the lines anew as if all the edits of a step were in the text as it is now.
        for some in [[edit] for edit in reversed(edits)] if _across_lines(edits) else [edits]:
            super()._undo_batch(some)

    def _redo_batch(self, edits: Sequence[Edit]) -> None:
        for some in [[edit] for edit in edits] if _across_lines(edits) else [edits]:
            super()._redo_batch(some)

    # ---------------------------------------------------------------- lines

    def break_line(self) -> None:
        """Begin a new line, indented like this one."""
        line = self.document.get_line(self.cursor_location[0])[: self.cursor_location[1]]
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        self._replace_via_keyboard(f"\n{indent}", *self.selection)

    def indent(self) -> None:
        """Indent the lines that are selected; with the selection on one line, go on to the next stop."""
        if self.selection.start[0] != self.selection.end[0]:
            self._shift_lines(1)
        else:
            self._replace_via_keyboard(" " * self._find_columns_to_next_tab_stop(), *self.selection)

    def action_outdent(self) -> None:
        """Take a step of indentation from the line, or from those that are selected."""
        self._shift_lines(-1)

    def _shift_lines(self, steps: int) -> None:
        selection = self.selection
        (first, _), (last, column) = sorted(selection)
        if last > first and column == 0:
            last -= 1
        before = self.document.lines[first : last + 1]
        shift(self, first, last, steps)
        grown = [len(new) - len(old) for old, new in zip(before, self.document.lines[first:], strict=False)]
        self.selection = Selection(*(_along(place, first, grown) for place in selection))

    def action_to_text_start(self, select: bool = False) -> None:
        """Go to the beginning of the text."""
        self.move_cursor((0, 0), select=select)

    def action_to_text_end(self, select: bool = False) -> None:
        """Go to the end of the text."""
        self.move_cursor(self.document.end, select=select)

    def on_click(self, event: events.Click) -> None:
        """Select a word with the second click, with the third its line."""
        row, column = self.cursor_location
        if event.chain == 2 and (word := text_object(self.document.lines, (row, column), "iw")):
            self.selection = Selection(word.start, word.end)
        elif event.chain == 3:
            self.selection = Selection((row, 0), (row, len(self.document.get_line(row))))

    def type_again(self, key: str) -> None:
        """Do what a key did that is typed: a character, or one of enter, tab and backspace."""
        match key:
            case "enter":
                self.break_line()
            case "backspace":
                self.action_delete_left()
            case "tab":
                self.indent()
            case _:
                self._replace_via_keyboard(key, *self.selection)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._insert(event.text)

    def _insert(self, text: str) -> None:
        # A terminal sends line breaks as \r; what is no character at all cannot be in a file.
        plain = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
        if result := self._replace_via_keyboard(veil(plain), *self.selection):
            self.move_cursor(result.end_location)

    # ---------------------------------------------------------------- copying

    @property
    def copied(self) -> str:
        """What was copied or cut last, veiled."""
        return veil(self._cut)

    def keep_cut(self, veiled: str) -> None:
        """Keep what was taken out, for pasting here."""
        self._cut = veil(veiled)

    def keep_copy(self, veiled: str) -> None:
        """Copy a text, also to the clipboard."""
        self.keep_cut(veiled)
        copy(self.app, self._cut)

    def action_copy(self) -> None:
        """Copy what is selected, or else the line."""
        text = self.selected_text or self.document.get_line(self.cursor_location[0]) + "\n"
        self.keep_copy(text)

    def action_cut(self) -> None:
        """Cut what is selected, or else the line."""
        start, end = self.selection
        result = self._delete_cursor_line() if start == end else self._delete_via_keyboard(start, end)
        if result is not None:
            self.keep_copy(result.replaced_text)

    def action_paste(self) -> None:
        """Paste what was copied or cut here: the terminal's own clipboard cannot be read."""
        self._insert(self._cut)


def _across_lines(edits: Sequence[Edit]) -> bool:
    """Whether some edits of a step have changed the number of lines."""
    return len(edits) > 1 and any(
        "\n" in edit.text or edit.from_location[0] != edit.to_location[0] for edit in edits
    )


def _along(place: Location, first: int, grown: Sequence[int]) -> Location:
    """Return where a place is after the lines from `first` on have grown so much at the left."""
    row, column = place
    return (row, max(0, column + grown[row - first]) if 0 <= row - first < len(grown) else column)
