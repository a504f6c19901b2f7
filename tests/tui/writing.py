"""What tests of the editor pane do and look at."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from tui.widgets.heading import Heading
from tui.widgets.sentence import Sentence

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.conftest import Desk
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
    wrong = desk.bench.query_one("#writing-wrong", Sentence)
    return f"{wrong.text} {desk.bench.query_one('#writing-status', Heading).text}"


def noir(desk: Desk) -> Path:
    return desk.home.prompts / "noir-v1.md"


def line_with(editor: Editor, text: str) -> int:
    return next(number for number, line in enumerate(editor.document.lines) if text in line)
