"""The editor pane, driven by its keys: what is typed is a draft, a save never goes over another's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from textual.events import Paste

from tui.screens.help import Help
from tui.widgets.browser.rows import VersionNode
from tui.widgets.desk.values import ValueField
from tui.widgets.editor.completion import CompletionList
from tui.widgets.editor.sentence import Sentence
from tui.widgets.heading import Heading
from tui.widgets.reading.text_view import TextView

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.conftest import Desk, Opener
    from tui.widgets.editor.editor import Editor
    from tui.widgets.editor.pane import EditorPane

HOSTILE = "[bold]x[/] \x1b[2J\x07\u202e\u2028\x0b 漢字 👩‍👩‍👧 שלום العربية {{hero}}\ttab"


async def write(desk: Desk) -> EditorPane:
    """Open what is at hand in the editor pane."""
    await desk.press("i")
    await desk.until(lambda: desk.bench.desk.writing and desk.bench.desk.pane, "the editor")
    pane = desk.bench.desk.pane
    assert pane is not None
    await desk.until(lambda: desk.bench.focused is pane.editor, "the focus")
    return pane


async def rest(desk: Desk, pane: EditorPane) -> None:
    """Wait until what was typed is kept, or saved."""
    await desk.until(lambda: not pane.untold and pane.standing in ("kept", "saved"), "the draft")


def drafts(desk: Desk) -> list[str]:
    """The drafts in the database, as another program sees them."""
    with closing(sqlite3.connect(desk.app.engine.workspace.database)) as database:
        return [row[0] for row in database.execute("SELECT content FROM drafts ORDER BY id")]


def status(desk: Desk) -> str:
    return f"{desk.bench.query_one(Sentence).text} {desk.bench.query_one('#writing-status', Heading).text}"


def noir(desk: Desk) -> Path:
    return desk.home.prompts / "noir-v1.md"


def line_with(editor: Editor, text: str) -> int:
    return next(number for number, line in enumerate(editor.document.lines) if text in line)


async def test_the_whole_file_opens_where_its_text_begins_and_esc_leaves(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await write(desk)
        assert pane.editor.content == noir(desk).read_text()
        assert pane.editor.document.get_line(pane.editor.cursor_location[0]) == "# A scene"
        desk.bench.action_help()  # from the palette: `?` is text here
        await desk.until(lambda: isinstance(desk.app.screen, Help), "the help")
        assert desk.app.screen.query_one(TextView).text.startswith("While writing\n")
        await desk.press("escape")
        await desk.press("escape")
        assert not desk.bench.desk.writing
        assert desk.bench.focused is desk.bench.desk.text
        await desk.press("enter")
        await desk.until(lambda: desk.bench.focused is pane.editor, "the editor")
        assert drafts(desk) == []


async def test_what_is_typed_is_a_draft_that_is_seen_everywhere_until_it_is_saved(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await write(desk)
        await desk.press("end", *" of {{hero}}", "escape")
        await rest(desk, pane)
        assert drafts(desk) == [noir(desk).read_text().replace("# A scene", "# A scene of {{hero}}")]
        nodes = [node for node in desk.bench.browser.nodes if isinstance(node, VersionNode)]
        assert [node.draft for node in nodes] == [True, False]
        assert "A scene of {{hero}}" in desk.bench.desk.text.text
        await desk.press("t")
        assert "A scene of Mara Voss" in desk.bench.desk.text.text
        await desk.press("r")
        assert "ctrl+r saves and runs" in desk.bench.key_line.message
        await desk.press("ctrl+s")
        await desk.until(lambda: "Saved noir-v1.md." in desk.bench.key_line.message, "the save")
        assert "# A scene of {{hero}}\n" in noir(desk).read_text()
        await desk.until(lambda: not desk.bench.desk.drafted, "no draft")
        assert drafts(desk) == []
        await desk.until(
            lambda: desk.bench.desk.row and "of {{hero}}" in desk.bench.desk.row.template, "the new row"
        )


async def test_saving_and_running_is_one_key(open_app: Opener) -> None:
    async with open_app() as desk:
        await write(desk)
        await desk.press("end", *" now", "ctrl+r")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run and answer.run.status == "done", "an answer")
        with closing(sqlite3.connect(desk.app.engine.workspace.database)) as database:
            assert "# A scene now" in database.execute("SELECT prompt FROM runs").fetchone()[0]


async def test_a_text_typed_back_to_what_the_file_says_is_no_draft(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await write(desk)
        await desk.press("x")
        await rest(desk, pane)
        assert len(drafts(desk)) == 1
        await desk.press("ctrl+z")
        await desk.until(lambda: drafts(desk) == [], "no draft")
        await desk.until(lambda: pane.standing == "saved", "the word for that")


async def test_the_form_and_the_preview_follow_what_is_declared(open_app: Opener) -> None:
    async with open_app((180, 50)) as desk:
        pane = await write(desk)
        await desk.press("ctrl+t")
        editor = pane.editor
        editor.move_cursor((line_with(editor, "hero:"), 0))
        await desk.press(*"  place:", "enter", "backspace", "backspace")
        await desk.until(lambda: len(desk.bench.query(ValueField)) == 2, "a field more")
        assert [f.variable.name for f in desk.bench.query(ValueField)] == ["place", "hero"]
        editor.move_cursor(editor.document.end)
        await desk.press(*"Set in {{place}}.")
        await desk.until(lambda: "Set in {{place}}." in desk.bench.desk.text.text, "the preview")
        desk.bench.desk.form.focus_first()
        await desk.press(*"Oslo")
        await desk.until(lambda: "Set in Oslo." in desk.bench.desk.text.text, "the preview")


async def test_problems_are_marked_while_they_are_typed(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await write(desk)
        await desk.press("end", *" {{nobody}}")
        await desk.until(lambda: "`{{nobody}}` is not declared" in status(desk), "the problem")
        told = desk.bench.query_one(Sentence)
        rows = ["".join(word for word, _ in told.words(row)).strip() for row in range(told.size.height)]
        assert " ".join(rows).endswith("Add `nobody` to `variables` if it is one."), "the whole sentence"
        row = pane.editor.cursor_location[0]
        y = pane.editor.wrapped_document.location_to_offset((row, 0)).y - pane.editor.scroll_offset.y
        assert pane.editor.render_line(y).text.startswith(f"{row + 1:>2}!")
        await desk.press("ctrl+z", "ctrl+home")
        pane.editor.move_cursor((1, 0))
        await desk.press(*"name: [", "enter")
        await desk.until(lambda: "✖ " in status(desk), "the error")
        assert pane.document is not None
        assert pane.document.name == "noir"
        await desk.press("ctrl+s")
        await desk.until(lambda: "the last good content is served" in desk.bench.key_line.message, "a word")


async def test_a_broken_file_opens_at_its_error_with_the_whole_sentence(open_app: Opener) -> None:
    async with open_app((80, 24)) as desk:
        desk.home.write("broken.md", "---\ndescription: a: b\n---\nHi\n")
        await desk.until(lambda: len(desk.bench.browser.nodes) == 4, "the file")
        await desk.press("G")
        pane = await write(desk)
        told = desk.bench.query_one(Sentence)
        await desk.until(lambda: told.display, "what is wrong")
        assert pane.editor.cursor_location[0] == 1
        rows = ["".join(word for word, _ in told.words(row)).strip() for row in range(told.size.height)]
        assert " ".join(rows).removeprefix("✖ ") == told.text.removeprefix("✖ ")
        assert len(rows) <= 3


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


async def test_a_broken_file_that_is_mended_stays_at_hand(open_app: Opener) -> None:
    async with open_app() as desk:
        for name in ("bad.md", "worse.md"):
            (desk.home.prompts / name).write_text("---\n[\n---\ntext")
        await desk.until(lambda: len(desk.bench.browser.nodes) == 5, "the files")
        await desk.press("G", "k")
        pane = await write(desk)
        pane.editor.exchange("---\nvariables: []\n---\ntext")
        await desk.press("ctrl+s")
        await desk.until(lambda: "Saved bad.md." in desk.bench.key_line.message, "the save")
        await desk.until(lambda: desk.bench.desk.row and desk.bench.desk.row.name == "bad", "its version")
        assert (desk.bench.desk.writing, desk.bench.focused) == (True, pane.editor)


async def test_bytes_are_given_back_as_they_were(open_app: Opener) -> None:
    async with open_app() as desk:
        data = f"\ufeff---\r\nvariables: [hero]\r\n---\r\n{HOSTILE}\r\nlast".encode()
        path = desk.home.prompts / "bytes-v1.md"
        path.write_bytes(data)
        await desk.until(lambda: len(desk.bench.browser.nodes) == 5, "the new prompt")
        await desk.press("g", "j")
        pane = await write(desk)
        assert pane.data == data
        for y in range(pane.editor.size.height):
            assert not set(pane.editor.render_line(y).text) & {"\x1b", "\x07", "\u202e", "\u2028", "\x0b"}
        pane.editor.move_cursor(pane.editor.document.end)
        await desk.press("!", "ctrl+s")
        await desk.until(lambda: path.read_bytes() != data, "the save")
        assert path.read_bytes() == data + b"!"


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


def _question(desk: Desk) -> str:
    return "".join(text for text, _ in desk.bench.ask_line._label.words(0))


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
