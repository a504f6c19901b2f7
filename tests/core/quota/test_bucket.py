"""The arithmetic against an exact model, and the laws that a token bucket obeys."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.core.quota.model import MINUTE, Model
from tui.core.quota.bucket import Bucket

limits = st.integers(1, 100_000)
buckets = st.builds(
    lambda limit, part: Bucket.per_minute(limit, 1 + int(part * (limit - 1))), limits, st.floats(0, 1)
)
gaps = st.integers(0, 3 * MINUTE)


def steps(largest: int = 30) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Pairs of a pause (ns) and a cost."""
    return st.lists(
        st.tuples(st.one_of(st.just(0), st.integers(0, 10**6), gaps), st.integers(1, largest)), max_size=40
    )


@given(buckets, steps())
def test_wait_and_level_are_those_of_the_exact_model(bucket: Bucket, script: list[tuple[int, int]]) -> None:
    model, tat, now = Model(bucket.interval_ns, bucket.burst), 0, 0
    for pause, cost in script:
        now += pause
        model.advance(now)
        assert abs(bucket.level(tat, now) - float(model.level)) < 1e-6
        wait = bucket.wait(tat, now, cost)
        assert now + wait == model.go_at(cost)
        now += wait
        model.advance(now)
        model.take(cost)
        tat = bucket.commit(tat, now, cost)


@given(buckets, steps(), st.integers(1, 200), st.floats(0, 0.999))
def test_the_quoted_wait_is_exact(
    bucket: Bucket, script: list[tuple[int, int]], cost: int, part: float
) -> None:
    tat, now = 0, 0
    for pause, units in script:
        now += pause
        tat = bucket.commit(tat, now, units)
    wait = bucket.wait(tat, now, cost)
    assert bucket.wait(tat, now + wait, cost) == 0
    if wait:
        assert bucket.wait(tat, now + int(wait * part), cost) == wait - int(wait * part) > 0
        assert bucket.wait(tat, now + wait - 1, cost) == 1


@given(buckets, steps(), st.booleans())
def test_no_span_of_time_gets_more_than_burst_and_rate(
    bucket: Bucket, script: list[tuple[int, int]], oversize: bool
) -> None:
    tat, now, grants = 0, 0, []
    for pause, cost in script:
        units = cost if oversize else min(cost, bucket.burst)
        now += pause
        now += bucket.wait(tat, now, units)
        tat = bucket.commit(tat, now, units)
        grants.append((now, units))
    for first in range(len(grants)):
        taken = 0
        for at, units in grants[first:]:
            taken += units
            borrowed = max(0, units - bucket.burst)
            assert (taken - borrowed) * bucket.interval_ns <= (
                bucket.burst * bucket.interval_ns + at - grants[first][0]
            )


@given(buckets, st.integers(-MINUTE, MINUTE), st.integers(1, 1000), st.integers(1, 1000))
def test_two_takes_are_one_of_their_sum(bucket: Bucket, tat: int, one: int, other: int) -> None:
    assert bucket.commit(bucket.commit(tat, 0, one), 0, other) == bucket.commit(tat, 0, one + other)


@given(limits)
def test_the_rate_is_never_exceeded_and_hardly_missed(limit: int) -> None:
    interval = Bucket.per_minute(limit, 1).interval_ns
    assert interval * limit >= MINUTE
    assert interval * limit - MINUTE < limit


def test_nothing_drifts_in_a_billion_steps() -> None:
    bucket = Bucket.per_minute(7, 1)
    tat, steps_at_once = 0, 1_000
    for step in range(0, 10**9, 10**9 // steps_at_once):
        now = step * bucket.interval_ns
        assert bucket.wait(tat, now, 1) == 0
        assert tat <= now
        tat = bucket.commit(tat, now, 10**9 // steps_at_once)
    assert tat == 10**9 * bucket.interval_ns


@given(st.integers(1, 10_000), steps(100))
def test_it_quotes_the_wait_that_openai_quotes(limit: int, script: list[tuple[int, int]]) -> None:
    """Its messages state limit, used and requested, and fit (used + requested - limit)/(limit/60) seconds."""
    bucket = Bucket.per_minute(limit, limit)
    tat, now = 0, 0
    for pause, cost in script:
        now += pause
        requested = min(cost, limit)
        used = limit - bucket.level(tat, now)
        quoted = max(0.0, (used + requested - limit) / (limit / 60))
        wait = bucket.wait(tat, now, requested)
        assert abs(wait / 1e9 - quoted) <= 1e-6 * max(1.0, quoted) + limit * 1e-9
        now += wait
        tat = bucket.commit(tat, now, requested)


@given(buckets, steps(), st.integers(1, 50), st.integers(1, 50))
def test_settling_never_leaves_more_than_foreknowledge(
    bucket: Bucket, script: list[tuple[int, int]], guess: int, more: int
) -> None:
    tat = bucket.commit(0, 0, guess)
    known = bucket.commit(0, 0, guess + more)
    now = 0
    for pause, cost in script:
        now += pause
        tat, known = bucket.commit(tat, now, cost), bucket.commit(known, now, cost)
    assert bucket.charge(tat, more) >= known


@given(buckets, st.integers(-MINUTE, 5 * MINUTE), st.integers(0, MINUTE), st.integers(-50, 200))
def test_lower_only_lowers_and_raise_only_raises(bucket: Bucket, tat: int, now: int, level: int) -> None:
    lowered, raised = bucket.lower(tat, now, level), bucket.raise_(tat, now, level)
    tiny = 1 / bucket.interval_ns + 1e-9
    assert (
        bucket.level(lowered, now) <= min(bucket.level(tat, now), max(level, 0)) + tiny
        or level > bucket.burst
    )
    assert bucket.level(lowered, now) <= bucket.level(tat, now) <= bucket.level(raised, now) <= bucket.burst
    assert bucket.level(raised, now) >= min(level, bucket.burst) - tiny


@given(buckets, buckets, st.integers(-MINUTE, 5 * MINUTE), st.integers(0, MINUTE))
def test_new_figures_owe_what_the_old_ones_owed(old: Bucket, new: Bucket, tat: int, now: int) -> None:
    owed = old.debt_ns(tat, now) / old.interval_ns
    adopted = new.debt_ns(new.adopt(tat, now, old), now) / new.interval_ns
    assert owed - 1e-9 <= adopted <= owed + 1 / new.interval_ns + 1e-9


@given(limits, st.floats(0.1, 1.0))
def test_a_factor_slows_the_refill_by_as_much(limit: int, factor: float) -> None:
    slow, full = Bucket.per_minute(limit, 1, factor), Bucket.per_minute(limit, 1)
    assert slow.interval_ns >= full.interval_ns / factor - 1
    assert slow.interval_ns <= full.interval_ns / factor + 1
