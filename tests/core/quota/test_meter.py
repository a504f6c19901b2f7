"""What an account makes of several limits, of what servers say, of refusals and of days."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.quota.meters import MINUTE, SECOND, START, burst, level
from tests.core.quota.model import Model
from tui.core.quota.absence import keep_to
from tui.core.quota.day import DayCount, today
from tui.core.quota.limits import Cost, Limits
from tui.core.quota.meter import Meter
from tui.core.quota.rate import RateView

all_kinds = Limits(50, tokens_per_minute=1_000, input_tokens_per_minute=800, output_tokens_per_minute=400)


costs = st.builds(Cost.of, st.integers(1, 9), st.integers(0, 500), st.integers(0, 300))


@given(st.lists(st.tuples(st.integers(0, MINUTE), costs), max_size=30))
def test_a_take_waits_for_the_slowest_limit_and_takes_from_all(script: list[tuple[int, Cost]]) -> None:
    meter, apart = Meter(all_kinds), [Meter(all_kinds) for _ in range(4)]
    now = START
    for pause, cost in script:
        now += pause
        alone = [
            one.rates[kind].wait(now, cost[kind], 0) if cost[kind] else 0 for kind, one in enumerate(apart)
        ]
        before = [rate.tat for rate in meter.rates]
        wait = meter.wait(now, cost)
        assert wait == max(alone)
        assert [rate.tat for rate in meter.rates] == before, "asking changed something"
        now += wait
        meter.take(now, cost)
        for one in apart:
            one.take(now, cost)
        assert [rate.tat for rate in meter.rates] == [rate.tat for rate in apart[0].rates]


@given(st.lists(st.tuples(st.integers(0, MINUTE), costs), max_size=20), st.integers(0, 19), costs)
def test_settling_leaves_at_most_what_foreknowledge_would(
    script: list[tuple[int, Cost]], which: int, actual: Cost
) -> None:
    meter, known = Meter(all_kinds), Meter(all_kinds)
    now, settled = START, None
    for place, (pause, cost) in enumerate(script):
        now += pause
        now += meter.wait(now, cost)
        number = meter.take(now, cost)
        real = Cost.of(cost.requests, actual.input_tokens, actual.output_tokens)
        known.take(now, real if place == which else cost)
        if place == which:
            settled = number, cost, real
    if settled is not None:
        meter.settle(now, *settled)
        for ours, theirs in zip(meter.rates, known.rates, strict=True):
            assert ours.spec.bucket.level(ours.tat, now) <= theirs.spec.bucket.level(theirs.tat, now) + 1e-6
            assert ours.taken == theirs.taken


idle = st.one_of(
    st.just(0), st.just(0), st.integers(0, 3 * SECOND), st.integers(0, 20).map(lambda n: n * SECOND // 10)
)


class Server:
    """What refuses: an exact bucket, and for the strict shape a window as well."""

    def __init__(self, limits: Limits) -> None:
        interval = -(-MINUTE // limits.requests_per_minute)
        self.model = Model(interval, limits.burst_size, 60 if limits.shape == "strict" else None, now=START)

    def accepts(self, arrivals: list[int]) -> bool:
        for at in sorted(arrivals):
            self.model.advance(at)
            if not self.model.may(1):
                return False
            self.model.take(1)
        return True


@given(
    st.sampled_from([Limits(60), Limits(60, burst=10), Limits(60, burst=1), Limits(60, shape="strict")]),
    st.floats(0, 2),
    st.lists(
        st.tuples(idle, st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1))), min_size=1, max_size=150
    ),
)
def test_a_server_with_our_limits_never_refuses_whatever_the_delays_within_the_margin(
    limits: Limits, margin: float, script: list[tuple[int, float]]
) -> None:
    meter, now = Meter(dataclasses.replace(limits, margin_s=margin)), START
    arrivals: list[int] = []
    for pause, delay in script:
        now += pause
        now += meter.wait(now, Cost.of())
        meter.take(now, Cost.of())
        arrivals.append(now + int(delay * int(margin * 1e9)))
    assert Server(limits).accepts(arrivals)


def test_without_a_margin_a_slow_first_burst_is_enough_to_be_refused() -> None:
    for margin, accepted in ((0.0, False), (0.2, True)):
        meter, now = Meter(Limits(60, margin_s=margin)), START
        arrivals: list[int] = []
        for _ in range(61):
            now += meter.wait(now, Cost.of())
            meter.take(now, Cost.of())
            arrivals.append(now + (SECOND // 5 if len(arrivals) < 60 else SECOND // 50))
        assert Server(Limits(60)).accepts(arrivals) == accepted


def test_calls_just_before_the_bucket_was_full_count_within_the_margin() -> None:
    meter = Meter(Limits(60, burst=4, margin_s=0.8))
    meter.take(START, Cost.of())
    for _ in range(3):
        assert meter.wait(START + SECOND, Cost.of()) == 0
        meter.take(START + SECOND, Cost.of())
    now = START + 13 * SECOND // 10
    assert meter.wait(now, Cost.of()) == SECOND // 2, (
        "five in 1.3 s may reach the server within half a second"
    )


def test_the_margin_costs_neither_the_burst_nor_the_rate_nor_shows_on_the_gauge() -> None:
    meter = Meter(Limits(60, margin_s=0.25))
    assert RateView.of(meter.facts()[0]).level(START) == 60
    meter.take(START, Cost.of())
    assert RateView.of(meter.facts()[0]).level(START) == 59
    assert burst(meter, START) == 59
    now, taken = START, 0
    while now < START + 10 * MINUTE:
        now += meter.wait(now, Cost.of())
        meter.take(now, Cost.of())
        taken += 1
    assert taken >= 599


def test_settling_at_once_gives_back_the_whole_difference() -> None:
    meter = Meter(Limits(50, tokens_per_minute=1_000))
    number = meter.take(START, Cost.of(1, 400, 500))
    meter.settle(START, number, Cost.of(1, 400, 500), Cost.of(1, 400, 20))
    assert level(meter, START, 1) == pytest.approx(580)


def test_a_day_is_the_providers_and_a_clock_that_goes_back_grants_none_twice() -> None:
    limits = Limits(50, requests_per_day=100, day_zone="America/Los_Angeles")
    zone = ZoneInfo("America/Los_Angeles")
    evening = datetime(2026, 3, 7, 23, 59, 50, tzinfo=zone)
    day, next_day = today(limits, evening.timestamp()), today(limits, evening.timestamp() + 20)
    assert day.ends == datetime(2026, 3, 8, tzinfo=zone)
    assert next_day.number == day.number + 1
    assert next_day.ends == datetime(2026, 3, 9, tzinfo=zone), "the day that clocks change lasts 23 hours"
    count = DayCount()
    count.add(day.number, 30)
    assert count.used_on(day.number) == 30
    assert count.used_on(next_day.number) == 0
    count.add(next_day.number, 1)
    assert count.used_on(day.number) == 1


@given(st.integers(1, 200), st.integers(0, 200), st.integers(1, 9), st.integers(0, 2))
def test_processes_that_lost_each_other_divide_what_is_left_of_the_day(
    most: int, used: int, processes: int, later: int
) -> None:
    limits = Limits(50, requests_per_day=most)
    used = min(used, most)
    meters = [Meter(limits) for _ in range(processes)]
    for meter in meters:
        meter.day.add(7, used)
        keep_to(meter, START, 1.0 / processes)
    total = 0
    left = most - used if later == 0 else most
    for meter in meters:
        while meter.left_on(7 + later):
            meter.take(START, Cost.of(), day=7 + later)
            total += 1
    assert left - processes < total <= left
    keep_to(meters[0], START, 1.0)
    fewer = Meter(dataclasses.replace(limits, requests_per_day=1))
    fewer.day.add(7, 2)
    assert fewer.left_on(7) == 0, "of a limit that was lowered under what is used"
    assert meters[0].left_on(7 + later) == left - meters[0].day.used_on(7 + later) + (0 if later else used)


@given(
    st.lists(st.integers(0, 2 * SECOND), min_size=1, max_size=80),
    st.sampled_from([Limits(60), Limits(60, burst=10), Limits(60, shape="strict")]),
    st.sampled_from(
        [Limits(30), Limits(90, burst=5), Limits(40, shape="strict"), Limits(60, tokens_per_minute=9)]
    ),
)
def test_new_limits_count_what_went_before(pauses: list[int], old: Limits, new: Limits) -> None:
    meter, now = Meter(old), START
    for pause in pauses:
        now += pause
        now += meter.wait(now, Cost.of())
        meter.take(now, Cost.of())
    owed = old.burst_size - level(meter, now)
    meter.reconfigure(now, new)
    assert new.burst_size - level(meter, now) == pytest.approx(owed, abs=0.01)
    assert meter.wait(now, Cost.of()) >= 0
    assert burst(meter, now) <= max(0, new.burst_size - owed + 0.01)
