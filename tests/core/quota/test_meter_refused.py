"""What a meter makes of refusals: pauses, holds, a lower rate and the way back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.quota.meters import MINUTE, SECOND, START, burst
from tests.core.quota.model import Model
from tui.core.quota.brake import pause_s
from tui.core.quota.limits import Cost, Limits
from tui.core.quota.meter import Meter


@given(st.floats(0, 10_000), st.integers(0, 100), st.floats(0, 1, exclude_max=True))
def test_a_pause_is_never_shorter_than_told(told: float, refusals: int, chance: float) -> None:
    assert told <= pause_s(told, refusals, chance) <= told * 1.2
    backoff = pause_s(None, refusals, chance)
    assert min(60, 2**refusals) / 2 <= backoff <= min(60, 2**refusals)


@given(st.sampled_from([Limits(60), Limits(60, burst=10), Limits(60, shape="strict")]), st.floats(0.1, 100))
def test_after_a_refusal_nobody_goes_before_its_end_and_then_one_by_one(limits: Limits, told: float) -> None:
    meter = Meter(limits)
    number = meter.take(START, Cost.of())
    meter.refuse(START, number, told, "429", 0.5)
    until = meter.brake.until
    assert until >= START + int(told * 1e9)
    assert meter.wait(START, Cost.of()) == until - START
    assert burst(meter, until) == 1
    assert meter.wait(until, Cost.of()) >= meter.rates[0].spec.bucket.interval_ns - 1


@settings(deadline=None)
@given(
    st.sampled_from([Limits(60), Limits(60, burst=1), Limits(60, burst=10)]),
    st.lists(st.tuples(st.sampled_from(["take", "hold", "refuse", "resume"]), st.integers(0, 3 * SECOND))),
)
def test_holds_that_are_ended_early_give_no_call_that_time_would_not_have_brought(
    limits: Limits, script: list[tuple[str, int]]
) -> None:
    meter, exact, now = Meter(limits), Model(SECOND, limits.burst_size, now=START), START
    for act, pause in script:
        now += pause
        exact.advance(now)
        if act == "take" and meter.wait(now, Cost.of()) == 0:
            meter.take(now, Cost.of())
            assert exact.may(1)
            exact.take(1)
        elif act == "hold":
            meter.brake.hold(now + 2 * SECOND, "told to")
        elif act == "refuse" and meter.number:
            meter.refuse(now, meter.number, 5.0, "429", 0.0)
        elif act == "resume":
            meter.resume(now)
            assert meter.wait(now, Cost.of()) <= 2 * SECOND / meter.brake.factor, "no slow start but now"


def test_an_unexplained_refusal_lowers_the_rate_and_time_gives_it_back() -> None:
    meter = Meter(Limits(60))
    full = meter.rates[0].spec.bucket.interval_ns
    number = meter.take(START, Cost.of())
    meter.refuse(START, number, 1.0, "429", 0.0)
    assert meter.rates[0].spec.bucket.interval_ns == pytest.approx(full / 0.7)
    meter.recover(START + 2 * MINUTE)
    assert meter.brake.factor == pytest.approx(0.8)
    meter.recover(START + 60 * MINUTE)
    assert meter.rates[0].spec.bucket.interval_ns == full


def test_the_factor_has_a_floor_and_many_answers_to_one_burst_count_once() -> None:
    meter = Meter(Limits(60))
    numbers = [meter.take(START, Cost.of()) for _ in range(20)]
    for number in numbers:
        meter.refuse(START, number, 2.0, "429", 0.0)
    assert meter.brake.refusals == 1
    assert meter.brake.factor == pytest.approx(0.7)
    now = START
    for _ in range(30):
        now += 5 * MINUTE // 100 + MINUTE // 2
        meter.refuse(now, meter.take(now, Cost.of()), 0.1, "429", 0.0)
    assert 0.1 <= meter.brake.factor < 0.7
    meter.answered(meter.take(now, Cost.of()))
    assert meter.brake.refusals == 0
