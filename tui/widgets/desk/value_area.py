"""A value of several lines while it is being typed: the field's text, with room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import TextArea

from tui.actions import bindings
from tui.core.veil import face, veil

if TYPE_CHECKING:
    from textual import events

    from tui.widgets.desk.value_field import ValueField

MAX_ROWS = 6


class ValueArea(TextArea):
    """Stands in the place of its field while it has the focus, and gives it every change at once.

    What it holds is veiled, so that no control character of a value reaches the terminal.
    """

    BINDINGS = bindings("long-value")

    def __init__(self, field: ValueField) -> None:
        super().__init__(soft_wrap=True, show_line_numbers=False, compact=True, tab_behavior="focus")
        self.cursor_blink = False
        self.field = field
        self.display = False
        self._given = ""
        self.add_class("value")

    def take_over(self) -> None:
        """Show the field's text, with the cursor at its place, unless the text is what came from here."""
        text = self.field.text
        if text != self._given or not self.text:
            self._given = text
            before = text[: self.field.cursor_position]
            self.load_text(veil(text))
            self.move_cursor((before.count("\n"), len(before) - before.rfind("\n") - 1))
        self._grow()

    def give(self) -> None:
        """Bring the field's text up to what was typed."""
        self._given = veil(self.text)
        self.field.put(self._given)

    def get_line(self, line_index: int) -> Text:
        """Return a line as it is to be seen."""
        return Text(face(self.document.get_line(line_index)), end="", no_wrap=True)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        text = veil(event.text.replace("\r\n", "\n").replace("\r", "\n"))
        start, end = self.selection
        if result := self._replace_via_keyboard(text, start, end):
            self.move_cursor(result.end_location)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Keep the field's value in step."""
        event.stop()
        if self.display:
            self.give()
            self._grow()

    def on_resize(self) -> None:
        """Wrap anew."""
        self._grow()

    def action_line_break(self) -> None:
        """Go on in a new line, as in a field of one line: the area may have opened under the typing."""
        self.insert("\n")

    def action_cursor_up(self, select: bool = False) -> None:
        """Go up; from the first row, to the value before."""
        before = self.selection
        super().action_cursor_up(select)
        if not select and before == self.selection:
            self.screen.focus_previous(".value")

    def action_cursor_down(self, select: bool = False) -> None:
        """Go down; from the last row, to the next value."""
        before = self.selection
        super().action_cursor_down(select)
        if not select and before == self.selection:
            self.screen.focus_next(".value")

    def _grow(self) -> None:
        rows = max(1, min(MAX_ROWS, self.wrapped_document.height))
        if self.styles.height is None or self.styles.height.value != rows:
            self.styles.height = rows
