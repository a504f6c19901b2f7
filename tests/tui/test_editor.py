"""The editor pane, driven by its keys: what is typed is a draft, a save never goes over another's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from tests.tui.writing import HOSTILE, drafts, line_with, noir, rest, status, write
from tui.screens.help import Help
from tui.widgets.browser.rows import VersionNode
from tui.widgets.desk.value_field import ValueField
from tui.widgets.reading.text_view import TextView
from tui.widgets.sentence import Sentence

if TYPE_CHECKING:
    from tests.tui.conftest import Opener


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
