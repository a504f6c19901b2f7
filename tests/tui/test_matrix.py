"""The grid of a test: its table as text, and the page from the plan to the comparison."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.core.engine.matrix.rehearsal import cases_of, plan_of, version_row
from tui.app import PenstockApp
from tui.bridge import EngineNews
from tui.core.checks.base import Finding
from tui.core.engine.engine import Engine
from tui.core.engine.matrix.grid import CellState, Found, Grid, MatrixChanged
from tui.core.settings import parse_settings
from tui.core.workspace import Options, resolve
from tui.screens.matrix import MatrixPage
from tui.screens.matrix_cell import OpenedCell
from tui.screens.matrix_plan import MatrixPlan
from tui.screens.text_box import TextBox
from tui.screens.workbench import Workbench
from tui.widgets.matrix.cell_lines import first_reason, said
from tui.widgets.matrix.table import cell_word, fitting, layout_of, left_s, left_words, rows_of, tally
from tui.widgets.painted_lines import PaintedLines

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from tests.e2e.conftest import Home
    from tests.tui.conftest import Opener
    from tui.core.engine.matrix.grid import CellStatus
    from tui.core.engine.matrix.plan import Plan

CASES = """cases:
- name: young
  vars: {hero: Ines}
  checks: [min_words: 1]
- name: old
  vars: {hero: Tobar}
  checks: [min_words: 1, equals: "nothing [b]like[/b] it"]
"""


BOTH = [version_row("noir", 1), version_row("noir", 2)]


def two_by_two(repeats: int = 1) -> Plan:
    return plan_of(
        BOTH,
        cases_of(noir=CASES),
        ("openai", "google"),
        repeats=repeats,
    )


def failed(why: str = "It has 3 words.") -> CellState:
    return CellState("fail", "r", (Found("min_words", Finding("fail", why), 3),), total_s=2.0)


def test_each_cell_of_a_plan_has_one_place_in_the_table() -> None:
    plan = two_by_two(repeats=3)
    layout = layout_of(plan)
    assert layout.cases == ("young", "old")
    assert {column.name for column in layout.columns} == {
        "v1 openai", "v1 google", "v2 openai", "v2 google",
    }  # fmt: skip
    assert sorted(position for place in layout.positions.values() for position in place) == [
        cell.position for cell in plan.cells
    ]
    for (case, column), positions in layout.positions.items():
        found = [plan.cells[position] for position in positions]
        assert [cell.repeat for cell in found] == [1, 2, 3]
        assert {cell.case.name for cell in found} == {layout.cases[case]}
        assert {cell.request.provider for cell in found} == {layout.columns[column].provider}


def test_only_failures_and_only_differences() -> None:
    plan = two_by_two()
    layout = layout_of(plan)
    states = [CellState("pass", "r", total_s=1.0)] * len(plan.cells)
    (place,) = layout.positions[1, 2]
    states[place] = failed()
    grid = Grid("m", plan, tuple(states))
    assert rows_of(layout, grid, only_failures=False, compared=None) == (0, 1)
    assert rows_of(layout, grid, only_failures=True, compared=None) == (1,)
    assert rows_of(layout, grid, only_failures=True, compared=(0, 2)) == (1,)
    assert rows_of(layout, grid, only_failures=True, compared=(0, 1)) == ()


def test_what_a_place_says() -> None:
    passed, waiting = CellState("pass", "r", total_s=1.26), CellState()
    assert cell_word([passed], running=True) == ("✓ 1.3 s", "success")
    assert cell_word([failed()], running=True) == ("✗ min_words", "error")
    assert cell_word([waiting], running=True) == ("◌ waiting", "warning")
    assert cell_word([waiting], running=False) == ("◌ not run", "faint")
    assert cell_word([passed, failed()], running=True) == ("✗ 1/2", "error")
    assert cell_word([], running=True) == ("", "")
    found = tally([passed, failed(), waiting, CellState("excluded", reason="No key.")])
    assert (found.passed, found.failed, found.excluded, found.rate) == (1, 1, 1, "50 %")
    assert tally([waiting]).rate == "—"
    assert first_reason(CellState("excluded", reason="No key.")) == "No key."
    above, below = said("old, v1 openai", [passed, failed()], running=False)
    assert above[0] == ("✗ failed", "error")
    assert below[0][0].strip() == "min_words: It has 3 words."


def test_the_rest_is_the_forecast_then_the_pace() -> None:
    assert left_s(60, 20, 1, 100) == 40
    assert left_s(0, 30, 10, 20) == 30
    assert left_s(0, 30, 0, 20) is None
    assert left_words(0.2) == "≈ 1 s left"
    assert left_words(121) == "≈ 3 min left"
    assert fitting(layout_of(two_by_two()), 20) == 1, "one at least"


def write_cases(home: Home) -> None:
    (home.prompts / "cases").mkdir()
    (home.prompts / "cases" / "noir.yaml").write_text(CASES)


async def test_from_the_plan_to_the_comparison_and_back(open_app: Opener, home: Home) -> None:
    write_cases(home)
    async with open_app(demo=True) as desk:

        def shown(kind: type) -> bool:
            return isinstance(desk.app.screen, kind)

        await desk.until(lambda: desk.app.engine.cases.of("noir"), "the cases")
        await desk.press("T")
        await desk.until(lambda: shown(MatrixPlan), "the plan")
        await desk.press("escape")
        await desk.until(lambda: shown(Workbench), "the workbench: nothing was wanted")
        await desk.press("T")
        await desk.until(lambda: shown(MatrixPlan), "the plan")
        plan = desk.app.screen
        assert isinstance(plan, MatrixPlan)
        await desk.until(lambda: plan.board.choice.forecasts, "what it takes")
        await desk.press("j", "space", "enter")
        await desk.until(lambda: shown(MatrixPage), "the grid")
        page = desk.app.screen
        assert isinstance(page, MatrixPage)
        await desk.until(lambda: page.running, "the beginning")
        await desk.press("escape")
        await desk.until(lambda: not page.running, "the stop")
        assert "goes on with what is left" in page.key_line.message
        await desk.press("r")
        await desk.until(
            lambda: page.grid and all(cell.over for cell in page.grid.cells) and not page.running, "the end"
        )
        assert page.grid is not None
        assert sorted(cell.status for cell in page.grid.cells) == ["fail", "fail", "pass", "pass"]
        assert "4 of 4" in page.heading.text
        assert "50 %" in page.foot.text

        await desk.press("f")
        assert page.cells.length == 1
        assert "equals" in page.said.text
        await desk.press("enter")
        await desk.until(lambda: shown(OpenedCell), "the opened cell")
        opened = desk.app.screen
        assert isinstance(opened, OpenedCell)
        await desk.until(lambda: opened.text.text, "the run")
        assert "1 of 2 checks passed" in opened.text.text
        assert "[b]like[/b]" in opened.text.text
        await desk.press("escape", "f")
        assert page.cells.length == 2

        await desk.press("d")
        assert "The two columns say the same" in page.cells.remark
        assert page.cells.length == 0
        await desk.press("f", "enter")
        await desk.until(lambda: shown(TextBox), "what differs")
        await desk.press("escape", "escape")
        await desk.until(lambda: shown(MatrixPage), "the grid")
        assert page.compared is None
        before = {cell.run_id for cell in page.grid.cells}
        await desk.press("r", "r", "R")
        await desk.until(lambda: page.running, "the failures once more")
        await desk.until(lambda: not page.running, "their end")
        assert len(before & {cell.run_id for cell in page.grid.cells}) == 2, "what passed is not sent again"
        await desk.press("escape")
        await desk.until(lambda: shown(Workbench), "the workbench")
        await desk.press("T")
        await desk.until(lambda: shown(MatrixPlan), "the plan")


async def test_without_cases_the_page_says_how_one_is_made(open_app: Opener) -> None:
    async with open_app(size=(80, 24), demo=True) as desk:
        await desk.press("T")
        await desk.until(lambda: isinstance(desk.app.screen, MatrixPage), "the page")
        page = desk.app.screen
        assert isinstance(page, MatrixPage)
        await desk.until(lambda: "C saves them as one" in page.cells.remark, "what to do")
        assert "cases/noir.yaml" in page.query_one("#matrix-said", PaintedLines).text
        await desk.press("escape")
        assert isinstance(desk.app.screen, Workbench)


def test_picture_of_the_grid(snap_compare: Callable[..., bool], home: Home) -> None:
    options = Options(prompts=home.prompts, data_dir=home.root / "data")
    settings = parse_settings('theme = "penstock-dark"', home.root / "settings.toml")
    engine = Engine(resolve(options, None, {}), settings, environ={})
    plan = plan_of(
        BOTH,
        cases_of(noir=CASES),
        ("openai", "google", "deepseek"),
    )
    passed = CellState("pass", "r", total_s=3.4)
    states: dict[CellStatus, CellState] = {
        "fail": failed(),
        "pass": passed,
        "excluded": CellState("excluded", "x", reason="openai answered 503."),
    }
    order: list[CellStatus] = ["fail", "pass", "pass", "excluded", "pass", "fail"]
    cells = [states[status] for status in order] + [CellState(), passed] * 3

    async def arrange(pilot: Pilot[Any]) -> None:
        await asyncio.to_thread(engine.loaded)
        page = MatrixPage(engine, "noir", ((1,), ("openai",)))
        await pilot.app.push_screen(page)
        while not page.cells.said:
            await pilot.pause(0.01)
        page.lay_out(plan)
        page.post_message(EngineNews((MatrixChanged(Grid("m", plan, tuple(cells))),)))
        await pilot.pause()
        await pilot.press("space", "l")
        await pilot.pause()

    assert snap_compare(PenstockApp(engine), terminal_size=(80, 24), run_before=arrange)
