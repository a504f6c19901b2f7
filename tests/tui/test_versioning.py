"""New, renamed and retired versions, and undo, by keys and by the palette's actions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui.bridge import EngineNews
from tui.core.engine.events import LibraryChanged

if TYPE_CHECKING:
    from tests.tui.conftest import Desk, Opener


def at(desk: Desk) -> object:
    node = desk.bench.browser.node
    return node.key if node else None


async def test_n_copies_the_version_and_goes_to_the_copy_and_u_takes_it_back(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("n")
        await desk.until(lambda: at(desk) == ("noir", 3), "the cursor on the copy")
        row = desk.bench.desk.row
        assert row is not None
        assert (row.version, row.active) == (3, False)
        await desk.until(lambda: "copy of v1" in desk.bench.key_line.message, "the sentence")
        await desk.press("u")
        await desk.until(lambda: at(desk) == ("noir", 1), "the cursor where it was")
        assert not (desk.home.prompts / "noir-v3.md").exists()
        await desk.until(lambda: "Removed noir-v3.md" in desk.bench.key_line.message, "what was undone")


async def test_a_new_prompt_is_asked_for_on_the_bottom_row(open_app: Opener) -> None:
    async with open_app((80, 24)) as desk:
        await desk.press("N", *"sub/[b]x[/b]", "enter")
        await desk.until(lambda: at(desk) == ("b]x[", 1) or desk.bench.key_line.message, "an answer")
        await desk.press("N", *"letters/od[e]", "enter")
        await desk.until(lambda: at(desk) == ("od[e]", 1), "the new prompt")
        assert "{{topic}}" in desk.bench.desk.text.text
        assert (desk.home.prompts / "letters" / "od[e]-v1.md").exists()
        await desk.press("N", "escape")
        assert desk.bench.focused is desk.bench.browser


async def test_renaming_keeps_the_answers_and_the_cursor(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.until(lambda: desk.app.engine.demo and desk.app.engine.demo.running, "the simulator")
        await desk.press("r")
        await desk.until(lambda: desk.bench.desk.answer.run and desk.bench.desk.answer.run.over, "an answer")
        desk.bench.action_rename()
        await desk.until(lambda: desk.bench.ask_line.open, "the question")
        await desk.press("end", "backspace", "backspace", *"cturne", "enter")
        await desk.until(lambda: at(desk) == ("nocturne", 1), "the cursor on the renamed prompt")
        await desk.until(lambda: desk.bench.desk.answer.run is not None, "its answer")
        await desk.press("u")
        await desk.until(lambda: at(desk) == ("noir", 1), "the old name")


async def test_a_run_that_goes_on_and_what_was_typed_go_with_the_new_name_and_back(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.until(lambda: desk.app.engine.demo and desk.app.engine.demo.running, "the simulator")
        assert desk.app.engine.demo is not None
        desk.app.engine.demo.simulate("openai", "stall", 1)
        await desk.until(lambda: desk.app.engine.providers["openai"].scenario, "the scenario")
        await desk.press("enter", "end", *"!?", "escape", "r")
        typed = desk.bench.desk.form.values
        assert typed["hero"].endswith("!?")
        await desk.until(lambda: desk.bench.desk.answer.run, "the run")
        run = desk.bench.desk.answer.run
        assert run is not None
        desk.bench.action_rename()
        await desk.until(lambda: desk.bench.ask_line.open, "the question")
        await desk.press("end", *"el", "enter")
        await desk.until(lambda: at(desk) == ("noirel", 1), "the cursor on the renamed prompt")
        await desk.until(lambda: (now := desk.bench.desk.answer.run) and now.id == run.id, "its run")
        assert desk.bench.desk.form.values == typed
        assert desk.bench.runs.in_state("running"), "it goes on"
        await desk.press("escape")
        await desk.until(lambda: (now := desk.bench.desk.answer.run) and now.over, "its end")
        await desk.press("u")
        await desk.until(lambda: at(desk) == ("noir", 1), "the old name")
        await desk.until(lambda: (now := desk.bench.desk.answer.run) and now.id == run.id, "its run again")
        assert desk.bench.desk.form.values == typed
    async with open_app() as desk:
        await desk.until(lambda: desk.bench.desk.form.values == typed, "what was typed, after a restart")


async def test_answers_are_looked_for_when_the_count_says_later_that_there_are_some(open_app: Opener) -> None:
    async with open_app() as desk:
        library = desk.app.engine.library
        assert library is not None and "noir" not in desk.bench.recalled
        used = tuple(replace(row, usage_count=1) for row in library.versions)
        desk.bench.post_message(EngineNews((LibraryChanged(replace(library, versions=used)),)))
        await desk.until(lambda: "noir" in desk.bench.recalled, "the search for its answers")


async def test_a_retired_version_goes_and_comes_back(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("j")
        desk.bench.action_retire()
        await desk.until(lambda: len(desk.bench.browser.nodes) == 2, "one version")
        assert "undoing brings it back" in desk.bench.key_line.message
        await desk.press("u")
        await desk.until(lambda: at(desk) == ("noir", 2), "the version again")


async def test_undo_of_a_rating_shows_at_the_answer(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.until(lambda: desk.app.engine.demo and desk.app.engine.demo.running, "the simulator")
        await desk.press("r")
        await desk.until(lambda: desk.bench.desk.answer.run and desk.bench.desk.answer.run.over, "an answer")
        await desk.press("plus", "minus", "u")
        await desk.until(lambda: "rated good again" in desk.bench.key_line.message, "the sentence")
        await desk.until(lambda: _outcome(desk) == "success", "the first rating")
        await desk.press("u")
        await desk.until(lambda: _outcome(desk) is None, "no rating")
        await desk.press("u")
        await desk.until(lambda: "nothing to undo" in desk.bench.key_line.message, "the end")


def _outcome(desk: Desk) -> str | None:
    run = desk.bench.desk.answer.run
    return run.outcome if run is not None else None
