"""The A/B test's page: the same verdict as everywhere, and the keys that lead to one."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.core.experiment.test_verdict import A, B, trials
from tui.core.engine.experiment_words import rate
from tui.core.engine.experiments import Course, ExperimentReport
from tui.core.experiment.course import rate_course
from tui.core.experiment.evidence import Rules, weigh
from tui.core.experiment.verdict import Pace, judge
from tui.core.store.experiments import AuditEntry, StoredTrial
from tui.screens.blind import Blind, Shown, given
from tui.screens.experiment import ExperimentPage
from tui.screens.help import Help
from tui.widgets.experiment.page import Around, heading, page
from tui.widgets.experiment.plot import plot
from tui.widgets.reading.text_view import TextView

if TYPE_CHECKING:
    from tests.tui.conftest import Desk, Opener

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def report(each: int = 60, rates: tuple[float, float] = (0.5, 0.9)) -> ExperimentReport:
    found = trials(rates, each)
    evidence = weigh([A, B], found, {}, Rules(effect=0.2))
    pace = Pace(usd=0.004, per_minute=50)
    last = StoredTrial(
        9, 2, "failure", 0.5, None, NOON, "r1", 1.0, 10, 20, 0.1, "assertion", "misses [b]the date[/b]"
    )
    audit = (AuditEntry(NOON, "ada@mill", "split", "v1 alone became v1=50 v2=50"),)
    last_ones = (last,) if each else ()
    courses = tuple(
        Course(f"rate of {one.arm.label}", rate_course(one.outcomes, 0.05, 20)) for one in evidence.arms
    )
    verdict = judge(evidence, pace)
    return ExperimentReport(
        "noir", NOON, False, False, True, evidence, pace, verdict, tuple(found), last_ones, audit, courses,
    )  # fmt: skip


def text_of(shown: ExperimentReport, width: int) -> list[str]:
    around = Around((), "openai", 0, NOON)
    lines = page(shown, around, width).lines
    return ["".join(text for text, _ in line) for line in lines]


def test_the_page_says_the_verdict_its_evidence_and_who_changed_what() -> None:
    shown = report()
    for width in (75, 115):
        lines = text_of(shown, width)
        assert all(len(line) == width for line in lines)
        text = "\n".join(lines)
        assert lines[0].strip() == f"✓ {shown.verdict.sentence}"
        assert "▸ B v2" in text, "the winner has a mark"
        assert all(rate(one.rate) in text for one in shown.evidence.arms)
        assert "95 % Wilson" in text
        assert "60 + 60 answers" in text
        assert "…" not in text, "nothing is cut off"
        assert "ada@mill" in text
        assert "misses [b]the date[/b]" in text
    wide = "\n".join(text_of(shown, 115))
    assert "tokens" in wide
    assert "P(B best)" in wide
    left, right = heading(shown)
    assert "split 1/1" in "".join(text for text, _ in left)
    assert right == [("α 0.05  20 points matter", "muted")]


def test_before_the_first_answer_there_is_the_plan() -> None:
    text = "\n".join(text_of(report(0), 115))
    assert "… Not decided: about 120 more each, ≈ $0.94, ≈ 5 min at the present quota" in text
    assert "~118 each to see 20 points" in text
    assert "none yet" in text


async def test_providers_for_which_there_is_no_room_are_counted(open_app: Opener) -> None:
    async with open_app((80, 24), demo=True) as desk:
        shown = await opened(desk)
        [quota] = [line for line in shown.lines.text.splitlines() if "quota" in line]
        assert quota.rstrip().endswith("+2")
        assert "google" in quota and "deepseek" not in quota


def test_a_plot_has_its_scale_its_band_and_its_line() -> None:
    course = Course("rate of A", rate_course([True, False, True, True] * 30, 0.05, 30))
    lines = plot(course, 40, 7)
    assert len(lines) == 9
    assert all(sum(len(text) for text, _ in line) <= 40 for line in lines)
    inks = {ink for line in lines for _, ink in line}
    assert {"track", "bar"} <= inks
    assert lines[0][1][0] == "rate of A"
    assert lines[-1][0][0].endswith("after 120")
    for width, said in ((60, "  .7"), (36, "  band "), (30, "  .")):
        title = plot(course, width, 7)[0]
        assert title[2][0].startswith(said) and "…" not in title[2][0], width
    empty = plot(Course("B − A", [], signed=True), 40, 7)
    assert "none rated yet" in empty[0][2][0]


async def opened(desk: Desk) -> ExperimentPage:
    await desk.press("s")
    await desk.until(lambda: isinstance(desk.app.screen, ExperimentPage), "the page")
    shown = desk.app.screen
    assert isinstance(shown, ExperimentPage)
    await desk.until(lambda: shown.report is not None, "the report")
    return shown


def rated(shown: ExperimentPage) -> dict[str | None, str]:
    last = shown.report.last if shown.report else ()
    return {trial.run_id: trial.outcome for trial in last if trial.outcome is not None}


async def test_a_test_from_the_split_to_the_promotion_and_back(open_app: Opener) -> None:
    async with open_app(demo=True) as desk:
        shown = await opened(desk)
        assert "There is nothing to compare" in shown.lines.text
        assert "yandex" in shown.lines.text
        await desk.press("r")
        assert shown.key_line.message == "The traffic is not split: w splits it."
        await desk.press("w")
        await desk.until(lambda: shown.ask_line.open, "the question")
        assert shown.ask_line.field.value == "v1=50 v2=50"
        await desk.press("enter")
        await desk.until(lambda: "Not decided" in shown.lines.text, "the plan")
        await desk.press("r")
        await desk.until(lambda: shown.ask_line.open, "the question")
        shown.ask_line.field.value = "2"
        await desk.press("enter")
        await desk.until(lambda: shown.report and len(shown.report.trials) == 2, "two answers")
        await desk.until(lambda: shown._collecting is None, "the end of it")
        await desk.press("b")
        await desk.until(lambda: isinstance(desk.app.screen, Blind), "two answers")
        blind = desk.app.screen
        assert isinstance(blind, Blind)
        pair = blind._shown
        assert "v1" not in blind.query_one("#blind-heading").text  # type: ignore[attr-defined]
        await desk.press("slash", "e", "enter")
        await desk.press("question_mark")
        assert isinstance(desk.app.screen, Help)
        await desk.press("escape")
        left = blind.query_one("#blind-left", TextView)
        assert left._query == "e", "an answer can be searched"
        await desk.press("1")
        await desk.until(lambda: f"The left one was {pair[0].name}" in shown.key_line.message, "the names")
        await desk.until(lambda: len(rated(shown)) == 2, "the ratings")
        assert rated(shown) == {pair[0].run_id: "success", pair[1].run_id: "failure"}
        marked = shown.marked
        assert marked is not None
        for key, outcome in (("0", "excluded"), ("-", "failure"), ("+", "success")):
            await desk.press(key)
            wanted = (marked.run_id, outcome)
            await desk.until(partial(lambda one: one in rated(shown).items(), wanted), outcome)
        await desk.press("+")
        await desk.until(lambda: marked.run_id not in rated(shown), "the rating taken back")
        await desk.press("=")
        await desk.until(lambda: rated(shown).get(marked.run_id) == "success", "the rating")
        await desk.press("x")
        await desk.until(lambda: "Replayed as" in shown.key_line.message, "the same values again")
        runs = [run for showing in desk.bench.runs.showings("noir") for run in showing]
        again = next(run for run in runs if run.id not in rated(shown))
        before = next(run for run in runs if run.id == marked.run_id)
        both = [await asyncio.wrap_future(desk.app.engine.history.open(one.id)) for one in (again, before)]
        assert again.status == "done"
        assert both[0] and both[1]
        assert both[0].run.values == both[1].run.values
        assert again.version != before.version, "the other arm has answered"
        assert shown.report is not None
        assert len(shown.report.trials) == 2, "which is no trial of the split"
        await desk.press("d")
        await desk.until(lambda: desk.app.screen is not shown, "the difference")
        await desk.press("escape", "p")
        await desk.until(lambda: shown.ask_line.open, "the question")
        await desk.press("enter")
        await desk.until(lambda: shown.report and shown.report.closed, "the promotion")
        assert "promote" in shown.lines.text
        assert "Ended before it was decided" in shown.lines.text
        assert "to go each" not in shown.lines.text
        found = await asyncio.wrap_future(desk.app.engine.experiments.look("noir"))
        assert shown.report is not None
        assert found.verdict.kind == shown.report.verdict.kind
        assert found.evidence.versus[0].compared == shown.report.evidence.versus[0].compared
        await desk.press("u")
        await desk.until(lambda: shown.report and not shown.report.closed, "what it was before")
        await desk.press("escape")
        await desk.until(lambda: desk.app.screen is desk.bench, "the workbench")


async def test_an_answer_that_comes_when_the_page_was_left_is_not_shown(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("s")
        await desk.until(lambda: isinstance(desk.app.screen, ExperimentPage), "the page")
        page = desk.app.screen
        assert isinstance(page, ExperimentPage)
        await desk.press("escape")
        await desk.until(lambda: desk.app.screen is desk.bench, "the workbench")
        page.follow_time()
        answer: Future[int] = Future()
        answer.set_result(1)
        with pytest.raises(asyncio.CancelledError):
            await page.answered(answer)


def test_two_answers_to_different_values_are_told_apart_without_naming_an_arm() -> None:
    rain = Shown("1", "A (v1)", "wet", {"sky": "rain"}, "rain")
    fog = Shown("2", "B (v2)", "grey", {"sky": "fog"}, "")
    again = Shown("3", "B (v2)", "damp", {"sky": "rain"}, "")
    assert given(rain, fog) == ("not the same values: left rain, right sky=fog", "warning")
    assert given(again, rain) == ("both were given rain", "muted")
    assert given(again, again) == ("both were given the same values", "muted")
