"""The changes that the normal mode makes to the text, each one edit, so that one `u` takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.widgets.editor.vim.motions import column_of_text
from tui.widgets.editor.vim.objects import Stretch, whole_lines

if TYPE_CHECKING:
    from tui.widgets.editor.file_text import FileText
    from tui.widgets.editor.vim.motions import Place


def text_of(editor: FileText, piece: Stretch) -> str:
    """Return what a piece says; of whole lines with the last one's break, by which `put` knows them."""
    return editor.document.get_text_range(piece.start, piece.end) + "\n" * piece.lines


def change(editor: FileText, text: str, start: Place, end: Place) -> Place:
    """Put a text in the place of another, as a step of its own; return where it ends."""
    editor.history.checkpoint()
    result = editor.replace(text, start, end, maintain_selection_offset=False)
    editor.history.checkpoint()
    return result.end_location


def remove(editor: FileText, piece: Stretch) -> Place:
    """Take a piece out, with the lines' breaks; return where the cursor belongs."""
    lines = editor.document.lines
    start, end = piece.start, piece.end
    if piece.lines and end[0] + 1 < len(lines):
        end = (end[0] + 1, 0)
    elif piece.lines and start[0] > 0:
        start = (start[0] - 1, len(lines[start[0] - 1]))
    change(editor, "", start, end)
    if not piece.lines:
        return start
    row = min(piece.start[0], len(lines) - 1)
    return row, column_of_text(lines[row])


def empty(editor: FileText, piece: Stretch) -> Place:
    """Take a piece out so that something else can be typed there; a line keeps its indentation."""
    line = editor.document.get_line(piece.start[0])
    start = (piece.start[0], column_of_text(line)) if piece.lines else piece.start
    return change(editor, "", start, max(start, piece.end))


def put(editor: FileText, text: str, at: Place, *, before: bool) -> Place:
    """Put a copied text behind the cursor, or `before`; whole lines below its line, or above."""
    row, column = at
    line = editor.document.get_line(row)
    if text.endswith("\n") and before:
        change(editor, text, (row, 0), (row, 0))
        return row, column_of_text(text)
    if text.endswith("\n"):
        change(editor, "\n" + text[:-1], (row, len(line)), (row, len(line)))
        return row + 1, column_of_text(text)
    place = (row, column if before else min(column + 1, len(line)))
    end = change(editor, text, place, place)
    return (end[0], max(0, end[1] - 1)) if "\n" not in text else place


def join(editor: FileText, first: int, last: int) -> Place:
    """Make one line of some, with a space between them."""
    lines = editor.document.lines
    last = min(last, len(lines) - 1)
    joined, column = lines[first], len(lines[first])
    for line in lines[first + 1 : last + 1]:
        rest = line.lstrip(" \t")
        space = " " if rest and joined and not joined[-1].isspace() and rest[0] != ")" else ""
        column = len(joined)
        joined += space + rest
    change(editor, joined, (first, 0), (last, len(lines[last])))
    return first, column


def rewrite(editor: FileText, piece: Stretch, character: str | None) -> None:
    """Put a character in the place of each one, or for None the other case of each."""
    text = editor.document.get_text_range(piece.start, piece.end)
    if character is None:
        changed = text.swapcase()
    else:
        changed = "".join(old if old == "\n" else character for old in text)
    change(editor, changed, piece.start, piece.end)


def shift(editor: FileText, first: int, last: int, steps: int) -> Place:
    """Indent lines by so many steps, or out for a negative number; empty ones stay empty."""
    lines = editor.document.lines
    piece = whole_lines(lines, first, last)
    width = editor.indent_width * abs(steps)
    moved = [
        (" " * width + line if line else line) if steps > 0 else line[min(width, column_of_text(line)) :]
        for line in lines[first : piece.end[0] + 1]
    ]
    if moved != lines[first : piece.end[0] + 1]:
        change(editor, "\n".join(moved), piece.start, piece.end)
    return first, column_of_text(moved[0])
