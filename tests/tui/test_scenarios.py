"""The page of scenarios in a demo: what is chosen there happens to the next calls, and is in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.screens.help import Help
from tui.screens.scenarios import Scenarios
from tui.widgets.ink import width_of
from tui.widgets.quota.panel import ProviderPanel
from tui.widgets.reading.text_view import TextView
from tui.widgets.scenarios.board import ScenarioBoard
from tui.widgets.scenarios.plan import Plan, board, choice_at, choices, first_row, height_of, row_at

if TYPE_CHECKING:
    from tests.tui.conftest import Desk, Opener


def panel_text(desk: Desk, provider: str) -> str:
    panel = desk.bench.query_one(f"#panel-{provider}", ProviderPanel)
    return "\n".join("".join(text for text, _ in panel.words(y)) for y in range(4))


async def open_page(desk: Desk) -> ScenarioBoard:
    await desk.press("F")
    await desk.until(lambda: isinstance(desk.app.screen, Scenarios), "the page")
    return desk.app.screen.query_one(ScenarioBoard)


def text_of(page: ScenarioBoard) -> str:
    return "\n".join("".join(text for text, _ in page.words(y)) for y in range(page.size.height))


async def choose(desk: Desk, page: ScenarioBoard, name: str) -> None:
    while page.plan.wanted[1] != name:
        await desk.press("j")


async def test_a_fault_that_is_set_is_marked_happens_and_wears_off(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.until(lambda: desk.app.engine.providers["openai"].scenario == "", "the engine")
        page = await open_page(desk)
        await desk.until(lambda: "Nothing is set" in text_of(page), "an ordinary beginning")
        await desk.press("G")
        assert page.plan.row == len(page.plan.scenarios) - 1
        await desk.press("g", "question_mark")
        await desk.until(lambda: isinstance(desk.app.screen, Help), "the keys of the page")
        assert desk.app.screen.query_one(TextView).text.startswith("On the page of faults")
        await desk.press("escape")
        await choose(desk, page, "billing")
        await desk.until(lambda: desk.app.engine.demo and desk.app.engine.demo.running, "the simulator")
        await desk.press("enter")
        await desk.until(lambda: "⚑ openai billing ×1" in text_of(page), "what is set, at the bottom")
        assert "⚑ openai×1" in text_of(page), "and beside the scenario"
        await desk.press("escape")
        await desk.until(lambda: "⚑ billing ×1" in panel_text(desk, "openai"), "the mark in the panel")
        assert "⚑" not in panel_text(desk, "google")
        await desk.press("r")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run and answer.run.over, "the end of the run")
        assert answer.run is not None
        assert answer.run.error_class == "billing"
        await desk.until(lambda: "⚑" not in panel_text(desk, "openai"), "no mark any more")


async def test_every_provider_until_it_is_cleared(open_app: Opener) -> None:
    async with open_app((80, 24)) as desk:
        page = await open_page(desk)
        await desk.until(lambda: desk.app.engine.demo and desk.app.engine.demo.running, "the simulator")
        await choose(desk, page, "cut")
        await desk.press("h", "t", "t", "enter")
        engine = desk.app.engine
        await desk.until(
            lambda: {state.scenario for state in engine.providers.values()} == {"cut"}, "all cut"
        )
        assert page.region.bottom < 23, "the keys are in sight below the board"
        await desk.press("escape", "r")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run and answer.run.over, "the end of the run")
        assert answer.run is not None
        assert answer.run.error_class == "interrupted"
        page = await open_page(desk)
        assert "⚑ openai cut · anthropic cut" in text_of(page)
        await desk.press("c")
        await desk.until(lambda: "Nothing is set" in text_of(page), "all as usual")
        await desk.press("F")
        assert not isinstance(desk.app.screen, Scenarios)


async def test_clicks_choose_and_set(open_app: Opener) -> None:
    async with open_app() as desk:
        page = await open_page(desk)
        await desk.until(lambda: desk.app.engine.demo and desk.app.engine.demo.running, "the simulator")
        targets, often = choices(page.plan)
        x = sum(len(text) + 2 for text, _ in targets[1:3]) + len(targets[0][0]) + 1
        await desk.pilot.click(page, offset=(x, 0))
        await desk.pilot.click(page, offset=(len(often[0][0]) + len(often[1][0]) + 3, 1))
        await desk.pilot.click(page, offset=(5, 5))
        assert page.plan.wanted == ("google", "per_day", 3)
        await desk.pilot.click(page, offset=(5, 5))
        await desk.until(lambda: desk.app.engine.providers["google"].scenario == "per_day ×3", "it is set")


async def test_without_a_demo_there_is_no_such_page(open_app: Opener) -> None:
    async with open_app(demo=False) as desk:
        await desk.press("F")
        assert not isinstance(desk.app.screen, Scenarios)
        assert "--demo" in desk.bench.key_line.message
        offered = [command.title for command in desk.app.get_system_commands(desk.bench)]
        assert "Let simulated calls fail" not in offered
    async with open_app() as desk:
        offered = [command.title for command in desk.app.get_system_commands(desk.bench)]
        assert "Let simulated calls fail" in offered


PLAN = Plan({f"scenario-{n}": f"what happens in the {n}th" for n in range(20)}, {"openai": "", "google": ""})


@given(st.integers(0, 19), st.integers(0, 2), st.integers(0, 2), st.integers(6, 40), st.integers(10, 120))
def test_the_board_shows_the_chosen_row_at_any_size(
    row: int, target: int, often: int, height: int, width: int
) -> None:
    plan = PLAN.moved(row, target, often)
    lines = board(plan, width, height)
    assert len(lines) <= max(height, 6)
    assert all(width_of(line) <= width for line in lines)
    chosen = [y for y, line in enumerate(lines) if line and line[0][0] == "▸ "]
    assert [row_at(plan, y, height) for y in chosen] == [row]
    assert height < height_of(plan) or first_row(plan, height) == 0


@pytest.mark.parametrize("line", [0, 1])
def test_every_choice_is_where_it_is_painted(line: int) -> None:
    words = choices(PLAN)[line]
    painted = "".join(text for text, _ in board(PLAN, 120, 40)[line])
    for number, (text, _) in enumerate(words[1:]):
        assert choice_at(words, painted.index(text)) == number
        assert choice_at(words, painted.index(text) + len(text) - 1) == number
    assert choice_at(words, 0) is None
    assert choice_at(words, 119) is None
