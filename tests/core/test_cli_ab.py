"""`penstock ab`, `split` and `promote`: the files, the audit, the verdict, and codes for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from unittest.mock import Mock

import click
import pytest

from tests.core.engine.shell import Shell, assert_refused
from tests.core.engine.workshop import PATIENCE_S

if TYPE_CHECKING:
    from tests.core.engine.workshop import Bench


@pytest.fixture
def pair(shell: Shell) -> Shell:
    """A shell with two versions of a prompt, the first of them active."""
    shell.workshop.prompt(version=1, active=True)
    shell.workshop.prompt(version=2, active=False, body="Write of {{hero}}.")
    return shell


def tell(bench: Bench, times: int, rates: tuple[float, float]) -> None:
    """Serve by the split, and report that many of a hundred uses of each arm as successes."""
    told = [0, 0]
    for _ in range(times):
        served = bench.engine.serving.serve("noir").result(PATIENCE_S)
        arm = "AB".index(served.arm)
        good = int((told[arm] + 1) * rates[arm]) > int(told[arm] * rates[arm])
        told[arm] += 1
        bench.engine.serving.report(served.use_id, "success" if good else "failure").result(PATIENCE_S)


def test_a_split_is_one_line_in_each_file_and_undone_in_them_too(pair: Shell) -> None:
    folder = pair.workshop.prompts
    before = [(folder / f"noir-v{version}.md").read_text() for version in (1, 2)]
    result = pair("split", "noir", "v1=70", "v2=30")
    assert (result.exit_code, result.stdout) == (0, "noir is split v1=70 v2=30.\n")
    after = [(folder / f"noir-v{version}.md").read_text() for version in (1, 2)]
    assert [text.count("\nweight: 70\n") for text in after] == [1, 0]
    assert [text.count("\nactive: true\n") for text in after] == [1, 1]
    assert after[0].replace("weight: 70\n", "") == before[0]
    assert_refused(pair("split", "noir", "v9=1"), 2, "no version 9", "v1, v2")
    assert_refused(pair("split", "noir", "v1"), 2, "v1=50")
    assert_refused(pair("split", "noir", "v1=50", "1=20"), 2, "v1 has two shares")
    assert_refused(pair("split", "noir", "v1=1000", "v2=0.9"), 1, "v2 would have less than 1 call in 1,000")
    assert_refused(pair("split", "nior", "v1=1"), 2, "did you mean 'noir'")
    pair.workshop.prompt(name="lone")
    assert_refused(pair("split", "lone", "v1=50"), 1, "lone has one version, v1", "copy it first")
    bench = pair.workshop.open()
    bench.engine.filing.split("noir", {1: 50, 2: 50}).result(PATIENCE_S)
    bench.engine.filing.undo().result(PATIENCE_S)
    assert [(folder / f"noir-v{version}.md").read_text() for version in (1, 2)] == after
    audit = bench.engine.experiments.look("noir").result(PATIENCE_S).audit
    assert [(entry.action, entry.detail) for entry in reversed(audit)][:3] == [
        ("split", "v1 alone became v1=70 v2=30"),
        ("split", "v1=70 v2=30 became v1=50 v2=50"),
        ("undo", "The traffic of noir is v1=70 v2=30 again."),
    ]


def test_the_verdict_is_the_same_in_words_and_as_json_and_ends_with_a_promotion(pair: Shell) -> None:
    assert "no test yet" in pair("ab", "noir").stdout
    assert "There are no tests" in pair("ab").stderr
    pair("split", "noir", "v1=50", "v2=50")
    assert pair("ab").stdout.startswith("noir (on): Not decided: about ")
    assert_refused(pair("ab", "--hold"), 2, "--hold is about one prompt")
    plan = pair("ab", "noir", "--effect", "0.3").stdout
    assert "Not decided: about " in plan, "before the first answer"
    assert plan.endswith(" more each, to see a difference of 30 points.\n")
    bench = pair.workshop.open()
    tell(bench, 120, (0.5, 0.9))
    said = json.loads(pair("ab", "noir", "--json", "--gate", "better-than v1").stdout)
    words = pair("ab", "noir").stdout
    assert said["verdict"]["kind"] == "better"
    assert (
        said["verdict"]["sentence"]
        == words.splitlines()[-1]
        == "B (v2) is better than A (v1) (safe to stop)."
    )
    assert said["verdict"]["winner"] == 2
    assert [(arm["n"], arm["successes"]) for arm in said["arms"]] == [(60, 30), (60, 54)]
    [versus] = said["versus"]
    assert versus["interval"][0] > 0
    assert versus["e_max"] >= 20
    assert said["gate"]["result"] == "passed"
    assert said["effect"] == 0.3, "as was settled before"
    unknown = pair("promote", "noir", "9")
    assert (unknown.exit_code, "it has v1, v2" in unknown.output) == (2, True), unknown.output
    assert pair("promote", "noir", "v2").stdout == "noir v2 is the active version.\n"
    ended = json.loads(pair("ab", "noir", "--json").stdout)
    assert (ended["closed"], ended["on"], ended["verdict"]) == (True, False, said["verdict"])
    assert [entry["action"] for entry in ended["audit"]] == ["promote", "rules", "split"]
    assert all("@" in entry["who"] for entry in ended["audit"])
    pair("split", "noir", "v1=50", "v2=50")
    again = json.loads(pair("ab", "noir", "--json").stdout)
    assert (again["closed"], again["effect"], [arm["n"] for arm in again["arms"]]) == (False, 0.3, [0, 0])


def test_a_gate_has_a_code_for_each_answer(pair: Shell) -> None:
    pair("split", "noir", "v1=50", "v2=50")
    assert pair("ab", "noir", "--gate", "better-than v1").exit_code == 7
    tell(pair.workshop.open(), 160, (0.9, 0.2))
    worse = pair("ab", "noir", "--gate", "not-worse-than v1 by 0.02")
    assert worse.exit_code == 1
    assert worse.stdout.splitlines()[-1].startswith("The gate does not hold: v2 − v1 is -0.")
    for claim in (
        "nicer-than v1",
        "better-than v1 by 1.2.3%",
        "better-than v1 by .%",
        f"better-than v{'9' * 5000}",
    ):
        assert_refused(pair("ab", "noir", "--gate", claim), 2, "is no gate")
    assert_refused(pair("ab", "noir", "--gate", "better-than v7"), 2, "v1, v2")


@pytest.mark.parametrize("fault", [ZeroDivisionError("by zero"), click.ClickException("The disk is full")])
def test_a_fault_says_nothing_of_the_claim(
    pair: Shell, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    monkeypatch.setattr("tui.commands.ab.check_gate", Mock(side_effect=fault))
    pair("split", "noir", "v1=50", "v2=50")
    assert pair("ab", "noir", "--gate", "better-than v1").exit_code == 70


def test_more_answers_come_by_the_split_and_a_hold_stops_it(pair: Shell) -> None:
    assert_refused(pair("ab", "noir", "--run", "2"), 2, "not split", "penstock split noir")
    pair("split", "noir", "v1=50", "v2=50")
    said = json.loads(pair("ab", "noir", "--run", "6", "--json").stdout)
    assert [(arm["served"], arm["unrated"]) for arm in said["arms"]] == [(3, 3), (3, 3)]
    assert all(arm["p50_s"] is not None and arm["tokens"] for arm in said["arms"])
    assert len(pair.workshop.runs()) == 6
    assert pair.workshop.rows("SELECT usage_count FROM prompt_templates") == [{"usage_count": 3}] * 2
    held = json.loads(pair("ab", "noir", "--hold", "--run", "2", "--json").stdout)
    assert (held["held"], [arm["served"] for arm in held["arms"]]) == (True, [3, 3])
    assert pair.workshop.runs()[-1]["version"] == 1
    optimising = pair("ab", "noir", "--resume", "--serving", "thompson", "--run", "2").stdout
    assert "this optimises the traffic and does not test" in optimising
    reasons = pair.workshop.rows("SELECT reason, count(*) AS n FROM uses GROUP BY reason ORDER BY reason")
    assert [(row["reason"], row["n"]) for row in reasons] == [("block", 6), ("drawn", 2), ("held", 2)]


def test_the_checks_of_the_cases_rate_what_is_collected(pair: Shell) -> None:
    cases = pair.workshop.prompts / "cases"
    cases.mkdir()
    text = "- name: joss\n  vars: {hero: Joss}\n  checks:\n    - min_words: 100000\n"
    (cases / "noir.yaml").write_text(text)
    pair("split", "noir", "v1=50", "v2=50")
    said = json.loads(pair("ab", "noir", "--run", "4", "--until-decided", "--json").stdout)
    assert [(arm["n"], arm["failures"]) for arm in said["arms"]] == [(2, 2), (2, 2)]
    run = pair.workshop.runs()[0]
    assert (run["case_name"], run["outcome"], run["outcome_source"]) == ("joss", "failure", "assertion")
    assert "100" in run["note"]
