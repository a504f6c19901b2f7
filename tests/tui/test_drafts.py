"""Drafts and saves of the editor pane: conflicts with other programs, and what is offered again later."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from tests.tui.writing import drafts, noir, rest, status, write
from tui.screens.choice import ConflictChoice, DraftChoice
from tui.widgets.browser.rows import VersionNode
from tui.widgets.reading.text_view import TextView

if TYPE_CHECKING:
    import pytest

    from tests.tui.conftest import Desk, Opener
    from tui.widgets.editor.pane import EditorPane


async def conflict(desk: Desk) -> EditorPane:
    """Type a line while another program changes another one, and save."""
    pane = await write(desk)
    await desk.press("end", *" mine")
    await rest(desk, pane)
    text = noir(desk).read_text()
    noir(desk).write_text(text.replace("first line", "last line"))
    await desk.until(lambda: "changed on disk" in status(desk), "the mark")
    await desk.press("ctrl+s")
    await desk.until(lambda: isinstance(desk.app.screen, ConflictChoice), "the choice")
    assert "last line" in noir(desk).read_text()
    return pane


async def test_a_conflict_can_be_merged(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await conflict(desk)
        await desk.press("slash", *"last", "enter")
        assert isinstance(desk.app.focused, TextView)
        assert desk.app.focused._query == "last", "what differs can be searched"
        await desk.press("m")
        await desk.until(lambda: "Merged" in desk.bench.key_line.message, "the merge")
        assert "# A scene mine\n" in pane.editor.content
        assert "last line" in pane.editor.content
        assert "# A scene\n" in noir(desk).read_text()
        await desk.press("ctrl+s")
        await desk.until(lambda: "# A scene mine\n" in noir(desk).read_text(), "the save")
        assert "last line" in noir(desk).read_text()


async def test_a_merge_that_is_undone_is_a_conflict_again(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await conflict(desk)
        await desk.press("m")
        await desk.until(lambda: "Merged" in desk.bench.key_line.message, "the merge")
        await desk.press("ctrl+z")
        assert "first line" in pane.editor.content
        await desk.press("ctrl+s")
        await desk.until(lambda: isinstance(desk.app.screen, ConflictChoice), "the choice")


async def test_what_an_undo_brings_back_is_no_saved_text_once_another_program_has_written(
    open_app: Opener,
) -> None:
    async with open_app() as desk:
        noir(desk).write_bytes(before := noir(desk).read_bytes().replace(b"\n", b"\r\n"))
        await desk.until(lambda: desk.bench.desk.row, "the file")
        pane = await write(desk)
        await desk.until(lambda: pane.data == before, "its text")
        noir(desk).write_bytes(theirs := before + b"from outside\n")
        await desk.until(lambda: pane.data == theirs, "theirs")
        assert not pane.dirty
        await desk.press("ctrl+z")
        await desk.until(lambda: drafts(desk) == [before.decode()], "a draft, with the line ends of its file")
        assert "changed on disk" in status(desk)
        await desk.press("ctrl+s")
        await desk.until(lambda: isinstance(desk.app.screen, ConflictChoice), "the choice")
        await desk.press("escape")
        assert noir(desk).read_bytes() == theirs
        await desk.press("ctrl+y")
        await desk.until(lambda: pane.data == theirs and not pane.dirty, "theirs again")
        await desk.until(lambda: "changed on disk" not in status(desk) and drafts(desk) == [], "as it was")
        await desk.press("ctrl+z")
        await desk.until(lambda: pane.dirty, "the old text")
        noir(desk).write_bytes(before)
        await desk.until(lambda: not pane.dirty and drafts(desk) == [], "the file says so again")


async def test_in_a_conflict_mine_can_be_kept_and_theirs_goes_into_the_history(open_app: Opener) -> None:
    async with open_app() as desk:
        await conflict(desk)
        theirs = noir(desk).read_text()
        await desk.press("s")
        await desk.until(lambda: "# A scene mine\n" in noir(desk).read_text(), "the save")
        assert "first line" in noir(desk).read_text()
        with closing(sqlite3.connect(desk.app.engine.workspace.database)) as database:
            contents = {row[0] for row in database.execute("SELECT content FROM prompt_revisions")}
        assert theirs in contents


async def test_in_a_conflict_theirs_can_be_taken_and_mine_is_offered_again(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await conflict(desk)
        mine, theirs = pane.data, noir(desk).read_bytes()
        await desk.press("t")
        await desk.until(lambda: pane.data == theirs, "theirs")
        await desk.until(lambda: drafts(desk) == [mine.decode()], "mine, set aside")
        await desk.press("escape", "i")
        await desk.until(lambda: isinstance(desk.app.screen, DraftChoice), "the offer")
        await desk.press("enter")
        await desk.until(lambda: pane.data == mine, "mine")
        await rest(desk, pane)
        await desk.press("ctrl+s")
        await desk.until(lambda: isinstance(desk.app.screen, ConflictChoice), "the choice")
        await desk.press("escape")
        assert noir(desk).read_bytes() == theirs


async def test_a_file_changed_by_others_is_followed_while_nothing_is_typed(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await write(desk)
        noir(desk).write_text(noir(desk).read_text().replace("first line", "last line"))
        await desk.until(lambda: "last line" in pane.editor.content, "the new text")
        assert not pane.dirty


async def test_a_file_that_goes_and_comes_back_leaves_the_text_under_the_hands(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await write(desk)
        await desk.press("end", *" typed")
        text = noir(desk).read_text()
        noir(desk).unlink()  # as `git switch` does
        await desk.until(lambda: "removed on disk" in status(desk), "a word")
        await desk.press(*" on")
        assert (desk.bench.desk.writing, desk.bench.focused) == (True, pane.editor)
        noir(desk).write_text(text)
        await desk.until(lambda: "removed on disk" not in status(desk), "the file again")
        node = desk.bench.browser.node
        assert isinstance(node, VersionNode) and node.row.version == 1
        await desk.press("ctrl+s")
        await desk.until(lambda: "# A scene typed on\n" in noir(desk).read_text(), "the save")


async def test_a_draft_of_an_earlier_start_is_marked_and_offered(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await write(desk)
        await desk.press("end", *" unsaved")
        await rest(desk, pane)
    with closing(sqlite3.connect(desk.app.engine.workspace.database)) as database, database:
        database.execute("UPDATE drafts SET pid = 4194304 + 1")  # above what Linux gives
    async with open_app() as desk:
        await desk.until(lambda: getattr(desk.bench.browser.node, "draft", False), "the mark")
        await desk.press("i")
        await desk.until(lambda: isinstance(desk.app.screen, DraftChoice), "the offer")
        await desk.press("escape")
        noir(desk).write_text(noir(desk).read_text().replace("first line", "last line"))
        row = desk.bench.desk.row
        await desk.until(lambda: desk.bench.desk.row is not row, "the new text")
        await desk.press("i")
        await desk.until(lambda: isinstance(desk.app.screen, DraftChoice), "the offer")
        await desk.press("enter")
        await desk.until(lambda: desk.bench.desk.writing and "changed on disk" in status(desk), "a word")
        await desk.press("escape")
        with closing(sqlite3.connect(desk.app.engine.workspace.database)) as database, database:
            database.execute("UPDATE drafts SET pid = 4194304 + 1")
    async with open_app() as desk:
        await desk.until(lambda: getattr(desk.bench.browser.node, "draft", False), "the mark")
        await desk.press("i")
        await desk.until(lambda: isinstance(desk.app.screen, DraftChoice), "the offer")
        await desk.press("f")
        await desk.until(lambda: desk.bench.desk.writing, "the file")
        assert desk.bench.desk.pane is not None
        assert "unsaved" not in desk.bench.desk.pane.editor.content
        await desk.press("escape", "i")
        await desk.until(lambda: isinstance(desk.app.screen, DraftChoice), "the offer")
        await desk.press("x")
        await desk.until(lambda: drafts(desk) == [], "no draft")


async def test_what_was_typed_in_the_last_moment_is_kept_at_the_end(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await write(desk)
        await desk.press("end", *" last words")
        await desk.until(lambda: "last words" in pane.editor.content, "the words")
    assert "# A scene last words\n" in drafts(desk)[0]


async def test_going_to_another_version_keeps_the_draft(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await write(desk)
        await desk.press("end", *" kept", "escape")
        desk.bench.browser.focus()
        await desk.press("j")
        assert "Make it rain" in desk.bench.desk.text.text
        assert not desk.bench.desk.drafted
        await desk.press("i")
        await desk.until(lambda: pane.path == "noir-v2.md", "the other file")
        await desk.press("escape")
        desk.bench.browser.focus()
        await desk.press("k")
        assert "A scene kept" in desk.bench.desk.text.text
        await desk.press("i")
        await desk.until(lambda: "A scene kept" in pane.editor.content, "the draft")


async def test_dropping_a_draft_can_be_undone(open_app: Opener) -> None:
    async with open_app() as desk:
        pane = await write(desk)
        await desk.press("end", *" gone", "escape")
        await rest(desk, pane)
        await desk.press("D")
        await desk.until(lambda: drafts(desk) == [], "no draft")
        await write(desk)
        await desk.press("ctrl+z")
        assert "A scene gone" in pane.editor.content


async def test_the_users_own_editor_is_not_opened_over_a_draft_unasked(
    open_app: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("tui.screens.acts.writing.edit_file", lambda *_: opened.append("it"))
    async with open_app() as desk:
        pane = await write(desk)
        await desk.press("end", *" x", "escape")
        await rest(desk, pane)
        await desk.press("e")
        assert "e again opens the file without it" in desk.bench.key_line.message
        assert opened == []
        await desk.press("n")  # another act is told of it anew
        assert "n again copies the file without it" in desk.bench.key_line.message
        await desk.press("e", "e")
        await desk.until(lambda: opened, "the editor")
        await desk.press("n", "n")
        await desk.until(lambda: (desk.home.prompts / "noir-v3.md").exists(), "the copy")
        assert "# A scene x" not in (desk.home.prompts / "noir-v3.md").read_text()


async def test_a_file_that_is_no_text_is_left_to_other_editors(open_app: Opener) -> None:
    async with open_app() as desk:
        (desk.home.prompts / "bad.md").write_bytes(b"\xff\xfe\x00")
        await desk.until(lambda: len(desk.bench.browser.nodes) == 4, "the file")
        await desk.press("G", "i")
        await desk.until(lambda: "cannot be opened here" in desk.bench.key_line.message, "a word")
        assert not desk.bench.desk.writing
