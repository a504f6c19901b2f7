"""What `penstock test` prints and writes, of a matrix that is made up."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.core.engine.matrix.rehearsal import cases_of, plan_of, version_row
from tui.commands.reports.junit import junit
from tui.commands.reports.markdown import markdown
from tui.commands.reports.records import as_dict
from tui.commands.reports.table import lines
from tui.commands.reports.tally import Report
from tui.commands.testing import exit_code
from tui.core.checks.base import Finding
from tui.core.engine.matrix.compare import standings
from tui.core.engine.matrix.grid import CellState, Found, Grid
from tui.core.engine.matrix.plan import Arm

if TYPE_CHECKING:
    from tui.core.engine.matrix.grid import CellStatus
    from tui.core.engine.matrix.plan import Plan

HOSTILE = "\x1b[2J\0 <b>]]> | *x* `a` \ud800 \ufffe"
CASES = "checks: [contains: rain]\ncases: [{name: one, vars: {hero: A}}, {name: two, vars: {hero: B}}]"


def state(status: CellStatus, reason: str = "It does not contain `rain`.") -> CellState:
    verdict = "fail" if status == "fail" else "pass"
    found = (Found("contains", Finding(verdict, reason), 1),) if status in ("pass", "fail") else ()  # type: ignore[arg-type]
    excluded = "OpenAI is down." if status == "excluded" else ""
    run_id = "" if status == "waiting" else "ab"
    return CellState(status, run_id, found, excluded, Decimal("0.01"), 1.5)


def report(plan: Plan, *states: CellState, cases: str = CASES) -> Report:
    return Report(Grid("m", plan, states, over=True), cases_of(p=cases), 12.34)


def two_by_two(*statuses: CellStatus) -> Report:
    plan = plan_of([version_row("p", 1)], cases_of(p=CASES), ("openai", "google"))
    return report(plan, *map(state, statuses))


def test_a_table_has_a_row_for_each_case_and_a_column_for_each_provider() -> None:
    found = two_by_two("pass", "fail", "excluded", "pass")
    assert list(lines(found, lambda _, text: text)) == [
        "p v1   openai    google",
        "  one  pass      FAIL",
        "  two  excluded  pass",
        "",
        "FAIL  p v1 google, one  cases/p.yaml:2",
        "      contains (line 1): It does not contain `rain`.",
        "excluded  p v1 openai, two  cases/p.yaml:2",
        "      OpenAI is down.",
        "",
        "2 of 4 passed, 1 failed, 1 excluded; $0.0400; 12.3 s.",
    ]
    painted = list(lines(found, lambda word, text: f"<{word}>" if word.isupper() else text))
    assert painted[1] == "  one  pass      <FAIL>"


def test_repeats_are_counted() -> None:
    plan = plan_of([version_row("p", 1)], cases_of(p=CASES), repeats=3)
    statuses: list[CellStatus] = ["pass", "pass", "fail", "pass", "excluded", "pass"]
    table = list(lines(report(plan, *map(state, statuses)), lambda _, text: text))
    assert table[1:3] == ["  one  1/2 (1 excluded)", "  two  pass"]


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (("pass",) * 4, 0),
        (("pass", "pass", "unchecked", "pass"), 0),
        (("pass", "pass", "fail", "pass"), 1),
        (("pass", "excluded", "fail", "pass"), 1),
        (("pass", "excluded", "pass", "pass"), 5),
        (("pass", "waiting", "pass", "pass"), 5),
    ],
)
def test_exit_codes(statuses: tuple[CellStatus, ...], code: int) -> None:
    assert exit_code(two_by_two(*statuses)) == code


def test_failures_of_the_baseline_are_known() -> None:
    rows = [version_row("p", 1), version_row("p", 1, "Before, of {{hero}}.")]
    plan = plan_of(rows, cases_of(p=CASES))
    cells = tuple(
        replace(cell, arm=Arm(cell.arm.row, "v1@main", baseline=True)) if cell.arm.row is rows[1] else cell
        for cell in plan.cells
    )
    plan = replace(plan, cells=cells, baseline="main")

    def of(*statuses: CellStatus) -> Report:
        return report(plan, *map(state, statuses))

    assert [cell.arm.baseline for cell in plan.cells] == [False, True, False, True]
    found = of("fail", "fail", "pass", "fail")
    assert standings(found.grid) == {0: "known", 2: "fixed"}
    assert exit_code(found) == 0
    assert found.sentence == "1 of 2 passed, 1 failed (1 of them known), 1 fixed; $0.0400; 12.3 s."
    assert exit_code(of("fail", "pass", "pass", "pass")) == 1
    assert standings(of("fail", "pass", "fail", "excluded").grid) == {0: "regression", 2: "new"}
    text = "\n".join(lines(found, lambda _, text: text))
    assert "FAIL (known)  p v1 openai, one" in text
    [suite] = ET.fromstring(junit(found))
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "0", "1")
    alone = plan_of(rows[:1], cases_of(p=CASES))
    unchanged = replace(alone, baseline="main", unchanged=frozenset({("p", 1)}))
    assert exit_code(report(unchanged, state("fail"), state("pass"))) == 0


def test_junit_is_well_formed_whatever_the_words_are() -> None:
    cases = f"- name: {json.dumps('a <b> & c')}\n  vars: {{hero: H}}\n"
    plan = plan_of([version_row("p", 1)], cases_of(p=cases), ("openai", "google", "yandex"))
    found = report(plan, state("fail", HOSTILE), state("excluded"), state("unchecked"), cases=cases)
    root = ET.fromstring(junit(found))
    assert (root.tag, [suite.tag for suite in root]) == ("testsuites", ["testsuite"] * 3)
    tags = ("failure", "error", "skipped")
    for suite, tag in zip(root, tags, strict=True):
        [case] = suite
        assert set(case.attrib) == {"name", "classname", "time"}
        assert case.get("name") == "a <b> & c"
        [child] = case
        assert child.tag == tag
        counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
        assert {name: suite.get(name) for name in counts} == {
            name: str(int(kind == tag)) for name, kind in counts.items()
        }
        assert set(suite.attrib) == {"name", "tests", "failures", "errors", "skipped", "time"}
        assert float(suite.get("time", "")) == 1.5
    failure = root[0][0][0]
    assert (failure.get("type"), failure.text is not None) == ("contains", True)
    assert "<b>]]> | *x*" in (failure.get("message") or "")


def test_markdown_and_json_say_the_same_and_no_markup_gets_through() -> None:
    plan = plan_of([version_row("p", 1)], cases_of(p=CASES))
    found = report(plan, state("fail", HOSTILE), state("pass"))
    text = markdown(found)
    assert "| p v1 | one | openai | ✗ FAIL | 1.5 |" in text
    assert r"\<b\>" in text
    assert "\x1b" not in text
    text.encode()
    said = as_dict(found)
    assert (said["cells"], said["passed"], said["failed"]) == (2, 1, 1)
    results = json.loads(json.dumps(said))["results"]
    assert Counter(result["status"] for result in results) == {"fail": 1, "pass": 1}
    assert results[0]["checks"][0]["reason"] == HOSTILE
