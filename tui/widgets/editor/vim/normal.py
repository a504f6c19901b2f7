"""The modes of the editor for hands that know vim: normal, visual, and typing.

Offered are counts, the motions of `motions`, the operators d c y < > with motions and objects, the usual
short forms, visual mode by characters and lines, `.`, a search, and a command line. There are no named
registers, marks, macros or blocks: for those, `e` opens the real one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual import events
from textual.widgets.text_area import Selection

from tui.widgets.editor.told import CommandAsked, Left, Moved, NothingToEnd, SearchAsked
from tui.widgets.editor.vim import changes
from tui.widgets.editor.vim.command import TO_A_CHARACTER, Command, read
from tui.widgets.editor.vim.motions import MOTIONS, column_of_text, found
from tui.widgets.editor.vim.objects import (
    OBJECTS,
    Stretch,
    as_lines,
    stretch,
    text_object,
    whole_lines,
    words_ahead,
)

if TYPE_CHECKING:
    from tui.widgets.editor.editor import Editor
    from tui.widgets.editor.vim.motions import Place

Mode = Literal["normal", "insert", "visual", "visual line"]

_SHORT = {"x": ("d", "l"), "X": ("d", "h"), "D": ("d", "$"), "C": ("c", "$"), "s": ("c", "l"),
          "S": ("c", "c"), "Y": ("y", "y")}  # fmt: skip
_SPECIAL = {"left": "h", "right": "l", "up": "k", "down": "j", "home": "0", "end": "$", "backspace": "h",
            "space": "l", "delete": "x", "enter": "j"}  # fmt: skip
_HALVES = {"ctrl+d": 1, "ctrl+u": -1, "ctrl+f": 2, "ctrl+b": -2, "pagedown": 2, "pageup": -2}
_TYPING = frozenset("iaIAoO")
_REPEATABLE = frozenset("pPJ~r")


class NormalMode:
    """Takes the keys while it is on."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._keys = ""
        self._anchor: Place = (0, 0)
        self._at: Place = (0, 0)
        self._found: tuple[str, str] | None = None
        self._last: Command | None = None
        self._typed: list[str] | None = None
        """What was typed after the last change began; None where it cannot be typed again."""
        self._steps = 0
        self.mode: Mode = "normal"

    @property
    def on(self) -> bool:
        """Whether keys are commands."""
        return self.mode != "insert"

    @property
    def words(self) -> str:
        """The mode, and what is typed of a command."""
        return f"{self._keys}  {self.mode.upper()}" if self._keys else self.mode.upper()

    def begin(self) -> None:
        """Begin in normal mode, with another text."""
        self._keys, self.mode = "", "normal"

    def cannot_repeat(self) -> None:
        """Note that something was typed that `.` does not know."""
        self._typed = None

    # ---------------------------------------------------------------- keys

    def press(self, event: events.Key) -> bool:
        """Act on a key; False when it is not for this mode."""
        if event.key.startswith("alt+") and event.character and event.is_printable:
            # What a terminal makes of esc and a key right behind it.
            self.press(events.Key("escape", None))
            event = events.Key(event.character, event.character)
        if not self.on:
            return self._while_typing(event)
        self._take_up_selection()
        if event.key == "escape":
            self._escape()
        elif event.key in _HALVES:
            self._pages(_HALVES[event.key])
        elif event.key == "ctrl+r":
            self._editor.action_redo()
        elif event.key in _SPECIAL and not self._keys:
            self._take(_SPECIAL[event.key])
        elif event.key in ("tab", "shift+tab"):
            return True
        elif event.character is None or not event.is_printable:
            return False
        else:
            self._take(self._keys + event.character)
        self._stay()
        self._editor.post_message(Moved())
        return True

    def _take(self, keys: str) -> None:
        command = read(keys, visual=self.mode != "normal")
        self._keys = keys if command == "more" else ""
        if isinstance(command, Command):
            self._visual(command) if self.mode != "normal" else self._act(command)

    def _escape(self) -> None:
        editor = self._editor
        if self.mode != "normal":
            self.mode = "normal"
            editor.move_cursor(self._at)
        elif self._keys:
            self._keys = ""
        elif editor.found:
            editor.look_for("")
        else:
            editor.post_message(NothingToEnd())  # hands that know vim press it to be sure

    def _while_typing(self, event: events.Key) -> bool:
        if event.key != "escape":
            known = event.is_printable or event.key in ("enter", "backspace", "tab")
            if self._typed is not None and known:
                self._typed.append(event.character if event.is_printable and event.character else event.key)
            else:
                self._typed = None
            return False
        row, column = self._editor.cursor_location
        self._editor.one_step(self._steps)
        self.mode = "normal"
        self._editor.move_cursor((row, max(0, column - 1)))
        self._editor.post_message(Moved())
        return True

    def _take_up_selection(self) -> None:
        """Go on from what the mouse has selected; what a search has selected is only where the cursor is."""
        start, end = sorted(self._editor.selection)
        if self.mode != "normal" or start == end:
            return
        if self._editor.at_match:
            self._editor.move_cursor(start)
        else:
            self._anchor, self._at, self.mode = start, (end[0], max(0, end[1] - 1)), "visual"

    # ---------------------------------------------------------------- normal mode

    def _act(self, command: Command) -> None:
        if command.name in _SHORT and not command.operator:
            operator, name = _SHORT[command.name]
            command = Command(name, command.count, operator)
        repeatable = command.operator in ("d", "c", "<", ">") and command.operator
        if repeatable or command.name in (_TYPING | _REPEATABLE):
            self._last, self._typed = command, []
        if command.operator:
            piece = self._piece(command)
            if piece is not None and command.operator == "d" and command.name not in OBJECTS:
                piece = as_lines(self._editor.document.lines, piece)
            if piece is not None:
                self._operate(command.operator, piece)
        elif (place := self._destination(command, self._editor.cursor_location)) is not None:
            self._editor.move_cursor(place)
        elif command.name in _TYPING:
            self._type(command.name)
        else:
            self._other(command)

    def _destination(self, command: Command, at: Place) -> Place | None:
        """Return where a motion leads; None for what is no motion, or leads nowhere."""
        lines, name, character = self._editor.document.lines, command.name, command.character
        if name in TO_A_CHARACTER:
            self._found = name, character
        elif name in ";," and self._found is not None:
            name, character = self._found
            name = name.swapcase() if command.name == "," else name
        if name in TO_A_CHARACTER:
            return found(lines, at, name, character, command.count or 1)
        if name in "jk" and not command.operator and command.count is None:
            # By the rows of the screen: the lines of prose are long.
            return self._editor.navigator.get_location_at_y_offset(at, 1 if name == "j" else -1)
        motion = MOTIONS.get(name)
        return motion.go(lines, at, command.count) if motion is not None else None

    def _piece(self, command: Command) -> Stretch | None:
        """Return what an operator takes."""
        lines, at, name = self._editor.document.lines, self._editor.cursor_location, command.name
        if name == command.operator:
            return whole_lines(lines, at[0], at[0] + (command.count or 1) - 1)
        if name in OBJECTS:
            return text_object(lines, at, name)
        if command.operator == "c" and name in ("w", "W") and not lines[at[0]][at[1] : at[1] + 1].isspace():
            # `cw` leaves the space behind the word, as vim does.
            end = MOTIONS[name.replace("w", "e").replace("W", "E")]
            return stretch(lines, at, end.go(lines, (at[0], at[1] - 1), command.count), "through")
        place = self._destination(command, at)
        moves = (
            name not in MOTIONS or (MOTIONS[name].kind == "through" and name != "ge") or name in ("gg", "G")
        )
        if place is None or (place == at and not moves):
            return None
        if name in ("w", "W"):
            return words_ahead(lines, at, place)
        if name in MOTIONS:
            return stretch(lines, at, place, MOTIONS[name].kind)
        return stretch(lines, at, place, "through" if place > at else "before")

    def _operate(self, operator: str, piece: Stretch) -> None:
        editor = self._editor
        if operator in "<>":
            editor.move_cursor(
                changes.shift(editor, piece.start[0], piece.end[0], 1 if operator == ">" else -1)
            )
            return
        text = changes.text_of(editor, piece)
        if operator == "y":
            editor.keep_copy(text)
            editor.move_cursor((piece.start[0], editor.cursor_location[1]) if piece.lines else piece.start)
            return
        editor.keep_cut(text)
        if operator == "d":
            editor.move_cursor(changes.remove(editor, piece))
        else:
            self._steps = editor.steps
            editor.move_cursor(changes.empty(editor, piece))
            self.mode = "insert"

    def _other(self, command: Command) -> None:
        editor, count = self._editor, command.count or 1
        row, column = editor.cursor_location
        match command.name:
            case "n" | "N":
                for _ in range(count):
                    editor.go_to_match(1 if command.name == "n" else -1)
                self._take_up_selection()
            case "/":
                editor.post_message(SearchAsked())
            case ":":
                editor.post_message(CommandAsked())
            case "q":
                editor.post_message(Left())
            case "ZZ":
                editor.post_message(CommandAsked("x"))
            case "u":
                for _ in range(count):
                    editor.action_undo()
                editor.move_cursor(min(editor.selection))
            case "p" | "P":
                if text := editor.copied * count:
                    place = changes.put(editor, text, (row, column), before=command.name == "P")
                    editor.move_cursor(place)
            case "J":
                editor.move_cursor(changes.join(editor, row, row + max(1, count - 1)))
            case "~" | "r":
                self._rewrite((row, column), count, command)
            case "v" | "V":
                self._anchor = self._at = (row, column)
                self.mode = "visual" if command.name == "v" else "visual line"
            case ".":
                self._repeat(command.count)

    def _rewrite(self, at: Place, count: int, command: Command) -> None:
        length = len(self._editor.document.get_line(at[0]))
        if command.name == "r" and at[1] + count > length:
            return  # as vim: all of them, or none
        end = min(at[1] + count, length)
        character = command.character if command.name == "r" else None
        changes.rewrite(self._editor, Stretch(at, (at[0], end)), character)
        self._editor.move_cursor((at[0], end - 1 if command.name == "r" else end))

    def _type(self, key: str) -> None:
        editor = self._editor
        self._steps = editor.steps
        row, column = editor.cursor_location
        line = editor.document.get_line(row)
        match key:
            case "a":
                editor.move_cursor((row, min(column + 1, len(line))))
            case "I":
                editor.move_cursor((row, column_of_text(line)))
            case "A":
                editor.move_cursor((row, len(line)))
            case "o" | "O":
                indent = line[: column_of_text(line)]
                below = key == "o"
                place = (row, len(line)) if below else (row, 0)
                changes.change(editor, f"\n{indent}" if below else f"{indent}\n", place, place)
                editor.move_cursor((row + below, len(indent)))
        self.mode = "insert"

    def _repeat(self, count: int | None) -> None:
        """Make the last change again, with what was typed in it."""
        last, typed = self._last, self._typed
        if last is None or typed is None:
            return
        editor = self._editor
        self._act(Command(last.name, count or last.count, last.operator, last.character))
        if self.mode == "insert":
            for key in typed:
                editor.type_again(key)
            editor.one_step(self._steps)
            row, column = editor.cursor_location
            editor.move_cursor((row, max(0, column - 1)))
            self.mode = "normal"
        self._last, self._typed = last, typed

    # ---------------------------------------------------------------- visual mode

    def _visual(self, command: Command) -> None:
        name = {"x": "d", "s": "c"}.get(command.name, command.name)
        if name in ("v", "V"):
            wanted: Mode = "visual" if name == "v" else "visual line"
            self.mode = "normal" if self.mode == wanted else wanted
            self._editor.move_cursor(self._at)
        elif name == "o":
            self._anchor, self._at = self._at, self._anchor
        elif name in OBJECTS:
            if piece := text_object(self._editor.document.lines, self._at, name):
                self._anchor, self._at = piece.start, (piece.end[0], max(0, piece.end[1] - 1))
                self.mode = "visual line" if piece.lines else self.mode
        elif name in ("n", "N"):
            self._editor.move_cursor(self._at)
            if self._editor.go_to_match(1 if name == "n" else -1):
                self._at = min(self._editor.selection)
        elif (place := self._destination(command, self._at)) is not None:
            self._at = place
        elif name in "/:":
            self._other(Command(name))
        elif name not in TO_A_CHARACTER | {";", ","}:
            self._on_selection(name, command)

    def _on_selection(self, name: str, command: Command) -> None:
        editor, piece = self._editor, self._selected(lines=self.mode == "visual line" or name in "DCYS")
        self.mode = "normal"
        editor.move_cursor(piece.start)
        match name:
            case "d" | "D" | "c" | "C" | "S" | "y" | "Y":
                self._typed = None
                self._operate("c" if name == "S" else name.lower(), piece)
            case "<" | ">":
                steps = (command.count or 1) * (1 if name == ">" else -1)
                editor.move_cursor(changes.shift(editor, piece.start[0], piece.end[0], steps))
            case "J":
                last = max(piece.end[0], piece.start[0] + 1)
                editor.move_cursor(changes.join(editor, piece.start[0], last))
            case "~" | "r":
                changes.rewrite(editor, piece, command.character or None)
                editor.move_cursor(piece.start)
            case "p" | "P":
                if copied := editor.copied:
                    text = changes.text_of(editor, piece)
                    row, column = changes.change(editor, copied.removesuffix("\n"), piece.start, piece.end)
                    editor.keep_cut(text)
                    several = piece.lines or "\n" in copied
                    editor.move_cursor(piece.start if several else (row, max(0, column - 1)))

    def _selected(self, *, lines: bool) -> Stretch:
        start, end = sorted((self._anchor, self._at))
        if lines:
            return whole_lines(self._editor.document.lines, start[0], end[0])
        return stretch(self._editor.document.lines, start, end, "through")

    # ---------------------------------------------------------------- the cursor

    def _stay(self) -> None:
        """Keep the cursor on a character, and show what is selected."""
        editor = self._editor
        if self.mode in ("visual", "visual line"):
            row, column = self._at
            self._at = (row, min(column, self._last_column(row)))
            piece = self._selected(lines=self.mode == "visual line")
            ends = (piece.start, piece.end) if self._at >= self._anchor else (piece.end, piece.start)
            editor.selection = Selection(*ends)
        elif self.mode == "normal":
            start, (row, column) = editor.selection
            if start == (row, column) and column > self._last_column(row):
                editor.move_cursor((row, self._last_column(row)))

    def _last_column(self, row: int) -> int:
        """Return the last column of a line that the cursor may stand on."""
        return max(0, len(self._editor.document.get_line(row)) - 1)

    def _pages(self, halves: int) -> None:
        editor = self._editor
        at = self._at if self.mode != "normal" else editor.cursor_location
        rows = halves * max(1, editor.size.height // 2)
        place = editor.navigator.get_location_at_y_offset(at, rows)
        if self.mode != "normal":
            self._at = place
        else:
            editor.move_cursor(place, record_width=False)
