"""The light normal mode of the editor, for hands that know vim: moving, and a few ways back to typing.

Offered are the motions of `motions.MOTIONS` with j, k, ctrl+d and ctrl+u; i a I A o O to type; x dd u; and
n N for a search. There are no counts, operators, registers or visual mode: for those, `e` opens the real one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.widgets.editor.motions import MOTIONS, PREFIXES
from tui.widgets.editor.told import Moved, SearchAsked

if TYPE_CHECKING:
    from textual import events

    from tui.widgets.editor.editor import Editor


class NormalMode:
    """Takes the keys while it is on."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._prefix = ""
        self.on = True

    def press(self, event: events.Key) -> bool:
        """Act on a key; False when it is not for this mode."""
        if not self.on:
            if event.key == "escape":
                self._switch(on=True)
                editor = self._editor
                row, column = editor.cursor_location
                editor.move_cursor((row, max(0, column - 1)))
                return True
            return False
        if event.key in ("ctrl+d", "ctrl+u"):
            half = max(1, self._editor.size.height // 2)
            self._rows(half if event.key == "ctrl+d" else -half)
            return True
        if event.key in ("enter", "tab", "backspace", "delete"):
            return True
        if event.character is None or not event.is_printable:
            return False
        keys, self._prefix = self._prefix + event.character, ""
        if keys in PREFIXES:
            self._prefix = keys
        else:
            self._act(keys)
        return True

    def _act(self, keys: str) -> None:
        editor = self._editor
        if motion := MOTIONS.get(keys):
            row, column = motion(editor.document.lines, editor.cursor_location)
            editor.move_cursor((row, min(column, self._last(row))))
            return
        match keys:
            case "j" | "k":
                self._rows(1 if keys == "j" else -1)
            case "n" | "N":
                editor.go_to_match(1 if keys == "n" else -1)
            case "/":
                editor.post_message(SearchAsked())
            case "x":
                if editor.document.get_line(editor.cursor_location[0]):
                    editor.action_delete_right()
                    self._stay_on_line()
            case "dd":
                editor.action_delete_line()
            case "u":
                editor.action_undo()
            case "i" | "a" | "I" | "A" | "o" | "O":
                self._type(keys)

    def _type(self, key: str) -> None:
        editor = self._editor
        row, _ = editor.cursor_location
        match key:
            case "a":
                editor.action_cursor_right()
            case "I":
                editor.move_cursor(MOTIONS["^"](editor.document.lines, editor.cursor_location))
            case "A" | "o":
                editor.move_cursor((row, len(editor.document.get_line(row))))
            case "O":
                editor.move_cursor((row, 0))
        if key in "oO":
            editor.insert("\n")
        if key == "O":
            editor.move_cursor((row, 0))
        self._switch(on=False)

    def _last(self, row: int) -> int:
        """Return the last column of a line that the cursor may stand on in this mode."""
        return max(0, len(self._editor.document.get_line(row)) - 1)

    def _stay_on_line(self) -> None:
        row, column = self._editor.cursor_location
        self._editor.move_cursor((row, min(column, self._last(row))))

    def _rows(self, rows: int) -> None:
        editor = self._editor
        place = editor.navigator.get_location_at_y_offset(editor.cursor_location, rows)
        editor.move_cursor((place[0], min(place[1], self._last(place[0]))), record_width=False)

    def _switch(self, *, on: bool) -> None:
        self.on = on
        self._editor.post_message(Moved())
