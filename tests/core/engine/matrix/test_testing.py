"""Matrices in a real engine: written down, gone on with after a crash, reused, held against git."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.repository import commit, needs_git, new_repository
from tests.core.engine.workshop import PATIENCE_S, Bench, Workshop, eventually
from tui.core.engine.matrix.grid import Grid, MatrixChanged
from tui.core.engine.matrix.plan import Plan, PlanError
from tui.core.engine.matrix.testing import Wish

if TYPE_CHECKING:
    from tests.core.engine.shell import Shell

GOOD = "checks: [min_words: 1]\ncases: [{name: one}, {name: two, vars: {hero: Joss}}]\n"
MANY = "checks: [min_words: 1]\ncases:\n" + "".join(
    f"- name: c{n}\n  vars: {{hero: H{n}}}\n" for n in range(30)
)


def write_cases(workshop: Workshop, text: str = GOOD, name: str = "noir") -> None:
    folder = workshop.prompts / "cases"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(text)


def plan(bench: Bench, **wish: object) -> Plan:
    return bench.engine.testing.plan(Wish(**wish)).result(PATIENCE_S)  # type: ignore[arg-type]


def carried(bench: Bench, made: Plan, **how: object) -> Grid:
    return bench.engine.testing.start(made, **how).result(PATIENCE_S)  # type: ignore[arg-type]


def test_every_cell_is_written_down_and_rates_its_run(workshop: Workshop) -> None:
    write_cases(workshop, "checks: [min_words: 1]\ncases: [{name: a}, {name: b, checks: [equals: not that]}]")
    bench = workshop.open()
    made = plan(bench, names=["noir"], providers=["openai", "google"])
    assert {cell.place for cell in made.cells} == {
        ("noir", 1, case, provider, 1) for case in "ab" for provider in ("openai", "google")
    }
    forecast = bench.engine.testing.forecast(made).result(PATIENCE_S)
    assert [one.calls for one in forecast.values()] == [2, 2]
    grid = carried(bench, made)
    assert sorted(cell.status for cell in grid.cells) == ["fail", "fail", "pass", "pass"]
    runs = {run["id"]: run for run in workshop.runs()}
    cells = workshop.rows("SELECT * FROM cells ORDER BY position")
    assert [cell["run_id"] for cell in cells] == [cell.run_id for cell in grid.cells]
    for cell in cells:
        run = runs[cell["run_id"]]
        assert (run["case_name"], run["provider"]) == (cell["case_name"], cell["provider"])
        assert run["outcome"] == ("success" if cell["status"] == "pass" else "failure")
        assert run["outcome_source"] == "assertion"
        assert json.loads(cell["findings"])[0]["kind"] == "min_words"
    [template] = workshop.rows("SELECT success_rate, usage_count FROM prompt_templates")
    assert template == {"success_rate": 0.5, "usage_count": 4}
    [matrix] = workshop.rows("SELECT * FROM matrices")
    assert (matrix["id"], bool(matrix["finished_at"])) == (grid.id, True)
    assert bench.ears.of(MatrixChanged)[-1].grid == grid
    recalled = bench.engine.testing.recall(made).result(PATIENCE_S)
    assert recalled is not None
    assert (recalled.id, recalled.over) == (grid.id, True)
    assert [(cell.status, cell.run_id, cell.found) for cell in recalled.cells] == [
        (cell.status, cell.run_id, cell.found) for cell in grid.cells
    ]
    failures = [place for place, cell in enumerate(grid.cells) if cell.status == "fail"]
    again = carried(bench, made.only(failures))
    assert [cell.status for cell in again.cells] == ["fail", "fail"]
    later = bench.engine.testing.recall(made.only(failures), after=grid.id).result(PATIENCE_S)
    assert later is not None
    assert later.id == again.id
    assert bench.engine.testing.recall(made, after=again.id).result(PATIENCE_S) is None, "that was before"
    assert bench.engine.testing.recall(plan(bench, repeats=2)).result(PATIENCE_S) is None


def test_a_provider_in_trouble_is_no_failure_and_a_persons_word_stays(workshop: Workshop) -> None:
    write_cases(workshop, "checks: [equals: nothing like it]\ncases: [{name: a}]")
    bench = workshop.open()
    made = plan(bench, providers=["openai"])
    workshop.simulator.simulate("openai", "billing", 1)
    [cell] = carried(bench, made).cells
    assert (cell.status, cell.reason != "") == ("excluded", True)
    bench.engine.resume("openai").result(PATIENCE_S)
    [cell] = carried(bench, made).cells
    assert cell.status == "fail"
    bench.engine.records.rate(cell.run_id, "success", "I like it.")
    bench.settle()
    [again] = carried(bench, made, reuse=True).cells
    assert (again.run_id, again.status, again.kept) == (cell.run_id, "fail", True)
    outcomes = [(run["outcome"], run["outcome_source"]) for run in workshop.runs()]
    assert outcomes == [("excluded", "billing"), ("success", "human")]


def test_answers_are_reused_only_when_asked_and_each_repeat_is_its_own(workshop: Workshop) -> None:
    write_cases(workshop)
    bench = workshop.open()
    once, twice = plan(bench), plan(bench, repeats=2)
    assert len({cell.key for cell in twice.cells}) == 4
    first = carried(bench, once)
    assert len(workshop.runs()) == 2
    carried(bench, once)
    assert len(workshop.runs()) == 4
    kept = carried(bench, twice, reuse=True)
    assert len(workshop.runs()) == 6, "the second repeats have no answer yet"
    assert [cell.kept for cell in kept.cells] == [True, True, False, False]
    assert not {cell.run_id for cell in first.cells} & {cell.run_id for cell in kept.cells}, "the newest"


def test_killed_it_goes_on_and_nothing_is_paid_twice(shell: Shell) -> None:
    workshop = shell.workshop
    write_cases(workshop, MANY)
    (workshop.root / "settings.toml").write_text(workshop.settings_text(600, burst=2))
    process = shell.process("test", "noir", "--provider", "openai")

    def done() -> int:
        if not workshop.workspace().database.exists():
            return 0
        try:
            return len(workshop.rows("SELECT 1 FROM cells WHERE status = 'pass'"))
        except Exception:  # noqa: BLE001 - the tables are being made
            return 0

    eventually(lambda: done() >= 5)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = [run["id"] for run in workshop.runs() if run["status"] == "done"]
    assert 5 <= len(before) < 30
    again = shell("test", "noir", "--provider", "openai")
    assert again.exit_code == 0, again.output
    assert "30 of 30 passed" in again.stdout
    assert "answers kept from before" in again.stdout
    assert " of 30 answers are there already." in again.stderr
    runs = workshop.runs()
    answered = [run["case_name"] for run in runs if run["status"] == "done"]
    assert sorted(answered) == sorted(f"c{number}" for number in range(30)), "each once"
    assert {run["id"] for run in runs if run["status"] == "done"} >= set(before)
    assert sum(run["status"] == "interrupted" for run in runs) <= 2
    assert len(workshop.rows("SELECT * FROM matrices WHERE finished_at IS NOT NULL")) == 1


def test_cancelled_it_can_be_gone_on_with_or_begun_anew(workshop: Workshop) -> None:
    write_cases(workshop)
    bench = workshop.open()
    made = plan(bench, providers=["openai"])
    workshop.simulator.simulate("openai", "stall", 2)
    future = bench.engine.testing.start(made)
    eventually(lambda: len(workshop.rows("SELECT 1 FROM runs WHERE status = 'running'")) == 2)
    future.cancel()
    eventually(lambda: len(workshop.rows("SELECT 1 FROM runs WHERE status = 'cancelled'")) == 2)
    bench.settle()
    assert workshop.rows("SELECT finished_at FROM matrices") == [{"finished_at": None}]
    workshop.simulator.reset()
    other = workshop.open()
    grid = carried(other, plan(other, providers=["openai"]), fresh=True)
    assert grid.count("pass") == 2
    assert len(workshop.rows("SELECT 1 FROM matrices")) == 2
    workshop.simulator.simulate("openai", "stall", 2)
    third = workshop.open()
    third.engine.testing.start(plan(third, providers=["openai"], repeats=2))
    eventually(lambda: len(workshop.rows("SELECT 1 FROM runs WHERE status = 'running'")) >= 2)
    third.engine.stop()
    assert workshop.rows("SELECT 1 FROM runs WHERE status = 'running'") == []
    statuses = {row["status"] for row in workshop.rows("SELECT status FROM cells")}
    assert statuses <= {"pass", "waiting"}, "what was ended with the engine is not done, and nothing else"


@needs_git
def test_revisions_of_git_and_of_the_history_take_part(workshop: Workshop) -> None:
    write_cases(workshop)
    new_repository(workshop.prompts)
    first = commit(workshop.prompts)
    workshop.prompt(body="Say more about {{hero}}.")
    workshop.prompt(version=2)
    bench = workshop.open()
    arms = {cell.arm.label: cell.arm.row for cell in plan(bench, versions=["1", "1@HEAD"]).cells}
    assert list(arms) == ["v1", "v1@HEAD"]
    assert arms["v1"].template == "Say more about {{hero}}."
    assert arms["v1@HEAD"].template == "Write about {{hero}}."
    assert arms["v1@HEAD"].revision_id != arms["v1"].revision_id
    start = arms["v1@HEAD"].content_hash[:6]
    [label] = {cell.arm.label for cell in plan(bench, versions=[f"1@#{start}", f"1@{first}"]).cells}
    assert label == f"v1@#{start}", "the same content takes part once"
    compared = plan(bench, versions=["all"], baseline="main")
    assert {(cell.arm.label, cell.arm.baseline) for cell in compared.cells} == {
        ("v1", False),
        ("v1@main", True),
        ("v2", False),
    }
    commit(workshop.prompts)
    compared = plan(bench, versions=["1"], baseline="HEAD")
    assert compared.unchanged == {("noir", 1)}
    grid = carried(bench, plan(bench, versions=["1@HEAD~1"]))
    assert grid.count("pass") == 2
    rows = workshop.rows("SELECT DISTINCT content_hash, revision_id FROM runs")
    assert rows == [
        {"content_hash": arms["v1@HEAD"].content_hash, "revision_id": arms["v1@HEAD"].revision_id}
    ]


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"names": ["nobody"]}, "There is no prompt 'nobody'"),
        ({"names": ["bare"]}, "'bare' has no cases: write some into cases/bare.yaml"),
        ({"names": ["broken"]}, "cases/broken.yaml:1:11: error: `matches` is no regular expression"),
        (
            {"names": ["judged"]},
            "cases/judged.yaml:1:11: There is no provider 'opnai'; did you mean 'openai'?",
        ),
        ({"names": ["lacking"]}, "cases/lacking.yaml:1: The case 'a' cannot be sent:"),
        ({"names": ["noir"], "versions": ["7"]}, "'noir' has no version 7; it has v1."),
        ({"names": ["noir"], "versions": ["best"]}, "'best' is no version"),
        ({"names": ["noir"], "versions": ["1@nowhere"]}, "Git knows no revision 'nowhere'"),
        ({"names": ["noir"], "versions": ["1@--help"]}, "Git knows no revision '--help'"),
        ({"names": ["noir"], "baseline": "nowhere"}, "Git knows no revision 'nowhere'"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_is_sent(
    workshop: Workshop, wish: dict[str, object], says: str
) -> None:
    write_cases(workshop)
    for name in ("bare", "broken", "judged"):
        workshop.prompt(name)
    workshop.prompt("lacking", variables="[hero]")
    write_cases(workshop, "checks: [{matches: '('}]\ncases: [{name: a}]", "broken")
    write_cases(workshop, "checks: [{judge: {rubric: x, provider: opnai}}]\ncases: [{name: a}]", "judged")
    write_cases(workshop, "- name: a", "lacking")
    bench = workshop.open()
    with pytest.raises(PlanError) as refused:
        plan(bench, **wish)
    assert str(refused.value).startswith(says)
