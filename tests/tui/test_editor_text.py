"""Typing in the editor pane: completion, indenting, pasting, searching, and hands that know vim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import Paste

from tests.tui.writing import HOSTILE, drafts, line_with, noir, rest, status, write
from tui.widgets.editor.completion import CompletionList

if TYPE_CHECKING:
    from tests.tui.conftest import Desk, Opener


async def test_names_are_offered_and_enter_is_stolen_only_then(open_app: Opener) -> None:
    async with open_app() as desk:
        desk.home.write("many-v1.md", "---\nvariables: [hero, heroine, place]\n---\n\nOf ")
        await desk.until(lambda: len(desk.bench.browser.nodes) == 5, "the new prompt")
        await desk.press("g", "j")
        pane = await write(desk)
        completion = desk.bench.query_one(CompletionList)
        await desk.press("end", *"{{he")
        await desk.until(lambda: completion.display, "the list")
        assert completion.chosen == "hero"
        await desk.press("down")
        assert completion.chosen == "heroine"
        await desk.press("enter")
        assert not completion.display
        assert pane.editor.content.endswith("\nOf {{heroine}}")
        await desk.press("enter", *"{{pl", "escape")
        assert not completion.display
        assert desk.bench.desk.writing
        await desk.press("enter", "x")
        assert pane.editor.content.endswith("\nOf {{heroine}}\n{{pl\nx")


async def test_lines_are_indented_together_and_the_text_has_ends(open_app: Opener) -> None:
    async with open_app() as desk:
        editor = (await write(desk)).editor
        editor.load("a:\n  b: 1\n  c: 2\nd")
        await desk.press("down", "right", "shift+down", "tab")
        assert editor.document.text == "a:\n    b: 1\n    c: 2\nd"
        assert editor.selection == ((1, 3), (2, 3))
        await desk.press("shift+tab", "shift+tab", "shift+tab")
        assert editor.document.text == "a:\nb: 1\nc: 2\nd"
        await desk.press("ctrl+z", "ctrl+z", "ctrl+z", "ctrl+end")
        assert (editor.document.text, editor.cursor_location) == ("a:\n  b: 1\n  c: 2\nd", (3, 1))
        gutter = editor.gutter_width
        await desk.pilot.click(editor, offset=(gutter + 2, 1), times=2)
        assert editor.selected_text == "b"
        await desk.pilot.click(editor, offset=(gutter + 2, 1), times=3)
        assert editor.selected_text == "  b: 1"
        await desk.press("ctrl+end", "tab", "ctrl+home", "shift+tab")
        assert editor.document.text == "a:\n  b: 1\n  c: 2\nd "


@pytest.mark.parametrize("vim", [False, True])
async def test_a_search_goes_from_where_it_was_begun_and_back_there_if_it_finds_nothing(
    open_app: Opener, vim: bool
) -> None:
    async with open_app(settings=f"vim = {str(vim).lower()}") as desk:
        pane = await write(desk)
        editor = pane.editor
        editor.load("no nose\nnone\nno\n")
        editor.move_cursor((0, 3))
        key = "slash" if vim else "ctrl+f"
        for words, place in (("nosex", (0, 3)), ("none", (1, 0)), ("nose", (0, 3))):
            await desk.press(key)
            await desk.until(lambda: desk.bench.ask_line.open, "the question")
            assert editor.cursor_location == place or words != "nosex", "nothing was typed yet"
            await desk.press(*words, "enter")
            await desk.until(lambda: not desk.bench.ask_line.open, "the answer")
            await desk.until(lambda place=place: min(editor.selection) == place, words)  # type: ignore[misc]
            assert (editor.selected_text == "") == (vim or words == "nosex")
            if words == "nosex":
                assert "nosex is not in this text" in desk.bench.key_line.message
        await desk.press(key)
        await desk.until(lambda: desk.bench.ask_line.open, "the question")
        await desk.press("n")
        await desk.until(lambda: min(editor.selection) == ((1, 0) if vim else (0, 3)), "the first with n")
        await desk.press("escape")
        await desk.until(lambda: min(editor.selection) == (0, 3), "where it was")
        if not vim:
            await desk.press(key)
            await desk.until(lambda: desk.bench.ask_line.open, "the question")
            await desk.press(*"none", "enter")
            await desk.until(lambda: editor.selected_text == "none", "the match")
            await desk.press("escape", "x")
            assert editor.content.endswith("\nxnone\nno\n"), (
                "esc drops the marks, and what is typed replaces nothing"
            )


async def test_a_hundred_kilobytes_are_pasted_and_undone_in_one_step(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await write(desk)
        before = pane.editor.content
        lines = [f"{number} {HOSTILE}" for number in range(1500)]
        pane.editor.move_cursor(pane.editor.document.end)
        desk.app.post_message(Paste("\r".join(lines)))
        await desk.until(lambda: pane.editor.content == before + "\n".join(lines), "the paste")
        await rest(desk, pane)
        assert len(pane.data) > 100_000
        assert drafts(desk) == [pane.data.decode()]
        await desk.press("ctrl+z")
        assert pane.editor.content == before


async def test_rows_that_are_kept_look_like_rows_that_are_painted_anew(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await write(desk)
        editor = pane.editor
        rows = range(editor.size.height)

        async def compare() -> None:
            await desk.pilot.pause()
            kept = [editor.render_line(row) for row in rows]
            editor._line_cache.clear()
            assert kept == [editor.render_line(row) for row in rows]

        for keys in (
            ["x", "up"],
            ["enter", *"(a)", "left", "left"],
            ["shift+down", "shift+right"],
            ["delete", *"```", "enter", *"in code"],
            ["ctrl+home", *"---", "enter", "down", "down"],
            ["ctrl+z", "ctrl+end", *" {{hero}} ", *("漢" * 5)],
            ["escape"],
        ):
            await desk.press(*keys)
            await compare()
        desk.app.theme = "penstock-light"
        editor.look_for("a")
        await compare()


async def test_words_are_found_and_replaced(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await write(desk)
        editor = pane.editor
        await desk.press("ctrl+f", *"noir")
        await desk.until(lambda: "of 2" in status(desk), "the matches")
        await desk.press("enter", "ctrl+g")
        assert editor.selected_text == "noir"
        found = editor.selection
        await desk.press("ctrl+f", *"# ", "escape")  # nothing: the cursor is where it was
        assert (editor.selection, editor.found) == (found, "")
        await desk.press("ctrl+f")  # what is selected
        assert desk.bench.ask_line.field.value == "noir"
        await desk.press("enter", "escape")  # the marks first, then the text
        assert (editor.found, desk.bench.desk.writing) == ("", True)
        editor.move_cursor((line_with(editor, "# A scene"), 0))
        await desk.press("ctrl+o", *"a", "enter", *"[a]", "enter")
        await desk.until(lambda: "replace this one" in _question(desk), "the question")
        await desk.press("y", "n", "a")
        await desk.until(lambda: "Replaced" in desk.bench.key_line.message, "a word")
        assert "[a]" in pane.editor.content
        assert pane.editor.content.count("[a]") == noir(desk).read_text().lower().count("a") - 1
        await desk.press("ctrl+z", "ctrl+z")
        assert pane.editor.content == noir(desk).read_text()
        editor.load("aaaa aa")  # one right behind the other, by what has one in it: each is asked for once
        await desk.press("ctrl+end", "left", "ctrl+o", *"a", "enter", *"aa", "enter")
        await desk.press("y", "n", "y", "y", "y", "y")
        await desk.until(lambda: "Replaced 5." in desk.bench.key_line.message, "a word")
        assert editor.document.text == "aaaaaaa aaaa"


async def test_vim_hands_move_and_type(open_app: Opener) -> None:
    async with open_app(settings="vim = true") as desk:
        pane = await write(desk)
        editor = pane.editor
        await desk.until(lambda: "NORMAL" in status(desk), "the mode")
        await desk.press("g", "g")
        assert editor.cursor_location == (0, 0)
        await desk.press("j", "w", "w", "w")
        assert editor.cursor_location == (2, 0)
        await desk.press("e", "b", "$", "0", "l", "l", "h")
        assert editor.cursor_location == (2, 1)
        await desk.press("G", "k", "d", "d", "u", "ctrl+u", "ctrl+d")
        assert editor.content == noir(desk).read_text()
        await desk.press("g", "g", "o")
        assert "INSERT" in status(desk)
        await desk.press(*"jj", "escape", "x", "A", *"!", "escape", "O", *"up", "escape", "i", *"_")
        assert editor.document.lines[:3] == ["---", "u_p", "j!"]
        await desk.press("escape", "q")
        assert not desk.bench.desk.writing


def _question(desk: Desk) -> str:
    return "".join(text for text, _ in desk.bench.ask_line._label.words(0))
