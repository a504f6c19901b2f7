"""Taking an answer out of the program, and a person's word on it."""

from __future__ import annotations

import base64
import re
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tui.clipboard import osc52
from tui.core.text import printable_lines
from tui.outside import chosen

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.conftest import Desk, Opener


async def _answered(desk: Desk) -> str:
    await desk.press("r")
    answer = desk.bench.desk.answer
    await desk.until(lambda: answer.run and answer.run.status == "done", "an answer")
    assert answer.run is not None
    return str(answer.run.transcript)


def _says(desk: Desk, word: str) -> bool:
    return word in desk.bench.key_line.message


@pytest.mark.parametrize(
    ("environ", "frame"),
    [
        ({}, r"\x1b\]52;c;([\w+/=]*)\x07"),
        ({"TMUX": "/tmp/t,1,0"}, r"\x1bPtmux;\x1b\x1b\]52;c;([\w+/=]*)\x07\x1b\\"),
    ],
)
def test_the_clipboard_sequence_holds_the_text(environ: dict[str, str], frame: str) -> None:
    found = re.fullmatch(frame, osc52("Zoë [b] \x1b", environ))
    assert found is not None
    assert base64.b64decode(found[1]).decode() == "Zoë [b] \x1b"


def test_screen_gets_it_in_pieces_that_it_can_take() -> None:
    pieces = osc52("x" * 1000, {"TERM": "screen-256color"}).split("\x1b\\")
    assert max(map(len, pieces)) < 256
    whole = "".join(piece.removeprefix("\x1bP") for piece in pieces)
    assert whole == osc52("x" * 1000, {})


async def test_an_answer_is_written_to_a_new_file_and_never_over_another(
    open_app: Opener, tmp_path: Path
) -> None:
    async with open_app() as desk:
        text = await _answered(desk)
        target = tmp_path / "kept.md"
        for word in ("Wrote", "is there already"):
            await desk.press("w")
            await desk.until(lambda: desk.bench.ask_line.open, "the question")
            desk.bench.ask_line.field.value = str(target)
            await desk.press("enter")
            await desk.until(partial(_says, desk, word), word)
        await desk.press("w")
        await desk.until(lambda: desk.bench.ask_line.open, "the question")
        desk.bench.ask_line.field.value = "~nobody-of-this-name/kept.md"
        await desk.press("enter")
        await desk.until(lambda: _says(desk, "nobody here has a home"), "whose home it would be")
        folder = desk.app.engine.workspace.prompts
        await desk.press("w")
        await desk.until(lambda: desk.bench.ask_line.open, "the question")
        desk.bench.ask_line.field.value = str(folder / "kept.md")
        await desk.press("enter")
        await desk.until(lambda: _says(desk, "would be read as a prompt"), "an answer is no prompt")
        assert not (folder / "kept.md").exists()
        assert target.read_text() == text
        assert [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []


async def test_the_pager_gets_the_answer(
    open_app: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paged = tmp_path / "paged"
    monkeypatch.setenv("PAGER", f"sh -c 'cat > {paged}'")
    async with open_app() as desk:
        text = await _answered(desk)
        await desk.press("V")
        # A headless app cannot give its terminal away, which is said.
        await desk.until(lambda: _says(desk, "terminal cannot be handed to sh"), "a sentence")
        monkeypatch.setattr(desk.app, "suspend", nullcontext)
        await desk.press("V")
        await desk.until(paged.exists, "the pager's text")
        assert paged.read_text() == "\n".join(printable_lines(text))


def test_a_variable_of_blanks_names_no_program() -> None:
    assert chosen("editor", ("VISUAL", "EDITOR"), (), {"VISUAL": "  ", "EDITOR": "vi -e"}) == ["vi", "-e"]


async def test_a_rating_is_taken_back_by_its_key_and_a_note_stays(open_app: Opener) -> None:
    async with open_app() as desk:
        await _answered(desk)
        answer = desk.bench.desk.answer

        def outcome() -> str | None:
            return answer.run.outcome if answer.run else "?"

        await desk.press("0")
        await desk.until(lambda: outcome() == "excluded", "excluded")
        await desk.press("plus", "number_sign", *"crisp", "enter")
        await desk.until(lambda: outcome() == "success", "good")
        await desk.press("plus")
        await desk.until(lambda: outcome() is None, "no rating any more")
        assert answer.run is not None
        assert desk.bench.runs.note(answer.run.id) == "crisp"
