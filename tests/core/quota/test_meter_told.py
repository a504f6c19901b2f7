"""What a meter makes of what servers say: their figures in any order, late, wrong or lower than ours."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.quota.meters import MINUTE, SECOND, START, burst, level
from tui.core.quota.limits import NOTHING, Cost, Kind, Limits
from tui.core.quota.meter import Meter
from tui.core.quota.observation import Observation
from tui.core.quota.rate import RateView


@given(st.sampled_from([Limits(60), Limits(60, burst=10), Limits(60, shape="strict")]), st.integers(-5, 70))
def test_a_lower_figure_of_the_server_counts_at_once(limits: Limits, left: int) -> None:
    meter = Meter(limits)
    before = burst(Meter(limits), START)
    meter.take(START, Cost.of())
    meter.observe(START, meter.latest[-1], [Observation(Kind.REQUESTS, 60, left)], calm=False)
    expected = before - 1 if left < 0 else min(before - 1, left)
    assert burst(meter, START) == expected


def test_what_was_taken_after_the_answered_call_is_subtracted() -> None:
    meter = Meter(Limits(60))
    meter.take(START, Cost.of())
    first = meter.latest[-1]
    meter.take(START + 1, Cost.of(4))
    meter.observe(START + 1, first, [Observation(Kind.REQUESTS, remaining=20)], calm=False)
    assert burst(meter, START + 1) == 16


calls = st.tuples(
    st.sampled_from([0, 0, SECOND // 20, 3 * SECOND]), st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 40)
)


@settings(deadline=None)
@given(
    st.sampled_from([Limits(60), Limits(600), Limits(60, burst=10)]),
    st.sampled_from([0.0, 0.3, 2.0]),
    st.lists(calls, min_size=1, max_size=60),
)
def test_a_server_that_counts_as_we_do_takes_no_more_than_a_unit_away(
    limits: Limits, margin: float, script: list[tuple[int, float, float]]
) -> None:
    """Calls overtake each other within the margin and are answered whenever; nobody else calls."""
    meter, now = Meter(dataclasses.replace(limits, margin_s=margin)), START
    bucket = meter.rates[0].spec.bucket
    ahead = limits.requests_per_minute - bucket.burst  # what the server states more than its burst
    unaware = Meter(meter.limits)
    events: list[tuple[int, int, int]] = []
    for number, (pause, delay, answer_s) in enumerate(script):
        now += pause
        arrives = now + int(delay * margin * 1e9)
        events += [(now, 0, number), (arrives, 1, number), (arrives + int(answer_s * 1e9), 2, number)]
    takes, left, tat = {}, {}, 0
    for at, what, number in sorted(events):
        if what == 0 and meter.wait(at, Cost.of()) == 0:
            meter.take(at, Cost.of())
            unaware.take(at, Cost.of())
            takes[number] = meter.latest[-1]
        elif what == 1 and number in takes:
            tat = bucket.commit(tat, at, 1)
            left[number] = int(bucket.level(tat, at)) + ahead
        elif what == 2 and number in takes:
            meter.observe(at, takes[number], [Observation(Kind.REQUESTS, remaining=left[number])], calm=False)
            missing = (meter.rates[0].tat - unaware.rates[0].tat) / bucket.interval_ns
            assert missing <= 1 + margin * 1e9 / bucket.interval_ns + 1e-6


def test_an_answer_that_took_long_tells_of_the_time_when_the_call_came() -> None:
    meter = Meter(Limits(60))
    meter.take(START, Cost.of())
    meter.observe(
        START + 20 * SECOND, meter.latest[-1], [Observation(Kind.REQUESTS, remaining=5)], calm=False
    )
    assert burst(meter, START + 20 * SECOND) == 25


def test_a_call_that_never_left_cannot_raise_what_the_server_stated_without_it() -> None:
    meter = Meter(Limits(60))
    unsent, _answered = meter.take(START, Cost.of(5)), meter.take(START, Cost.of())
    meter.observe(START, meter.latest[-1], [Observation(Kind.REQUESTS, remaining=10)], calm=False)
    meter.settle(START, unsent, Cost.of(5), NOTHING)
    assert level(meter, START) == pytest.approx(10)
    later = meter.take(START, Cost.of(4))
    meter.settle(START, later, Cost.of(4), NOTHING)
    assert level(meter, START) == pytest.approx(10)


def test_refusals_lower_the_calls_in_flight_as_well() -> None:
    meter, now = Meter(Limits(60, max_in_flight=8)), START
    assert meter.most_in_flight() == 8
    for _ in range(12):
        now += 10 * SECOND
        meter.refuse(now, meter.take(now, Cost.of()), 0.1, "429", 0.0)
    assert meter.most_in_flight() == 1
    meter.recover(now + 30 * MINUTE)
    assert meter.most_in_flight() == 8


def test_an_answer_from_before_the_limits_were_changed_is_ignored() -> None:
    meter = Meter(Limits(60, tokens_per_minute=100))
    meter.take(START, Cost.of(1, 5))
    take = meter.latest[-1]
    meter.reconfigure(START, Limits(60, input_tokens_per_minute=100, output_tokens_per_minute=100))
    said = [Observation(kind, remaining=1) for kind in Kind]
    meter.observe(START, take, said, calm=False)
    assert burst(meter, START) == 59


def test_a_higher_figure_counts_only_when_calm_and_said_twice() -> None:
    meter = Meter(Limits(60))
    for _ in range(30):
        meter.take(START, Cost.of())

    def answer(left: int, *, calm: bool) -> float:
        meter.take(START, Cost.of())
        meter.observe(START, meter.latest[-1], [Observation(Kind.REQUESTS, remaining=left)], calm=calm)
        return level(meter, START)

    assert answer(55, calm=False) == pytest.approx(29)
    assert answer(54, calm=False) == pytest.approx(28)
    assert answer(53, calm=True) == pytest.approx(27)
    assert answer(52, calm=True) == pytest.approx(52)
    assert answer(30, calm=True) == pytest.approx(30)
    assert answer(55, calm=True) == pytest.approx(29)
    assert answer(90, calm=True) == pytest.approx(60), "never above the burst"


@given(st.data())
def test_answers_in_any_order_and_twice_never_raise_above_the_truth(data: st.DataObject) -> None:
    """The server's bucket is the truth; others take from it too; answers come back shuffled and doubled."""
    limits = Limits(60)
    ours, server = Meter(limits), Meter(limits)
    now, answers = START, []
    for _ in range(data.draw(st.integers(1, 25))):
        now += data.draw(st.sampled_from([0, 0, SECOND // 3, 7 * SECOND]))
        if ours.wait(now, Cost.of()) == 0 and level(server, now) >= 2:
            if data.draw(st.booleans()):
                server.take(now, Cost.of())
            ours.take(now, Cost.of())
            server.take(now, Cost.of())
            answers.append((ours.latest[-1], int(level(server, now))))
    order = data.draw(st.permutations(answers + answers))
    for take, left in order:
        before = level(ours, now)
        ours.observe(now, take, [Observation(Kind.REQUESTS, remaining=left)], calm=True)
        assert level(ours, now) <= max(before, level(server, now)) + 1e-6


@given(
    st.sampled_from([None, -1, 0, True, 10**30, 1.5, "7", float("nan")]),
    st.sampled_from([None, -7, 10**30, "x"]),
)
def test_garbage_in_headers_is_as_if_it_were_not_there(remaining: int | None, limit: int | None) -> None:
    meter = Meter(Limits(60, tokens_per_minute=100))
    meter.take(START, Cost.of(1, 5))
    said = [Observation(kind, limit, None if remaining == 0 else remaining, -4.0) for kind in Kind]
    meter.observe(START, meter.latest[-1], said, calm=True)
    assert burst(meter, START) == 59
    assert meter.stated == {}


def test_a_stated_limit_below_ours_takes_effect_and_is_shown() -> None:
    meter = Meter(Limits(60, tokens_per_minute=1000))
    meter.take(START, Cost.of(1, 100))
    meter.observe(START, meter.latest[-1], [Observation(Kind.REQUESTS, 20, 19)], calm=False)
    assert meter.stated == {Kind.REQUESTS: 20}
    assert meter.rates[0].spec.limit == 20
    assert burst(meter, START) == 19
    meter.take(START, Cost.of(1))
    meter.observe(START, meter.latest[-1], [Observation(Kind.REQUESTS, 500)], calm=False)
    assert meter.rates[0].spec.limit == 60
    assert meter.limits.requests_per_minute == 60


@pytest.mark.parametrize("ours", [100, 6_000, 1_000_000_000])
@pytest.mark.parametrize("margin", [0.0, 0.5, 10.0])
def test_a_low_limit_under_a_very_high_one_of_ours_leaves_what_the_server_says(
    ours: int, margin: float
) -> None:
    meter = Meter(Limits(ours, margin_s=margin))
    meter.take(START, Cost.of())
    meter.observe(START, meter.latest[-1], [Observation(Kind.REQUESTS, 20, 19)], calm=True)
    assert RateView.of(meter.facts()[0]).level(START) == pytest.approx(19, abs=1e-6)
    assert burst(meter, START) == 19


@settings(deadline=None)
@given(st.sampled_from([60, 60_000]), st.integers(1, 30), st.integers(0, SECOND))
def test_what_a_server_has_left_may_go_at_once(ours: int, left: int, after: int) -> None:
    meter = Meter(Limits(ours, margin_s=0.5))
    meter.take(START, Cost.of())
    now = START + after
    meter.observe(now, meter.latest[-1], [Observation(Kind.REQUESTS, 40, left)], calm=True)
    assert burst(meter, now) == left
    assert meter.wait(now, Cost.of()) == pytest.approx(MINUTE / 40 + SECOND / 2 - after, abs=100)


@settings(deadline=None)
@given(st.integers(0, 5_000), st.integers(1, 60), st.sampled_from([0.0, 0.5]))
def test_a_limit_that_the_server_has_lowered_is_at_most_used_up(
    used: int, stated: int, margin: float
) -> None:
    meter = Meter(Limits(6_000, margin_s=margin))
    for _ in range(used + 1):
        meter.take(START, Cost.of())
    meter.observe(START, meter.latest[-1], [Observation(Kind.REQUESTS, stated)], calm=False)
    left = RateView.of(meter.facts()[0]).level(START)
    assert left == pytest.approx(max(0, stated - used - 1), abs=0.01)
    assert meter.wait(START, Cost.of()) <= (MINUTE // stated) + 1 + int(margin * 1e9)


@settings(deadline=None)
@given(st.integers(1, 10_000), st.floats(0, 1), st.booleans())
def test_the_prudent_margin_costs_none_of_the_rate(limit: int, part: float, batch: bool) -> None:
    limits = Limits(limit, burst=max(1, int(part * limit))).with_prudent_margin()
    assert 0 <= limits.margin_s <= 0.5
    meter, now = Meter(limits), START
    spec = meter.rates[0].spec
    at_once = spec.bucket.burst - (spec.reserve if batch else 0)
    calls = min(at_once, 500) + 50
    meter.rates[0].tat = START + (at_once - calls + 50) * spec.bucket.interval_ns
    for _ in range(calls):
        now += meter.wait(now, Cost.of(), reserve=batch)
        meter.take(now, Cost.of())
    assert now - START <= 51 * spec.bucket.interval_ns + spec.margin_ns
