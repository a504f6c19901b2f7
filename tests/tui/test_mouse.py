"""Going about by clicks and by jumps; the mouse is the terminal's where the user wants that."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len
from textual.geometry import Offset

from tui.app import PenstockApp
from tui.cli import main
from tui.screens.history import History
from tui.screens.jump import Mark
from tui.widgets.desk.value_field import ValueField
from tui.widgets.editor.completion import CompletionList
from tui.widgets.heading import Heading
from tui.widgets.jumping import codes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.conftest import Desk, Opener
    from tui.widgets.ink import Painted


@pytest.mark.parametrize("arguments", [[], ["--no-mouse"]])
def test_the_mouse_can_be_left_to_the_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(PenstockApp, "run", lambda self, **options: asked.append(options["mouse"]))
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    with pytest.raises(SystemExit):
        main(["--data-dir", str(tmp_path), "--settings", str(tmp_path / "none.toml"), *arguments])
    assert asked == [not arguments]


async def _click_word(desk: Desk, widget: Painted, word: str) -> None:
    line = "".join(text for text, _ in widget.words(0))
    x = cell_len(line[: line.index(word)]) + widget.content_region.x - widget.region.x
    await desk.pilot.click(widget, offset=Offset(x, 0))


async def test_words_of_the_key_line_and_of_headings_do_what_they_say(open_app: Opener) -> None:
    async with open_app() as desk:
        bench = desk.bench
        await _click_word(desk, bench.key_line, "view")
        await desk.until(lambda: bench.desk.view == "preview", "the other view")
        await _click_word(desk, bench.query_one("#browser-heading", Heading), "Prompts")
        await desk.until(lambda: bench.focused is bench.filter_field, "the filter")
        await desk.press("escape", "r")
        await desk.until(
            lambda: bench.desk.answer.run and bench.desk.answer.run.status == "done", "an answer"
        )
        await desk.press("number_sign")
        await desk.until(lambda: bench.ask_line.open, "the question")
        await desk.press(*"dry", "enter")
        heading = bench.query_one("#answer-heading", Heading)
        await desk.until(lambda: "# note" in heading.text, "the note")
        await _click_word(desk, heading, "# note")
        await desk.until(
            lambda: bench.ask_line.open and bench.ask_line.field.value == "dry", "the note again"
        )
        await desk.press("escape")
        await _click_word(desk, bench.title_bar, "today")
        await desk.until(lambda: isinstance(desk.app.screen, History), "the history")


async def test_a_second_click_goes_on_and_a_name_is_taken_by_a_click(open_app: Opener) -> None:
    async with open_app() as desk:
        bench = desk.bench
        await desk.pilot.click(bench.browser, offset=Offset(6, 2), times=2)
        await desk.until(lambda: isinstance(bench.focused, ValueField), "the values of version 2")
        assert bench.desk.row is not None
        assert bench.desk.row.version == 2
        await desk.press("escape", "i")
        await desk.until(lambda: bench.desk.pane and bench.focused is bench.desk.pane.editor, "the editor")
        await desk.press(*"{{he")
        names = bench.query_one(CompletionList)
        await desk.until(lambda: names.display and names.size.height, "what is offered")
        await desk.pilot.click(names, offset=Offset(2, 0))
        pane = bench.desk.pane
        assert pane is not None
        await desk.until(lambda: "{{hero}}# A scene" in pane.editor.text, "the name")
        assert bench.focused is pane.editor


async def test_letters_stand_beside_what_can_be_gone_to(open_app: Opener) -> None:
    async with open_app() as desk:
        bench = desk.bench

        async def jump(x: int, y: int) -> None:
            await desk.press("apostrophe")
            await desk.until(lambda: desk.app.screen.query(Mark), "the letters")
            # The letters stand before the place, where it is blank: the first word can still be read.
            regions = {mark.code: mark.region for mark in desk.app.screen.query(Mark)}
            code = next(code for code, region in regions.items() if (region.right, region.y) == (x, y))
            await desk.press(*code)
            await desk.until(lambda: desk.app.screen is bench, "the workbench")

        await jump(*bench.desk.answer.text.content_region.offset)
        await desk.until(lambda: bench.focused is bench.desk.answer.text, "the answer")
        row = bench.browser.content_region.offset
        await jump(row.x, row.y + 2)
        assert bench.browser.node is not None
        assert bench.browser.node.key == ("noir", 2)
        assert bench.focused is bench.browser
        await jump(*bench.query_one("#panel-google").content_region.offset)
        await desk.until(lambda: bench.provider == "google", "the provider")
        await desk.press("apostrophe", "escape")
        await desk.until(lambda: desk.app.screen is bench, "the workbench")


@pytest.mark.parametrize("count", [0, 1, 26, 27, 51, 60, 676, 700])
def test_codes_are_short_and_none_begins_another(count: int) -> None:
    found = codes(count)
    assert len(found) == len(set(found)) == min(count, 676)
    assert not any(a != b and b.startswith(a) for a in found for b in found)
    assert found == sorted(found, key=len)
