"""What an account makes of several limits, of what servers say, of refusals and of days."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.quota.model import Model
from tui.core.quota.absence import keep_to
from tui.core.quota.brake import pause_s
from tui.core.quota.day import DayCount, today
from tui.core.quota.limits import NOTHING, Cost, Kind, Limits
from tui.core.quota.meter import Meter
from tui.core.quota.observation import Observation
from tui.core.quota.rate import RateView

SECOND = 1_000_000_000
START = 1_000 * SECOND
MINUTE = 60 * SECOND

all_kinds = Limits(50, tokens_per_minute=1_000, input_tokens_per_minute=800, output_tokens_per_minute=400)


def level(meter: Meter, now: int, place: int = 0) -> float:
    rate = meter.rates[place]
    return rate.spec.bucket.level(rate.tat, now)


def burst(meter: Meter, now: int) -> int:
    """How many requests go at once, by taking them from a meter that is thrown away afterwards."""
    taken = 0
    while meter.wait(now, Cost.of()) == 0:
        meter.take(now, Cost.of())
        taken += 1
    return taken


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
