"""Intervals, beliefs and the sample-ratio alarm against values known from elsewhere."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.experiment.belief import FLOOR, chances_of_best, expected_loss, thompson
from tui.core.experiment.plan import fixed_size, planned_size
from tui.core.experiment.rates import newcombe, wilson
from tui.core.experiment.ratio import ALARM, chi2_tail, sample_ratio_p


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(9, 10, 0.596, 0.982), (10, 10, 0.722, 1), (47, 50, 0.838, 0.979), (190, 200, 0.910, 0.973)],
)
def test_wilson_has_its_reference_values(successes: int, n: int, low: float, high: float) -> None:
    interval = wilson(successes, n)
    assert (round(interval.low, 3), round(interval.high, 3)) == (low, high)
    mirrored = wilson(n - successes, n)
    assert mirrored.low == pytest.approx(1 - interval.high)
    assert mirrored.high == pytest.approx(1 - interval.low)


@given(st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_rate_and_keeps_within_0_and_1(counts: tuple[int, int]) -> None:
    interval = wilson(*counts)
    assert 0 <= interval.low <= interval.high <= 1
    assert not counts[1] or counts[0] / counts[1] in interval


def test_newcombe_has_the_values_of_his_table() -> None:
    # Newcombe 1998, Table II, method 10: 56/70 against 48/80, and 9/10 against 3/10.
    interval = newcombe((48, 56), (80, 70))
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.0524, 0.3339)
    interval = newcombe((3, 9), (10, 10))
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.1705, 0.8090)


def test_the_chance_of_being_best_is_the_closed_sum() -> None:
    def closed(a: tuple[int, int], b: tuple[int, int]) -> float:
        """P(B > A), summed over the first parameter of B (Miller 2015)."""

        def log_beta(x: float, y: float) -> float:
            return math.lgamma(x) + math.lgamma(y) - math.lgamma(x + y)

        (aa, ab), (ba, bb) = ((s + 1, f + 1) for s, f in (a, b))
        return sum(
            math.exp(log_beta(aa + i, bb + ab) - math.log(bb + i) - log_beta(1 + i, bb) - log_beta(aa, ab))
            for i in range(ba)
        )

    for a, b in [((109, 39), (124, 23)), ((3, 1), (1, 3)), ((0, 0), (0, 0)), ((990, 10), (970, 30))]:
        first, second = chances_of_best([a, b])
        assert second == pytest.approx(closed(a, b), abs=2e-4)
        assert first + second == pytest.approx(1)
    assert chances_of_best([(109, 39), (124, 23)])[1] == pytest.approx(0.988, abs=5e-4)


def test_the_loss_of_choosing_an_arm_is_what_draws_say() -> None:
    arms, draw = [(20, 10), (25, 5), (8, 8)], random.Random(3)
    draws = [[draw.betavariate(1 + s, 1 + f) for s, f in arms] for _ in range(20_000)]
    for arm in range(3):
        others = [[rate for index, rate in enumerate(rates) if index != arm] for rates in draws]
        drawn = sum(max(0, max(rest) - rates[arm]) for rest, rates in zip(others, draws, strict=True))
        assert expected_loss(arms, arm) == pytest.approx(drawn / len(draws), abs=0.003)


def test_thompson_plays_the_better_arm_and_gives_up_none() -> None:
    draw = random.Random(1)
    played = [thompson([(50, 50), (90, 10)], draw) for _ in range(4000)]
    assert 0.5 * FLOOR < played.count(0) / 4000 < 2 * FLOOR


def test_chi2_has_the_values_of_the_tables() -> None:
    for chi2, freedom, tail in [
        (3.841, 1, 0.05), (10.828, 1, 0.001), (5.991, 2, 0.05), (7.815, 3, 0.05), (18.467, 4, 0.001),
        (11.070, 5, 0.05), (12.592, 6, 0.05),
    ]:  # fmt: skip
        assert chi2_tail(chi2, freedom) == pytest.approx(tail, rel=2e-3)


def test_the_alarm_is_for_a_split_that_is_not_as_asked() -> None:
    assert sample_ratio_p([148, 147], [50, 50]) == pytest.approx(0.954, abs=1e-3)
    assert sample_ratio_p([700, 300], [0.7, 0.3]) == pytest.approx(1)
    assert sample_ratio_p([600, 400], [0.5, 0.5]) < ALARM
    assert sample_ratio_p([0, 0], [1, 1]) == 1
    assert sample_ratio_p([10, 0], [1, 0]) == 1, "an arm without weight gets nothing"


def test_the_plan_is_that_of_the_textbook_and_then_some() -> None:
    planned = [(0.6, 0.2, 82), (0.7, 0.1, 294), (0.9, 0.05, 435), (0.8, 0.05, 906), (0.5, 0.05, 1565)]
    assert [fixed_size(rate, effect) for rate, effect, _ in planned] == [n for _, _, n in planned]
    assert planned_size(0.7, 0.1) == 559
    assert fixed_size(0.98, 0.1) == fixed_size(0.88, 0.1), "there is no rate above 1"
    assert planned_size(1.0, 0.1) > planned_size(1.0, 0.3) > 0
