"""From trials to a verdict in words, and gates for CI."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tui.core.experiment.evidence import Arm, Outcome, Rules, Trial, weigh
from tui.core.experiment.gate import GateError, check_gate, parse_gate
from tui.core.experiment.verdict import Pace, duration, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.experiment.evidence import Evidence

A, B, C = (Arm(id=number, label="ABC"[number - 1], version=number, content_hash=f"h{number}", weight=1)
           for number in (1, 2, 3))  # fmt: skip


def trials(rates: Sequence[float], each: int, seed: int = 1) -> list[Trial]:
    """Alternating trials of arms 1, 2, … with these true rates."""
    draw = random.Random(seed)
    found: list[Trial] = []
    for _ in range(each):
        for arm, rate in enumerate(rates, 1):
            outcome: Outcome = "success" if draw.random() < rate else "failure"
            found.append(
                Trial(len(found) + 1, arm, outcome, 1 / len(rates), usd=0.004, total_s=1.5, tokens=800)
            )
    return found


def weighed(*rates: float, each: int = 100, rules: Rules | None = None, seed: int = 1) -> Evidence:
    return weigh([A, B, C][: len(rates)], trials(rates, each, seed), {}, rules or Rules())


def test_a_better_arm_is_named_and_safe_to_stop_at() -> None:
    evidence = weighed(0.5, 0.9)
    verdict = judge(evidence, Pace())
    assert verdict.sentence == "B (v2) is better than A (v1) (safe to stop)."
    assert (verdict.kind, verdict.winner, verdict.safe_to_stop) == ("better", 2, True)
    assert judge(weighed(0.9, 0.5), Pace()).winner == 1
    assert evidence.versus[0].compared.interval.low > 0


def test_while_nothing_is_decided_it_says_what_is_to_come() -> None:
    evidence = weighed(0.7, 0.75, each=60)
    verdict = judge(evidence, Pace(usd=0.004, per_minute=60))
    assert evidence.planned > 400
    more = round(evidence.to_go / 10) * 10
    assert verdict.sentence == (
        f"Not decided: about {more} more each, ≈ ${evidence.to_go * 2 * 0.004:.2f}, "
        f"≈ {evidence.to_go * 2 / 60:.0f} min at the present quota, to see a difference of 10 points."
    )
    assert not verdict.safe_to_stop
    assert "$" not in judge(evidence, Pace()).sentence


def test_what_is_to_come_takes_as_many_calls_as_the_smallest_share_needs() -> None:
    even = weigh([A, B], [], {}, Rules())
    assert even.calls_to_go == 2 * even.to_go
    skewed = weigh([replace(A, weight=95.0), replace(B, weight=5.0)], [], {}, Rules())
    assert skewed.to_go == even.to_go
    assert skewed.calls_to_go == 20 * even.to_go
    sentence = judge(skewed, Pace(usd=0.001, per_minute=60)).sentence
    assert f"≈ ${20 * even.to_go * 0.001:.2f}" in sentence


def test_the_plan_is_there_before_the_first_answer() -> None:
    evidence = weigh([A, B], [], {}, Rules(effect=0.25))
    assert (evidence.planned, evidence.to_go) == (evidence.planned, evidence.planned)
    assert judge(evidence, Pace(per_minute=50)).sentence.startswith("Not decided: about ")
    assert [figures.rate for figures in evidence.arms] == [None, None]


def test_equal_arms_come_to_no_difference() -> None:
    rules = Rules(effect=0.25)
    verdict = judge(weighed(0.7, 0.7, each=120, rules=rules), Pace())
    assert verdict.sentence == "No difference that matters: it is less than 25 points (safe to stop)."
    evidence = weighed(0.6, 0.7, each=100, rules=rules)
    assert evidence.to_go == 0
    assert evidence.versus[0].compared.interval.high > 0.25, "which the interval alone would not say yet"
    verdict = judge(evidence, Pace())
    assert verdict.kind == "same"
    assert "25 points would have shown by now" in verdict.sentence


def test_traffic_that_is_not_split_as_asked_is_broken_whatever_it_shows() -> None:
    some = [trial for trial in trials((0.3, 0.9), 200) if trial.arm == 2 or trial.number % 3]
    verdict = judge(weigh([A, B], some, {}, Rules()), Pace())
    assert verdict.kind == "broken"
    assert verdict.sentence.startswith("Broken: the traffic is not split as asked (A 133, B 200; p 0.0002).")
    after = weigh([A, B], some, {}, Rules(), weights_since=some[-1].number)
    assert after.split_p == 1, "what came before the weights of now is no matter"
    assert judge(weigh([A, B], some, {}, Rules(serving="thompson")), Pace()).kind == "better"


def test_more_arms_share_the_error() -> None:
    evidence = weighed(0.6, 0.62, 0.95, each=100)
    assert [one.alpha for one in evidence.versus] == [0.025, 0.025]
    assert judge(evidence, Pace()).sentence == "C (v3) is better than A (v1) (safe to stop)."
    assert judge(weighed(0.95, 0.4, 0.4), Pace()).sentence.startswith(
        "A (v1) is better than B (v2) and C (v3)"
    )
    assert sum(figures.chance_of_best for figures in evidence.arms) == pytest.approx(1)


def test_an_edited_arm_is_frozen_and_nothing_is_mixed() -> None:
    old = trials((0.9, 0.2), 100)
    edited = Arm(3, "C", 2, "h4", 1, since=old[-1].number)
    frozen = Arm(2, "B", 2, "h2", 0, frozen=True)
    new = [
        Trial(201 + at, 1 + 2 * (at % 2), "failure" if at % 5 == 0 else "success", 0.5) for at in range(40)
    ]
    evidence = weigh([A, frozen, edited], [*old, *new], {}, Rules())
    assert [(figures.n, figures.arm.frozen) for figures in evidence.arms] == [
        (120, False), (100, True), (20, False),
    ]  # fmt: skip
    [versus] = evidence.versus
    assert (versus.arm, versus.n, versus.compared.blocks) == (edited, (20, 20), 20)


def test_excluded_and_unrated_count_neither_way_and_a_unit_counts_once() -> None:
    seen = [
        Trial(1, 1, "success", 0.5, unit="u1"), Trial(2, 1, "failure", 0.5, unit="u1"),
        Trial(3, 2, "excluded", 0.5), Trial(4, 2, None, 0.5), Trial(5, 2, "failure", 0.5, unit="u2"),
        Trial(6, 1, "success", 0.5, unit="u3"), Trial(7, 2, "success", 0.5, unit="u3"),
    ]  # fmt: skip
    first, second = weigh([A, B], seen, {}, Rules()).arms
    assert (first.served, first.successes, first.failures, first.set_aside) == (3, 2, 0, 1)
    assert (second.served, second.n, second.excluded, second.unrated, second.set_aside) == (4, 1, 1, 1, 1)
    assert (second.rate, first.rate) == (0, 1)


def test_blocks_follow_the_weights() -> None:
    seen = [
        Trial(at, 2 if at % 10 == 0 else 1, "success", 0.1 if at % 10 == 0 else 0.9) for at in range(1, 101)
    ]
    [versus] = weigh([A, B], seen, {}, Rules()).versus
    assert (versus.compared.blocks, versus.n) == (10, (90, 10))


def test_cases_decide_where_the_rules_say_so() -> None:
    pairs = {(1, 2): [(False, True)] * 8 + [(True, True)] * 5}
    evidence = weigh([A, B], trials((0.7, 0.7), 5), pairs, Rules(by="cases"))
    assert judge(evidence, Pace()).sentence == "B (v2) is better than A (v1) (safe to stop)."
    assert judge(weigh([A, B], [], pairs, Rules()), Pace()).kind == "undecided", "as the split decides"
    few = weigh([A, B], [], {(1, 2): [(False, True)] * 3}, Rules(by="cases"))
    assert "B did better in 3 and worse in 0 of the cases" in judge(few, Pace()).sentence


def test_one_arm_is_no_test() -> None:
    assert judge(weigh([A], [], {}, Rules()), Pace()).kind == "alone"


@pytest.mark.parametrize(
    ("claim", "result"),
    [
        ("not-worse-than v1 by 0.02", "passed"),
        ("better-than v1", "passed"), ("better-than v1 by 79%", "open"),
        ("v2 not-worse-than v1", "passed"), ("better-than v1 by .95", "failed"),
    ],
)  # fmt: skip
def test_a_gate_is_borne_out_refuted_or_open(claim: str, result: str) -> None:
    evidence = weigh([A, B], trials((0.1, 0.9), 250), {}, Rules())
    passed, sentence = check_gate(parse_gate(claim), evidence)
    assert passed == result, sentence
    assert "v2 − v1 is +0." in sentence


@pytest.mark.parametrize("claim", ["", "faster-than v1", "not-worse-than 1", "not-worse-than v1 by x"])
def test_a_claim_that_is_none_is_said_with_one_that_is(claim: str) -> None:
    with pytest.raises(GateError, match=r"not-worse-than v1 by 0\.02"):
        parse_gate(claim)
    with pytest.raises(GateError, match="its arms are v1, v2"):
        check_gate(parse_gate("better-than v7"), weighed(0.5, 0.5))


def test_times_are_in_the_unit_that_fits() -> None:
    assert [duration(s) for s in (45, 600, 20_000, 400_000)] == ["45 s", "10 min", "6 h", "5 days"]


def test_a_unit_that_comes_often_is_no_broken_split() -> None:
    seen = [Trial(at, 1, "success", 0.5, unit="busy") for at in range(1, 201)]
    seen += [Trial(200 + at, 1 + at % 2, "success", 0.5, unit=f"u{at}") for at in range(1, 101)]
    evidence = weigh([A, B], seen, {}, Rules())
    assert evidence.split_p > 0.5
    assert [figures.n for figures in evidence.arms] == [51, 50]
