"""The counting rules by themselves, against what the providers state and against brute force."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.simulator.limits import LeakingCounter, RateLimit, RollingMinute

# Limit, used, requested and the wait in seconds, from OpenAI's own error messages.
STATED = ((10_000, 8_554, 3_082, 9.816), (30_000, 25_982, 12_644, 17.252), (200_000, 199_821, 2_295, 0.6348))

arrivals = st.lists(st.tuples(st.floats(0, 20), st.integers(1, 8)), min_size=1, max_size=120)


@pytest.mark.parametrize(("limit", "used", "requested", "wait"), STATED)
def test_a_leaking_counter_waits_what_openai_states(
    limit: int, used: int, requested: int, wait: float
) -> None:
    counter = LeakingCounter(limit)
    counter.take(used, 50.0)
    assert counter.wait(requested, 50.0) == pytest.approx(wait, abs=1e-3)


def test_a_leaking_counter_gives_twice_its_limit_in_the_first_minute() -> None:
    counter, accepted = LeakingCounter(50), 0
    for tick in range(60_000):
        if counter.wait(1, tick / 1000) == 0:
            counter.take(1, tick / 1000)
            accepted += 1
    assert accepted == 99


def test_a_rolling_minute_frees_a_place_exactly_after_sixty_seconds() -> None:
    log = RollingMinute(2)
    log.take(1, 10.0)
    log.take(1, 25.0)
    assert log.wait(1, 40.0) == pytest.approx(30.0)
    assert log.wait(2, 40.0) == pytest.approx(45.0)
    assert log.wait(1, 69.999) > 0
    assert log.wait(1, 70.0) == 0


@pytest.mark.parametrize("rule", [LeakingCounter, RollingMinute])
def test_what_exceeds_the_limit_never_fits(rule: type[LeakingCounter] | type[RollingMinute]) -> None:
    assert math.isinf(rule(5).wait(6, 0.0))
    assert rule(5).wait(5, 0.0) == 0


@pytest.mark.parametrize("rule", [LeakingCounter, RollingMinute])
@given(arrivals=arrivals, limit=st.integers(8, 40))
def test_the_quoted_wait_is_exact(
    rule: type[LeakingCounter] | type[RollingMinute], arrivals: list[tuple[float, int]], limit: int
) -> None:
    rate: RateLimit = rule(limit)
    now = 0.0
    for gap, amount in arrivals:
        now += gap
        wait = rate.wait(amount, now)
        if wait > 0.01:
            assert rate.wait(amount, now + wait * 0.99 - 0.005) > 0
        now += wait
        assert rate.wait(amount, now + 1e-6) == 0
        now += 1e-6
        rate.take(amount, now)


@given(arrivals=arrivals, limit=st.integers(8, 40))
def test_no_minute_holds_more_than_the_limit(arrivals: list[tuple[float, int]], limit: int) -> None:
    log, accepted, now = RollingMinute(limit), list[tuple[float, int]](), 0.0
    for gap, amount in arrivals:
        now += gap
        if log.wait(amount, now) == 0:
            log.take(amount, now)
            accepted.append((now, amount))
    for end, _ in accepted:
        assert sum(amount for at, amount in accepted if end - 59.999 <= at <= end) <= limit
