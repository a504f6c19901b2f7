"""Matrices carried out: as fast as the limits allow, every cell accounted for, nothing paid for twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.bench.bench_matrix import Played, act, own_limits, played
from tests.core.engine.matrix.acted import Acted, answered
from tests.core.engine.matrix.rehearsal import Rehearsal, cases_of, plan_of, version_row
from tests.core.engine.stage import Stage, play
from tests.core.engine.test_batch import disturb
from tui.core.checks.base import Finding
from tui.core.checks.rubric import SYSTEM
from tui.core.engine.matrix.carry import Start
from tui.core.engine.matrix.grid import CellState, Grid
from tui.core.engine.matrix.verdict import NOT_ASKED
from tui.core.engine.request import FreeText
from tui.core.quota.limits import Limits
from tui.simulator import SimulatorSettings

if TYPE_CHECKING:
    from pathlib import Path

    from tui.core.engine.events import RunState
    from tui.core.engine.request import RunRequest

JUDGED = """
checks:
  - not_contains: bad
  - judge: {rubric: The tone is warm., provider: anthropic, model: wise}
cases: [{name: one, vars: {hero: Mara}}]
"""
PLAIN = "checks: [contains: good]\ncases: [{name: one, vars: {hero: A}}, {name: two, vars: {hero: B}}]"


def carried(rehearsal: Rehearsal) -> Grid:
    return asyncio.run(rehearsal.matrix.carry_out())


# ------------------------------------------------------------------ at the simulator, in virtual time


def test_it_takes_no_longer_than_the_limits_ask_for(tmp_path: Path) -> None:
    found = played(tmp_path)
    assert [cell.status for cell in found.grid.cells] == ["pass"] * 200
    assert found.efficiency >= 0.98
    assert set(found.refused.values()) == {0}, "no 429 could have been avoided"


def test_with_faults_every_cell_is_accounted_for(tmp_path: Path) -> None:
    limits = own_limits(tmp_path)

    async def disturbed(stage: Stage) -> Played:
        mischief = asyncio.create_task(disturb(stage, Random(1)))
        found = await act(stage, limits)
        mischief.cancel()
        await asyncio.wait({mischief})
        return found

    found = play(disturbed, SimulatorSettings(), limits)
    grid = found.grid
    assert grid.over
    assert set(found.refused.values()) == {0}, "none of the 429s could have been avoided"
    assert grid.count("pass") + grid.count("excluded") == 200
    assert 0 < grid.count("excluded") < 100
    for cell in grid.cells:
        assert bool(cell.reason) == (cell.status == "excluded")


def test_who_waits_in_person_goes_first() -> None:
    limits = {"openai": Limits(requests_per_minute=60, burst=2)}
    cases = "\n".join(f"- {{name: c{number}, vars: {{hero: H}}}}" for number in range(20))

    async def ask(stage: Stage) -> tuple[RunState, Grid]:
        rehearsal = Rehearsal(stage, plan_of([version_row("p", 1)], cases_of(p=cases)))
        matrix = asyncio.create_task(rehearsal.matrix.carry_out())
        await asyncio.sleep(3.5)
        state = await stage.ask("openai")
        return state, await matrix

    state, grid = play(ask, limits=limits)
    assert state.status == "done"
    assert state.waited_s <= 1.0, "the next one to go was his"
    assert grid.count("unchecked") == 20


# ----------------------------------------------------------------------------- with answers of our own


def reply(words: str) -> RunState | None:
    raise AssertionError(words)


@pytest.mark.parametrize(
    ("answer", "word", "status", "outcome", "source"),
    [
        ("good", '{"reason": "It is warm.", "verdict": "pass"}', "pass", "success", "judge"),
        ("good", '{"reason": "It is cold.", "verdict": "fail"}', "fail", "failure", "judge"),
        ("good", "Hm.", "excluded", "excluded", "judge"),
        ("bad", "never asked", "fail", "failure", "assertion"),
    ],
)
def test_a_judge_is_asked_last_and_its_error_is_no_failure(
    answer: str, word: str, status: str, outcome: str, source: str
) -> None:
    runs = Acted(
        lambda request: answered(request, word if isinstance(request.row, FreeText) else answer, "0.25")
    )
    rehearsal = Rehearsal(runs, plan_of([version_row("p", 1)], cases_of(p=JUDGED)))
    grid = carried(rehearsal)
    [cell], [end] = grid.cells, rehearsal.book.ends
    assert (cell.status, end.status, end.outcome, end.source) == (status, status, outcome, source)
    if answer == "bad":
        assert len(runs.asked) == 1
        assert cell.found[1].finding == NOT_ASKED
        assert (end.note, cell.usd) == ("It contains `bad` in line 1.", Decimal("0.25"))
        return
    judge = runs.asked[1]
    assert isinstance(judge.row, FreeText)
    assert (judge.provider, judge.model, judge.row.system, judge.yields) == (
        "anthropic",
        "wise",
        SYSTEM,
        True,
    )
    assert "The tone is warm." in judge.row.text
    assert "Write about Mara." in judge.row.text
    assert cell.found[1].judge_run == judge.id != cell.run_id
    assert grid.usd == Decimal("0.50")


def test_a_judge_who_cannot_be_reached_excludes_the_cell() -> None:
    def answer(request: RunRequest) -> RunState:
        state = answered(request, "good")
        if isinstance(request.row, FreeText):
            return replace(state, status="failed", error_class="server", error="It is down.", cost=None)
        return state

    rehearsal = Rehearsal(Acted(answer), plan_of([version_row("p", 1)], cases_of(p=JUDGED)))
    [cell] = carried(rehearsal).cells
    assert (cell.status, cell.reason) == ("excluded", "The judge was not heard: It is down.")
    assert cell.usd is None, "what an unheard judge took is not known"


def test_what_went_wrong_on_the_way_says_nothing_about_the_prompt() -> None:
    def answer(request: RunRequest) -> RunState:
        return replace(answered(request, ""), status="failed", error_class="rate_limit", error="Too many.")

    rehearsal = Rehearsal(Acted(answer), plan_of([version_row("p", 1)], cases_of(p=PLAIN)))
    grid = carried(rehearsal)
    assert [(cell.status, cell.reason) for cell in grid.cells] == [("excluded", "Too many.")] * 2
    assert [end.outcome for end in rehearsal.book.ends] == [None, None], "the run says that already"


def test_answers_that_are_there_are_checked_and_not_asked_for_again() -> None:
    plan = plan_of([version_row("p", 1), version_row("p", 2)], cases_of(p=PLAIN))
    kept = answered(replace(plan.cells[0].request, id="0" * 32), "good")
    done = CellState("fail", "1" * 32, usd=Decimal(7), kept=True)
    runs = Acted(lambda request: answered(request, "good"))
    rehearsal = Rehearsal(runs, plan, Start({}, {0: kept}, {1: done}))
    grid = carried(rehearsal)
    assert [cell.status for cell in grid.cells] == ["pass", "fail", "pass", "pass"]
    assert [request.id for request in runs.asked] == [grid.cells[2].run_id, grid.cells[3].run_id]
    assert (grid.cells[0].run_id, grid.cells[0].kept) == (kept.id, True)
    assert sorted(end.position for end in rehearsal.book.ends) == [0, 2, 3]
    assert grid.usd == Decimal("0.02"), "what was paid before is not counted again"


def test_a_judge_of_before_is_heard_again_without_being_paid() -> None:
    plan = plan_of([version_row("p", 1)], cases_of(p=JUDGED))
    first = Acted(lambda request: answered(request, '{"verdict": "pass", "reason": "Warm."}'))
    before = Rehearsal(first, plan)
    carried(before)
    answer, judge = (answered(request, '{"verdict": "pass", "reason": "Warm."}') for request in first.asked)
    again = Rehearsal(Acted(lambda request: reply(request.provider)), plan, Start({}, {0: answer}))
    again.book.earlier[judge.id] = judge
    [cell] = carried(again).cells
    assert (cell.status, cell.found[1].judge_run) == ("pass", judge.id)
    broken = Rehearsal(first, plan, Start({}, {0: answer}))
    broken.book.earlier[judge.id] = replace(judge, status="failed")
    [cell] = carried(broken).cells
    assert cell.found[1].judge_run not in ("", judge.id), "one that was cut off is asked anew"


def test_nothing_is_sent_once_the_budget_is_spent() -> None:
    cases = "checks: [contains: good]\ncases:\n" + "".join(
        f"- name: c{n}\n  vars: {{hero: H}}\n" for n in range(400)
    )
    runs = Acted(lambda request: answered(request, "good", "1"))
    rehearsal = Rehearsal(runs, plan_of([version_row("p", 1)], cases_of(p=cases)), budget=Decimal(3))
    grid = carried(rehearsal)
    assert len(runs.asked) == 3, "the price is known from the first"
    assert grid.count("pass") == len(runs.asked)
    assert grid.count("waiting") == 400 - len(runs.asked)
    assert "allowed" in grid.stopped


def test_calls_under_way_and_judges_are_within_the_budget() -> None:
    cases = JUDGED.replace(
        "[{name: one, vars: {hero: Mara}}]",
        str([{"name": f"c{n}", "vars": {"hero": "H"}} for n in range(60)]),
    )
    runs = Acted(lambda request: answered(request, "good" if request.case else "PASS: warm", "1"))
    plan = plan_of([version_row("p", 1)], cases_of(p=cases))
    rehearsal = Rehearsal(runs, plan, budget=Decimal("5.5"), price=Decimal(1))
    grid = carried(rehearsal)
    assert len(runs.asked) == grid.usd == 5, "not a call more, and none of them is forgotten"
    assert len(rehearsal.book.ends) == grid.count("pass") == len(runs.judged)
    assert grid.count("waiting") == 60 - len(runs.judged), "what is without its judge stays to be done"
    assert "allowed" in grid.stopped


def test_cancelled_it_leaves_what_is_not_done_to_be_done() -> None:
    runs = Acted(lambda request: answered(request, "good") if request.case == "one" else None)
    rehearsal = Rehearsal(runs, plan_of([version_row("p", 1)], cases_of(p=PLAIN)))

    async def cancel() -> None:
        task = asyncio.create_task(rehearsal.matrix.carry_out())
        await rehearsal.book.wrote.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert [end.position for end in rehearsal.book.ends] == [0]
    last = rehearsal.told[-1].grid
    assert (last.over, [cell.status for cell in last.cells]) == (True, ["pass", "running"])


def test_pictures_come_now_and_then_and_at_the_end() -> None:
    async def watch(stage: Stage) -> list[int]:
        cases = "\n".join(f"- {{name: c{number}, vars: {{hero: H}}}}" for number in range(100))
        rehearsal = Rehearsal(stage, plan_of([version_row("p", 1)], cases_of(p=cases)))
        began = stage.loop.time()
        await rehearsal.matrix.carry_out()
        took = stage.loop.time() - began
        grids = [event.grid for event in rehearsal.told]
        assert len(grids) <= took / 0.1 + 2
        assert [grid.over for grid in grids] == [False] * (len(grids) - 1) + [True]
        return [grid.count("unchecked") for grid in grids]

    counts = play(watch)
    assert counts == sorted(counts)
    assert counts[-1] == 100


def test_findings_are_read_as_they_were_written() -> None:
    from tui.core.engine.matrix.grid import Found
    from tui.core.engine.matrix.verdict import as_record, from_record

    for one in (
        Found("judge", Finding("pass", "Warm."), 3, "ab"),
        Found("contains", Finding("unknown", "?"), 0),
    ):
        assert from_record(as_record(one)) == one
