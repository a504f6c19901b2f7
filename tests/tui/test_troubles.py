"""What a provider's trouble looks like on the screen, and the key that ends it."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tui.simulator import AT_ONCE, SimulatorServer, SimulatorSettings
from tui.widgets.desk.column import AnswerColumn
from tui.widgets.heading import Heading
from tui.widgets.key_line import KeyLine
from tui.widgets.quota.panel import ProviderPanel
from tui.widgets.revisions.revision_list import RevisionList
from tui.widgets.sentence import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.screen import Screen

    from tests.tui.conftest import Desk, Opener
    from tui.screens.workbench import Workbench


@pytest.fixture
def simulator() -> Iterator[SimulatorServer]:
    with SimulatorServer(SimulatorSettings(pace=AT_ONCE)) as server:
        yield server


def settings(simulator: SimulatorServer) -> str:
    return f'provider = "openai"\n[providers.openai]\nbase_url = "{simulator.base_url("openai")}"\n'


def panel(desk: Desk) -> str:
    """The last line of OpenAI's panel, or the only one."""
    words = desk.bench.query_one("#panel-openai", ProviderPanel)
    line = 3 if words.size.height > 1 else 0
    return "".join(text for text, _ in words.words(line))


def answer(desk: Desk) -> str:
    return desk.bench.desk.answer.text.text


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_an_empty_account_stops_calls_until_the_key_is_pressed(
    open_app: Opener, simulator: SimulatorServer, size: tuple[int, int]
) -> None:
    simulator.simulate("openai", "billing", times=1)
    mine = settings(simulator)
    async with open_app(size, settings=mine, demo=False, OPENAI_API_KEY="simulated") as desk:
        await desk.press("r")
        await desk.until(lambda: "stop" in panel(desk), "the stop on the panel")
        await desk.until(lambda: "no credit left" in answer(desk), "the reason where the answer would be")
        assert "O lets them go again" in answer(desk)
        first = answer(desk)
        await desk.press("r")
        await desk.until(lambda: len(desk.bench.runs._runs) == 2, "the second run")
        assert answer(desk) == first
        assert simulator.stats()["openai"]["requests"] == 1
        await desk.press("p", "O")  # the sentence of the answer in sight names the key, so it is about that
        await desk.until(lambda: "stop" not in panel(desk), "calls allowed again")
        assert "OpenAI is called again." in desk.bench.key_line.message
        await desk.press("P", "r")
        await desk.until(lambda: "no credit" not in answer(desk) and answer(desk).strip(), "an answer")
        await desk.press("O")
        await desk.until(lambda: "Nothing keeps OpenAI" in desk.bench.key_line.message, "nothing to end")


async def test_a_retry_is_counted_down_above_the_answer(open_app: Opener, simulator: SimulatorServer) -> None:
    simulator.simulate("openai", "overloaded", times=1)
    async with open_app(settings=settings(simulator), demo=False, OPENAI_API_KEY="simulated") as desk:
        heading = desk.bench.query_one("#answer-heading", Heading)
        await desk.press("r")
        await desk.until(lambda: re.search(r"retry 1 of 2 in \d s: overloaded", heading.text), "the retry")
        await desk.until(lambda: answer(desk).strip(), "the answer of the second attempt")
        assert desk.bench.query_one(AnswerColumn).counting is False


async def test_an_empty_answer_is_said_to_be_empty(open_app: Opener, simulator: SimulatorServer) -> None:
    desk_settings = settings(simulator).replace("openai", "deepseek")
    async with open_app(settings=desk_settings, demo=False, DEEPSEEK_API_KEY="simulated") as desk:
        desk.home.write(
            "noir-v1.md", "---\nname: noir\nversion: 1\nparameters: {max_tokens: 1}\n---\nHello\n"
        )
        await desk.until(lambda: "Hello" in desk.bench.desk.text.text, "the new text")
        await desk.press("r")
        await desk.until(lambda: "used up max_tokens before any text" in answer(desk), "the sentence")


async def test_trouble_with_the_database_is_told_and_ends_nothing(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("r")
        shown = desk.bench.desk.answer
        await desk.until(lambda: shown.run is not None and shown.run.over, "an answer")
        await desk.press("v")
        await desk.until(lambda: desk.app.screen is not desk.bench, "the local history")
        page = desk.app.screen
        await desk.until(lambda: page.query_one(RevisionList).revision, "the revisions")
        with closing(sqlite3.connect(desk.app.engine.workspace.database)) as database:
            database.execute("ALTER TABLE runs RENAME TO gone")
        await desk.press("enter")
        await _told(desk, page)
        await desk.press("escape", "left_square_bracket")
        await _told(desk, desk.bench)
        await desk.press("d")
        await _told(desk, desk.bench)
        await desk.press("o")
        await _told(desk, desk.app.screen)


async def _told(desk: Desk, screen: Screen[object] | Workbench) -> None:
    line = screen.query_one(KeyLine)
    await desk.until(lambda: "no such table: runs" in line.message, "what the trouble is")
    line.tell("")


async def test_why_a_text_is_not_whole_stands_above_it(open_app: Opener, simulator: SimulatorServer) -> None:
    simulator.simulate("openai", "malformed_chunk", times=1)
    mine = settings(simulator)
    async with open_app((80, 24), settings=mine, demo=False, OPENAI_API_KEY="simulated") as desk:
        await desk.press("t", "t", "r")
        column = desk.bench.desk.answer
        await desk.until(lambda: column.run and column.run.status == "failed", "the failure")
        wrong = desk.bench.query_one("#answer-wrong", Sentence)
        assert column.run is not None and column.run.transcript.length
        await desk.until(lambda: wrong.display and wrong.size.height, "the sentence")
        assert wrong.text == f"✗ {column.run.error}"
        assert answer(desk).strip(), "and the text is below"
        await desk.press("r")
        await desk.until(lambda: column.run and column.run.status == "done", "an answer")
        assert not wrong.display
