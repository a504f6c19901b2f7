"""The history on the screen: found, opened, rated, replayed, exported, and live."""

from __future__ import annotations

import json
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.tui.past import add_run, store
from tui.core.store import stretches
from tui.core.store.database import Database
from tui.core.store.search import RunFilter, count_runs
from tui.core.workspace import Options, resolve
from tui.screens.history import PAGE, History
from tui.screens.opened_run import OpenedRunScreen

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Home
    from tests.tui.conftest import Desk, Opener


def _database(home: Home) -> Path:
    return resolve(Options(prompts=home.prompts, data_dir=home.root / "data", demo=True), None, {}).database


def _history(desk: Desk) -> History:
    assert isinstance(desk.app.screen, History)
    return desk.app.screen


async def _open(desk: Desk, counted: str) -> History:
    await desk.press("H")
    await desk.until(lambda: isinstance(desk.app.screen, History), "the history")
    history = _history(desk)
    await desk.until(lambda: counted in history.heading.text, counted)
    return history


async def _ask(desk: Desk, key: str, answer: str) -> None:
    """Press a key that asks for something, and answer it."""
    surface = desk.app.screen
    assert isinstance(surface, History | OpenedRunScreen)
    await desk.press(key)
    await desk.until(lambda: surface.ask_line.open and surface.ask_line.field.has_focus, "the question")
    surface.ask_line.field.value = answer
    await desk.press("enter")


def _ids(history: History) -> list[str]:
    return [run.id for run in history.runs.window.rows]


async def test_an_empty_history_teaches_and_a_run_appears_in_it(open_app: Opener) -> None:
    async with open_app((80, 24)) as desk:
        history = await _open(desk, "0 runs")
        assert "press esc, choose a prompt and press r" in history.runs.remark
        await desk.press("escape", "r", "H")
        await desk.until(lambda: isinstance(desk.app.screen, History), "the history")
        history = _history(desk)
        await desk.until(lambda: history.runs.run and history.runs.run.status == "done", "a finished run")
        assert history.runs.run is not None
        assert history.runs.run.name == "noir"


async def test_filters_narrow_while_they_are_typed_and_a_mistake_is_a_sentence(
    home: Home, open_app: Opener
) -> None:
    store(_database(home), 70)
    async with open_app() as desk:
        history = await _open(desk, "70 runs")
        await _ask(desk, "slash", "outcome:bad rain")
        await desk.until(lambda: "10 of 70" in history.heading.text, "the bad ones")
        assert {run.outcome for run in history.runs.window.rows} == {"failure"}
        await _ask(desk, "slash", "outcome:dull")
        await desk.until(lambda: "takes good, bad" in history.heading.text, "a sentence")
        assert len(_ids(history)) == 10  # what was there stays, and cannot be taken for what was meant
        assert "of 70" not in history.heading.text
        await desk.press("x")
        await desk.until(lambda: "takes good, bad" in history.key_line.message, "no export of something else")
        await _ask(desk, "slash", "nowhere")
        await desk.until(lambda: "No run matches" in history.runs.remark, "what to do")
        await desk.press("escape")
        await desk.until(lambda: "70 runs" in history.heading.text, "all again")
        await desk.press("G", "H")  # the oldest is one of noir's
        await desk.until(lambda: "prompt:noir" in history.heading.text, "those of the prompt")
        await desk.until(lambda: "50 of 70" in history.heading.text, "only those")
        await desk.press("H")
        await desk.until(lambda: "70 runs" in history.heading.text, "all again")


async def test_a_run_that_ends_after_later_ones_takes_its_place_among_those_that_a_filter_asks_for(
    home: Home, open_app: Opener
) -> None:
    store(_database(home), 70)
    write = text("UPDATE runs SET status = :status WHERE id = 'run-0049'")
    with closing(Database.open(_database(home))) as database:
        with database.begin() as connection:
            connection.execute(write, {"status": "running"})
        async with open_app((80, 24)) as desk:
            history = await _open(desk, "70 runs")
            await _ask(desk, "slash", "status:done")
            await desk.until(lambda: history._counted and "of 70" in history.heading.text, "those")
            before = _ids(history)
            assert "run-0049" not in before
            await desk.press("j", "j")
            at = history.runs.run
            with database.begin() as connection:
                connection.execute(write, {"status": "done"})
            await desk.until(lambda: "run-0049" in _ids(history), "the run that ended")
            assert _ids(history) == sorted([*before, "run-0049"], reverse=True)
            assert f"{len(before) + 1} of 70" in history.heading.text
            assert history.runs.run == at


async def test_a_fragment_is_looked_for_in_all_texts_and_a_run_that_comes_meanwhile_is_found(
    home: Home, open_app: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "_FIRST", 20)
    monkeypatch.setattr(stretches, "TAKES_S", 0.0)
    store(_database(home), 300)
    async with open_app() as desk:
        history = await _open(desk, "300 runs")
        with closing(Database.open(_database(home))) as database, database.begin() as connection:
            expected = count_runs(connection, RunFilter("*arbour"))
            history.look("*arbour")
            add_run(connection, 301)
        await desk.until(lambda: f"{expected + 1} of 301" in history.heading.text, "all of them")
        assert len(_ids(history)) == PAGE
        assert _ids(history)[0] == "run-0301"
        await desk.press("G")
        await desk.until(lambda: history.runs.cursor == expected, "the oldest")
        history.look('*arbour "number 7"')
        await desk.until(lambda: "1 of 301" in history.heading.text, "only the last thing that was asked")
        assert _ids(history) == ["run-0007"]
        history.look("*nowhere")
        await desk.until(lambda: "0 of 301" in history.heading.text, "none")
        assert "No run matches" in history.runs.remark


async def test_what_is_offered_is_taken_by_tab(home: Home, open_app: Opener) -> None:
    store(_database(home), 7)
    async with open_app() as desk:
        history = await _open(desk, "7 runs")
        await desk.press("slash")
        await desk.until(lambda: history.ask_line.field.has_focus, "the question")
        field = history.ask_line.field
        for typed, offered in (("prom", "prompt:"), ("no", "prompt:noir")):
            await desk.press(*typed)
            await desk.until(lambda offered=offered: field._suggestion == offered, offered)  # type: ignore[misc]
            await desk.press("tab")
            assert field.value == offered
        await desk.until(lambda: "of 7" in history.heading.text, "it is looked for")


async def test_pages_come_as_they_are_needed_from_both_ends(home: Home, open_app: Opener) -> None:
    count = 3 * PAGE + 50
    store(_database(home), count)
    async with open_app((80, 24)) as desk:
        history = await _open(desk, f"{count} runs")
        runs = history.runs
        assert len(runs.window.rows) == PAGE
        while runs.window.end < 2 * PAGE:
            await desk.press("pagedown")
        await desk.press("G")
        await desk.until(lambda: runs.run and runs.run.id == "run-0000", "the oldest run")
        assert runs.cursor == count - 1
        before = runs.window.start
        await desk.press(*["pageup"] * 5)
        await desk.until(lambda: runs.window.start < before, "what is above")
        place = runs.cursor
        assert runs.run is not None
        assert runs.run.id == f"run-{count - 1 - place:04}"
        await desk.press("g")
        await desk.until(lambda: runs.run and runs.run.id == f"run-{count - 1:04}", "the newest run")
        assert runs.scroll_offset.y == 0


async def test_new_runs_come_without_moving_what_one_reads(home: Home, open_app: Opener) -> None:
    store(_database(home), 80)
    async with open_app((80, 24)) as desk:
        history = await _open(desk, "80 runs")
        runs = history.runs
        await desk.press(*["pagedown"] * 2)
        sight, at = [run.id for run in runs.in_sight], runs.run
        with closing(Database.open(_database(home))) as other, other.begin() as connection:
            for number in (80, 81):  # another process
                add_run(connection, number)
        await desk.until(lambda: "↑ 2 new" in history.heading.text, "word of them")
        await desk.until(lambda: "82 runs" in history.heading.text, "the count")
        assert [run.id for run in runs.in_sight] == sight
        assert runs.run == at
        await desk.press("g")
        await desk.until(lambda: runs.run and runs.run.id == "run-0081", "the new one")
        assert "new" not in history.heading.text


async def test_an_opened_run_says_everything_and_its_acts_work(
    home: Home, open_app: Opener, tmp_path: Path
) -> None:
    store(_database(home), 14)
    async with open_app((60, 24)) as desk:
        await _open(desk, "14 runs")
        await desk.press("G", "enter")
        await desk.until(lambda: isinstance(desk.app.screen, OpenedRunScreen), "the run")
        opened = desk.app.screen
        assert isinstance(opened, OpenedRunScreen)
        await desk.until(lambda: "run 14 of 14" in opened.heading.text, "its heading")
        shown = opened.text.text
        for words in (
            "[sideways]",
            "Mara Voss",
            "✓ good",
            "req_0042",
            "5eed5eed5eed modified",
            "0ddba11c0ffe",
        ):
            assert words in shown
        assert "Noir: rain" not in shown
        await desk.press("f")
        assert "Noir: rain" in opened.text.text
        await desk.press("slash", *"sideways", "enter")
        await desk.until(lambda: "1 of 1" in opened.text.place, "the word")
        target = tmp_path / "answer.md"
        await _ask(desk, "w", str(target))
        await desk.until(target.exists, "the file")
        assert target.read_text().startswith("# Mara Voss")
        await desk.press("left_square_bracket")
        await desk.until(lambda: "run 13 of 14" in opened.heading.text, "the run above")
        await desk.press("minus")
        await desk.until(lambda: "✗ bad" in opened.text.text or "–" in opened.heading.text, "a verdict")


async def test_a_rating_from_the_list_keeps_the_note_and_counts(home: Home, open_app: Opener) -> None:
    store(_database(home), 1)
    async with open_app() as desk:
        await desk.press("r")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run and answer.run.status == "done", "an answer")
        history = await _open(desk, "2 runs")
        run = history.runs.run
        assert run is not None
        await _ask(desk, "number_sign", "crisp")
        await desk.press("plus")
        await desk.until(lambda: history.runs.run and history.runs.run.outcome == "success", "the mark")
        await desk.until(lambda: answer.run and answer.run.outcome == "success", "the workbench's mark")

        def rated() -> bool:
            library = desk.app.engine.library
            return library is not None and library.versions[0].success_rate == 1.0

        await desk.until(rated, "the success rate")
        opened = desk.app.engine.history.open(run.id).result(5)
        assert opened is not None
        assert (opened.run.note, opened.run.outcome) == ("crisp", "success")
        await desk.press("plus")
        await desk.until(lambda: history.runs.run and history.runs.run.outcome is None, "no mark any more")


async def test_a_replay_goes_where_the_arrows_say_and_back_to_the_workbench(
    home: Home, open_app: Opener
) -> None:
    store(_database(home), 1)
    async with open_app() as desk:
        history = await _open(desk, "1 run")
        await desk.press("r")
        line = history.replay_line
        await desk.until(lambda: line.display and line.has_focus, "the choice")
        assert "changed since" in "".join(text for text, _ in line.words(0))
        await desk.press("up", "right", "enter")
        await desk.until(lambda: desk.app.screen is desk.bench, "the workbench")
        bench = desk.bench
        answer = bench.desk.answer
        await desk.until(lambda: answer.run and answer.run.status == "done", "the answer")
        assert answer.run is not None
        assert (answer.run.version, answer.run.provider) == (2, "anthropic")
        assert bench.desk.row is not None
        assert bench.desk.row.version == 2
        stored = desk.app.engine.history.open(answer.run.id).result(5)
        assert stored is not None
        assert stored.run.values == {"hero": "Mara Voss"}


async def test_a_replay_that_cannot_be_says_why(home: Home, open_app: Opener) -> None:
    store(_database(home), 7)
    async with open_app(settings="[providers.yandex]\nenabled = false") as desk:
        history = await _open(desk, "7 runs")
        await desk.press("r")
        await desk.until(lambda: "has no file any more" in history.key_line.message, "why not")
        home.noir(1, active=True)
        path = home.prompts / "noir-v1.md"
        path.write_text(path.read_text().replace("hero", "villain"))

        def taken_in() -> bool:
            library = desk.app.engine.library
            return library is not None and library.versions[0].variables[0].name == "villain"

        await desk.until(taken_in, "the file")
        await desk.press("G", "r")
        await desk.until(lambda: history.replay_line.has_focus, "the choice")
        await desk.press("enter")
        await desk.until(lambda: "hero" in history.key_line.message, "the value that it does not take")
        assert desk.app.screen is history


@pytest.mark.parametrize(("name", "said"), [("runs.jsonl", "Exported 9 runs"), ("runs.txt", "format")])
async def test_an_export_writes_what_the_filter_selects(
    home: Home, open_app: Opener, tmp_path: Path, name: str, said: str
) -> None:
    store(_database(home), 70)
    async with open_app() as desk:
        history = await _open(desk, "70 runs")
        await _ask(desk, "slash", "outcome:good")
        await desk.until(lambda: "10 of 70" in history.heading.text, "the good ones")
        await desk.press("minus")  # the row stays in the list, and is not what was asked for any more
        await desk.until(lambda: history.runs.run and history.runs.run.outcome == "failure", "the verdict")
        await desk.press("x")
        await desk.until(lambda: "export 9 to" in history.ask_line._label._text, "how many")
        await desk.press("escape")
        target = tmp_path / name
        await _ask(desk, "x", str(target))
        await desk.until(lambda: said in history.key_line.message, said)
        if target.exists():
            lines = target.read_text().splitlines()
            good = [run.id for run in history.runs.window.rows if run.outcome == "success"]
            assert [json.loads(line)["id"] for line in lines] == good
            await _ask(desk, "x", str(target))
            await desk.until(partial(_says, history, "is there already"), "a refusal")
            assert target.read_text().splitlines() == lines


def _says(history: History, words: str) -> bool:
    return words in history.key_line.message
