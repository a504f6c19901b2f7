"""The editor's modes for hands that know vim: what they do is what vim itself does to the same text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import Key

from tests.tui.writing import noir, rest, status, write
from tui.widgets.editor.vim.command import MOST, Command, read

if TYPE_CHECKING:
    from tests.tui.conftest import Opener
    from tui.widgets.editor.editor import Editor

WORDS = "one two-three four"
BRACKETS = '  (five, "six {seven} eight") nine'
LINES = "ten\neleven twelve\n\nlast line"

CASES = [
    # What is typed at the beginning of a text, and what it says then, with `|` before the cursor's character:
    # printed by vim 9 (set shiftwidth=2 expandtab autoindent startofline).
    (WORDS, "3w", "one two-|three four"),
    (WORDS, "2W", "one two-three |four"),
    (WORDS, "2e", "one tw|o-three four"),
    (WORDS, "E", "on|e two-three four"),
    (WORDS, "fo", "one tw|o-three four"),
    (WORDS, "2fo;", "one two-three f|our"),
    (WORDS, "to", "one t|wo-three four"),
    (WORDS, "$2T-", "one two-three fou|r"),
    (WORDS, "$ge", "one two-thre|e four"),
    (WORDS, "$B", "one two-three |four"),
    (WORDS, "5l3h", "on|e two-three four"),
    (WORDS, "d2w", "|-three four"),
    (WORDS, "dW", "|two-three four"),
    (WORDS, "d$", "|"),
    (WORDS, "D", "|"),
    (WORDS, "3x", "| two-three four"),
    (WORDS, "$X", "one two-three fo|r"),
    (WORDS, "dfo", "|-three four"),
    (WORDS, "$dF-", "one two|r"),
    (WORDS, "wdiw", "one |-three four"),
    (WORDS, "wdaw", "one|-three four"),
    (WORDS, "cwuno\x1b", "un|o two-three four"),
    (WORDS, "2cwA\x1b", "|A-three four"),
    (WORDS, "wC!\x1b", "one |!"),
    (WORDS, "9rX\x1b", "XXXXXXXX|Xhree four"),
    (WORDS, "3rX", "XX|X two-three four"),
    (WORDS, "5~", "ONE T|wo-three four"),
    (WORDS, "yiww P", "one ton|ewo-three four"),
    (WORDS, "wywP", "one tw|otwo-three four"),
    (WORDS, "v2lx", "| two-three four"),
    (WORDS, "vey$p", "one two-three fouron|e"),
    (WORDS, "wvod", "one |wo-three four"),
    (WORDS, "x2.", "| two-three four"),
    (WORDS, "cwX\x1bw.", "X |X-three four"),
    (WORDS, "ixyz\x1bu", "|one two-three four"),
    (WORDS, "AX\x1b0.", "one two-three fourX|X"),
    (WORDS, "w0i \x1b", "| one two-three four"),
    (WORDS, "ddu\x12", "|"),
    (BRACKETS, "fsdi{", '  (five, "six {|} eight") nine'),
    (BRACKETS, "di(", "  (|) nine"),
    (BRACKETS, 'da"', "  (five,|) nine"),
    (BRACKETS, 'ci"X\x1b', '  (five, "|X") nine'),
    (BRACKETS, "f{%x", '  (five, "six {seven| eight") nine'),
    (BRACKETS, "I-\x1b", '  |-(five, "six {seven} eight") nine'),
    (BRACKETS, "S-\x1b", "  |-"),
    (BRACKETS, ">>", '    |(five, "six {seven} eight") nine'),
    (BRACKETS, "ya{P", '  (five, "six {seven|}{seven} eight") nine'),
    (LINES, "jw3Gk", "ten\n|eleven twelve\n\nlast line"),
    (LINES, "}", "ten\neleven twelve\n|\nlast line"),
    (LINES, "G{", "ten\neleven twelve\n|\nlast line"),
    (LINES, "2jd}", "ten\n|eleven twelve"),
    (LINES, "dap", "|last line"),
    (LINES, "dip", "|\nlast line"),
    (LINES, "2dd", "|\nlast line"),
    (LINES, "Gdk", "ten\n|eleven twelve"),
    (LINES, "dG", "|"),
    (LINES, "ddp", "eleven twelve\n|ten\n\nlast line"),
    (LINES, "yyP", "|ten\nten\neleven twelve\n\nlast line"),
    (LINES, "2yyGp", "ten\neleven twelve\n\nlast line\n|ten\neleven twelve"),
    (LINES, "3J", "ten eleven twelv|e\nlast line"),
    (LINES, "Vjd", "|\nlast line"),
    (LINES, "vjy2p", "t|ten\neten\neen\neleven twelve\n\nlast line"),
    (LINES, "2D", "|\nlast line"),
    (LINES, "jwd2d", "ten\n|last line"),
    (LINES, "oa\nb\x1bu", "|ten\neleven twelve\n\nlast line"),
    (LINES, "ggOX\x1bj.", "X\n|X\nten\neleven twelve\n\nlast line"),
    (LINES, "Vj>", "  |ten\n  eleven twelve\n\nlast line"),
    (LINES, "dj.", "|"),
    (LINES, "vapd", "|last line"),
    (LINES, "yyjVpp", "ten\nten\n|eleven twelve\n\nlast line"),
]


def typed(editor: Editor, keys: str) -> None:
    """Type keys as the editor gets them."""
    assert editor.vim is not None
    names = {" ": "space", "\x1b": "escape", "\n": "enter", "\x12": "ctrl+r"}
    for key in keys:
        event = Key(names.get(key, key), key if key.isprintable() else None)
        if not editor.vim.press(event):
            editor.type_again(event.character or event.key)


def shown(editor: Editor) -> str:
    row, column = editor.cursor_location
    lines = list(editor.document.lines)
    lines[row] = f"{lines[row][:column]}|{lines[row][column:]}"
    return "\n".join(lines)


async def test_what_is_typed_does_what_it_does_in_vim(open_app: Opener) -> None:
    async with open_app(settings="vim = true") as desk:
        editor = (await write(desk)).editor
        for text, keys, expected in CASES:
            editor.load(text)
            typed(editor, keys)
            assert (keys, shown(editor)) == (keys, expected)
            await desk.pilot.pause()  # lays the lines out anew, which must fit the text
            assert editor.wrapped_document.height == len(editor.document.lines)


async def test_what_is_selected_is_seen_and_esc_ends_one_thing_at_a_time(open_app: Opener) -> None:
    async with open_app(settings="vim = true") as desk:
        editor = (await write(desk)).editor
        editor.load(LINES)
        await desk.press(*"vjl")
        assert (editor.selected_text, "VISUAL" in status(desk)) == ("ten\nel", True)
        await desk.press("V")
        assert editor.selected_text == "ten\neleven twelve"
        await desk.press("escape", "2", "d")
        assert "2d  NORMAL" in status(desk)
        await desk.press("escape", "escape")
        assert "leaves the text" in desk.bench.key_line.message
        assert (desk.bench.desk.writing, editor.document.text) == (True, LINES)
        editor.selection = type(editor.selection)((0, 0), (0, 2))  # as the mouse selects
        await desk.press("d")
        assert editor.document.get_line(0) == "n"
        await desk.press(*"Athe")
        assert editor.vim is not None
        editor.vim.press(Key("alt+i", "i"))  # what esc and i are in one piece
        await desk.pilot.pause()
        assert "INSERT" in status(desk)
        assert shown(editor).startswith("nth|e")


async def test_the_command_line_saves_goes_to_lines_and_leaves(open_app: Opener) -> None:
    async with open_app(settings="vim = true") as desk:
        pane = await write(desk)
        await desk.press(*":1", "enter")
        await desk.until(lambda: pane.editor.cursor_location == (0, 0), "the line")
        await desk.press("G", "A", *" typed", "escape", *":bogus", "enter")
        await desk.until(lambda: ":bogus is not known" in desk.bench.key_line.message, "a word")
        await desk.press(*":wq", "enter")
        await desk.until(lambda: not desk.bench.desk.writing, "the end")
        assert noir(desk).read_text().endswith(" typed")
        await write(desk)
        await desk.press("x")
        await rest(desk, pane)
        await desk.press(*":q!", "enter")
        await desk.until(lambda: not pane.dirty and not desk.bench.desk.writing, "no draft")


@pytest.mark.parametrize(
    ("keys", "visual", "command"),
    [
        ("2d3w", False, Command("w", 6, "d")),
        ("10", False, "more"),
        ("d", False, "more"),
        ("di", False, "more"),
        ("dx", False, "nothing"),
        ("i", False, Command("i")),
        ("i", True, "more"),
        ("d", True, Command("d")),
        ("f", True, "more"),
        ("rü", False, Command("r", character="ü")),
        ("dr", False, "nothing"),
        ("gx", False, "nothing"),
        ("99999999999999j", False, Command("j", MOST)),
    ],
)
def test_what_is_typed_is_read(keys: str, visual: bool, command: object) -> None:
    assert read(keys, visual=visual) == command
