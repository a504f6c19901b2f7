"""The e-processes under simulated answers, looked at after every pair: errors, power, and intervals."""

from __future__ import annotations

import itertools
import math
import random
from statistics import median

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.core.experiment.course import difference_course, rate_course
from tui.core.experiment.rates import newcombe
from tui.core.experiment.sequence import Paired, TwoRates, compare, rate_band

ALPHA = 0.05
BAR = math.log(1 / ALPHA)


def stop(draw: random.Random, a: float, b: float, pairs: int, null: float = 0.0) -> int | None:
    """Return after how many pairs the test would have been stopped."""
    test, rate = TwoRates(null), draw.random
    for pair in range(pairs):
        test.add(rate() < a, 1, rate() < b, 1)
        if test.log_max >= BAR:
            return pair + 1
    return None


@pytest.mark.parametrize(("rate", "found"), [(0.5, 0.032), (0.8, 0.033), (0.95, 0.027)])
def test_of_equal_arms_one_in_twenty_wins_at_most_whoever_peeks(rate: float, found: float) -> None:
    draw, times = random.Random(7), 2500
    won = sum(stop(draw, rate, rate, 250) is not None for _ in range(times)) / times
    assert won <= ALPHA
    assert won <= found + 0.01, "as was found to 1,000 pairs"


def test_the_power_is_what_was_found_of_it() -> None:
    draw, times = random.Random(11), 400
    stops = [stop(draw, 0.7, 0.8, 1000) for _ in range(times)]
    decided = [at for at in stops if at]
    assert len(decided) / times == pytest.approx(0.97, abs=0.025)
    assert 280 < median(decided) < 360


def test_unequal_blocks_keep_the_promise_too() -> None:
    draw, times, won = random.Random(5), 600, 0
    for _ in range(times):
        test = TwoRates()
        for _ in range(100):
            test.add(sum(draw.random() < 0.7 for _ in range(3)), 3, draw.random() < 0.7, 1)
            if test.log_max >= BAR:
                won += 1
                break
    assert 0 < won / times <= ALPHA


@pytest.mark.parametrize(("a", "b"), [(0.6, 0.8), (0.9, 0.85)])
def test_the_true_difference_is_hardly_ever_refuted(a: float, b: float) -> None:
    draw, times = random.Random(2), 400
    assert sum(stop(draw, a, b, 150, b - a) is not None for _ in range(times)) / times <= ALPHA


@given(st.floats(0.02, 0.98), st.floats(-0.9, 0.9), st.integers(1, 5), st.integers(1, 5), st.data())
def test_a_bet_has_a_mean_of_1_at_most_wherever_the_hypothesis_is_true(
    a: float, null: float, n_a: int, n_b: int, data: st.DataObject
) -> None:
    if not 0.01 <= a + null <= 0.99:
        return
    past = data.draw(st.lists(st.tuples(st.integers(0, n_a), st.integers(0, n_b)), max_size=6))
    b, mean = a + null, 0.0
    for s_a in range(n_a + 1):
        for s_b in range(n_b + 1):
            test = TwoRates(null)
            for first, second in past:
                test.add(first, n_a, second, n_b)
            before = test.log_e
            test.add(s_a, n_a, s_b, n_b)
            chance = math.comb(n_a, s_a) * a**s_a * (1 - a) ** (n_a - s_a)
            chance *= math.comb(n_b, s_b) * b**s_b * (1 - b) ** (n_b - s_b)
            mean += chance * math.exp(test.log_e - before)
    assert mean <= 1 + 1e-6


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=120), st.floats(0.01, 0.2))
@example([(True, False), *[(False, True)] * 5], 0.125)
def test_verdict_and_interval_are_one_rule(answers: list[tuple[bool, bool]], alpha: float) -> None:
    compared = compare([(first, 1, second, 1) for first, second in answers], alpha)
    decided = compared.log_e_max >= -math.log(alpha)
    assert bool(compared.better) == decided == (0 not in compared.interval)
    assert (compared.p <= alpha * (1 + 1e-9)) == decided
    if compared.better:
        assert (compared.interval.low > 0) == (compared.better > 0)
        return
    found, interval = compared.difference, compared.interval
    if found is None or abs(found) == 1 or interval.low - 0.01 <= found <= interval.high + 0.01:
        return
    # What is found now may have been refuted by an earlier look: the interval is what all of them leave.
    there = TwoRates(found)
    for first, second in answers:
        there.add(first, 1, second, 1)
    assert there.log_max >= -math.log(alpha)


def test_the_interval_closes_in_and_is_wider_than_one_for_a_single_look() -> None:
    draw = random.Random(4)
    pairs = [(draw.random() < 0.6, 1, draw.random() < 0.85, 1) for _ in range(300)]
    widths = []
    for n in (20, 60, 300):
        compared = compare(pairs[:n], ALPHA)
        once = newcombe((sum(p[0] for p in pairs[:n]), sum(p[2] for p in pairs[:n])), (n, n))
        assert compared.interval.low < once.low
        assert compared.interval.high > once.high
        widths.append(compared.interval.high - compared.interval.low)
    assert widths == sorted(widths, reverse=True)
    assert compare(pairs, ALPHA).better == 1
    assert compare([(b, n, a, m) for a, n, b, m in pairs], ALPHA).better == -1


def test_without_answers_nothing_is_known() -> None:
    compared = compare([], ALPHA)
    assert (compared.blocks, compared.difference, compared.p, compared.better) == (0, None, 1, 0)
    assert compared.interval.low == pytest.approx(-1, abs=1e-3)
    assert compared.interval.high == pytest.approx(1, abs=1e-3)


def test_paired_cases_keep_the_promise_and_need_fewer() -> None:
    draw, times = random.Random(3), 1500

    def decided(share: float) -> int | None:
        test = Paired()
        for case in range(400):
            if draw.random() < 0.3:  # three cases in ten differ
                second = draw.random() < share
                test.add(not second, second)
                if test.log_max >= BAR:
                    return case + 1
            else:
                test.add(True, True)
        return None

    assert 0.01 < sum(decided(0.5) is not None for _ in range(times)) / times <= ALPHA
    stops = [decided(0.75) or 400 for _ in range(400)]
    assert median(stops) == pytest.approx(95, abs=15)


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_paired_evidence_is_the_closed_form_in_any_order(first: int, second: int) -> None:
    test = Paired()
    order = [True] * first + [False] * second
    random.Random(first * 41 + second).shuffle(order)
    for one in order:
        test.add(one, not one)
    m = first + second
    closed = m * math.log(2) + math.lgamma(first + 1) + math.lgamma(second + 1) - math.lgamma(m + 2)
    assert test.log_e == pytest.approx(closed, abs=1e-9)


def test_a_rate_stays_in_its_band_all_along() -> None:
    draw, left = random.Random(9), 0
    for _ in range(400):
        successes = 0
        for n in range(1, 61):
            successes += draw.random() < 0.7
            if 0.7 not in rate_band(successes, n, ALPHA):
                left += 1
                break
    assert left / 400 <= ALPHA
    assert (rate_band(0, 0, ALPHA).low, rate_band(10, 10, ALPHA).high) == (0, 1)


def test_the_course_ends_where_the_comparison_stands() -> None:
    draw = random.Random(6)
    pairs = [(draw.random() < 0.6, 1, draw.random() < 0.85, 1) for _ in range(120)]
    now = compare(pairs, ALPHA)
    course = difference_course(pairs, ALPHA, 30, now.interval)
    assert len(course) == 30
    assert (course[-1].n, course[-1].value) == (120, now.difference)
    assert course[-1].band == now.interval
    assert now.answers == (120, 120)
    for earlier, later in itertools.pairwise(course):
        assert earlier.band.low <= later.band.low + 1e-9 and later.band.high <= earlier.band.high + 1e-9
    for point in course:
        exact = compare(pairs[: point.n], ALPHA).interval
        assert point.band.low == pytest.approx(exact.low, abs=0.051)
        assert point.band.high == pytest.approx(exact.high, abs=0.051)
    rates = rate_course([bool(pair[2]) for pair in pairs], ALPHA, 30)
    assert rates[-1].value == sum(pair[2] for pair in pairs) / 120
    assert all(point.band.low <= point.value <= point.band.high for point in rates[5:])
    assert [point.n for point in rate_course([True, False], ALPHA, 30)] == [1, 2]
    assert difference_course([], ALPHA, 30, now.interval) == rate_course([], ALPHA, 30) == []


def test_the_band_after_all_answers_does_not_depend_on_how_many_points_are_shown() -> None:
    draw = random.Random(3)
    outcomes = [draw.random() < 0.7 for _ in range(60)]
    assert len({rate_course(outcomes, ALPHA, points)[-1] for points in (1, 7, 24, 60)}) == 1
