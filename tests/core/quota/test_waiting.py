"""Who goes when: the laws of the queue, on a virtual clock."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.quota.loop import VirtualLoop, run
from tests.core.quota.model import MINUTE, Model, most_in_any
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Limits
from tui.core.quota.queue import Priority

SECOND = 1_000_000_000
SHAPES = [Limits(60), Limits(60, burst=1), Limits(60, burst=12), Limits(60, shape="strict")]


@dataclass
class Ask:
    at: float
    cost: int = 1
    priority: Priority = Priority.INTERACTIVE
    cancel_after: float | None = None


def play(limits: Limits, asks: list[Ask]) -> list[float | None]:
    """Return when each was granted (seconds from the start), None for those cancelled before."""
    loop = VirtualLoop()
    limiter = Limiter("x", limits, clock=loop.clock)
    start = loop.now_ns
    granted: list[float | None] = [None] * len(asks)

    async def one(number: int, ask: Ask) -> None:
        await asyncio.sleep(ask.at)
        waiting = limiter.acquire(requests=ask.cost, priority=ask.priority)
        grant = await (waiting if ask.cancel_after is None else asyncio.wait_for(waiting, ask.cancel_after))
        granted[number] = (loop.now_ns - start) / 1e9
        grant.release()

    async def everyone() -> None:
        await asyncio.gather(*(one(*item) for item in enumerate(asks)), return_exceptions=True)

    run(everyone(), loop)
    return granted


pauses = st.one_of(st.just(0.0), st.floats(0, 3), st.floats(0, 90))
scripts = st.lists(st.tuples(pauses, st.integers(1, 14)), min_size=1, max_size=40)


def asks_of(script: list[tuple[float, int]]) -> list[Ask]:
    at, asks = 0.0, []
    for pause, cost in script:
        at += pause + 1e-5  # the order of calls of the very same moment is the loop's affair
        asks.append(Ask(at, cost))
    return asks


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SHAPES), scripts)
def test_every_call_goes_in_order_and_at_the_moment_of_the_exact_model(
    limits: Limits, script: list[tuple[float, int]]
) -> None:
    asks = asks_of(script)
    granted = play(limits, asks)
    model = Model(MINUTE // 60, limits.burst_size, 60 if limits.shape == "strict" else None)
    now = 0
    for place, (ask, at) in enumerate(zip(asks, granted, strict=True)):
        now = max(now, int(ask.at * 1e9))
        model.advance(now)
        now = model.go_at(ask.cost)
        model.advance(now)
        model.take(ask.cost)
        assert at == pytest.approx(now / 1e9, abs=5e-6 * (place + 1))


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(SHAPES), scripts, st.sets(st.integers(0, 39)), st.floats(0.01, 20))
def test_who_gives_up_makes_nobody_later(
    limits: Limits, script: list[tuple[float, int]], leavers: set[int], patience: float
) -> None:
    patient, hasty = asks_of(script), asks_of(script)
    for place in leavers & set(range(len(hasty))):
        hasty[place].cancel_after = patience
    with_them, without = play(limits, patient), play(limits, hasty)
    for place, (late, early) in enumerate(zip(with_them, without, strict=True)):
        if place not in leavers and late is not None:
            assert early is not None
            assert early <= late + 1e-4


@pytest.mark.parametrize("limits", SHAPES)
def test_saturated_it_uses_99_percent_of_ten_minutes(limits: Limits) -> None:
    granted = [at for at in play(limits, [Ask(0.0)] * 700) if at is not None and at < 600]
    assert len(granted) >= 0.99 * 600
    if limits.shape == "strict":
        assert most_in_any(MINUTE, [(round(at * 1e9), 1) for at in granted]) <= 60
        gaps = [later - at for at, later in pairwise(granted)]
        assert max(gaps) <= 12 + 1e-3


def test_a_big_call_is_served_under_endless_small_load() -> None:
    asks = [Ask(at / 10) for at in range(900)]
    asks.insert(100, Ask(10.0, 60))
    granted = play(Limits(60), asks)
    ahead = granted[99]
    assert ahead is not None
    assert granted[100] is not None
    assert granted[100] <= ahead + 60 + 1 + 1e-3


@pytest.mark.parametrize("limits", SHAPES[2:])
def test_interactive_waits_an_interval_at_most_behind_endless_batch(limits: Limits) -> None:
    batch = [Ask(0.0, priority=Priority.BATCH) for _ in range(400)]
    people = [Ask(7.3 + 10 * turn) for turn in range(25)]
    granted = play(limits, [*batch, *people])
    for ask, at in zip(people, granted[400:], strict=True):
        assert at is not None
        assert at - ask.at <= 1.0 + 1e-3


def test_batch_is_not_starved_by_endless_interactive_load() -> None:
    people = [Ask(turn / 4) for turn in range(1200)]
    batch = [Ask(10.0, 5, Priority.BATCH), Ask(10.01, 1, Priority.BATCH)]
    granted = play(Limits(60, burst=12), [*people, *batch])
    assert granted[-2] is not None
    assert granted[-1] is not None
    assert 35 <= granted[-2] <= 10 + 30 + 5 + 1e-3
    assert granted[-1] <= granted[-2] + 30 + 1 + 1e-3


def test_nobody_slips_past_a_batch_call_that_has_waited_long_enough() -> None:
    loop = VirtualLoop()
    limiter = Limiter("x", Limits(60, burst=40), clock=loop.clock)

    async def main() -> None:
        while limiter.try_acquire():
            pass
        batch = asyncio.ensure_future(limiter.acquire(requests=40, priority=Priority.BATCH))
        await asyncio.sleep(29.5)
        assert limiter.try_acquire() is not None
        await asyncio.sleep(1)
        assert limiter.try_acquire() is None
        person = asyncio.ensure_future(limiter.acquire())
        assert (await batch).waited_s == pytest.approx(41, abs=1e-3)
        assert (await person).waited_s == pytest.approx(11.5, abs=1e-3)

    run(main(), loop)


def test_a_thousand_waiters_cost_next_to_nothing_while_nothing_may_go() -> None:
    loop = VirtualLoop()
    limiter = Limiter("x", Limits(50, burst=1), clock=loop.clock)

    async def main() -> None:
        limiter.hold(100, "quiet")
        tasks = [asyncio.ensure_future(limiter.acquire()) for _ in range(1000)]
        await asyncio.sleep(0)
        before = loop.timers
        await asyncio.sleep(60)
        assert loop.timers - before <= 2 * 60
        limiter.close()
        assert len(await asyncio.gather(*tasks, return_exceptions=True)) == 1000

    run(main(), loop)


def test_one_timer_a_grant() -> None:
    loop = VirtualLoop()
    limiter = Limiter("x", Limits(6000, burst=1), clock=loop.clock)

    async def one() -> None:
        async with await limiter.acquire():
            pass

    async def main() -> None:
        await asyncio.gather(*(one() for _ in range(1000)))

    run(main(), loop)
    assert loop.timers <= 1001


def test_twenty_who_give_up_leave_the_next_one_its_turn() -> None:
    asks = [Ask(0.0), *(Ask(0.001, cancel_after=0.5) for _ in range(20)), Ask(0.6)]
    granted = play(Limits(60, burst=1), asks)
    assert granted[-1] == pytest.approx(1.0, abs=1e-3)


def test_a_clock_that_jumps_an_hour_ahead_lets_one_burst_go() -> None:
    loop = VirtualLoop()
    limiter = Limiter("x", Limits(60, burst=12), clock=loop.clock)

    async def main() -> None:
        while limiter.try_acquire():
            pass
        tasks = [asyncio.ensure_future(limiter.acquire()) for _ in range(50)]
        await asyncio.sleep(0)
        loop.now_ns += 3600 * SECOND
        await asyncio.sleep(5.1)
        assert sum(task.done() for task in tasks) <= 12 + 5
        limiter.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    run(main(), loop)


def test_many_threads_read_the_gauge_while_it_changes() -> None:
    loop = VirtualLoop()
    limiter = Limiter("x", Limits(6000, shape="strict"), clock=loop.clock)

    def look() -> int:
        for _ in range(300):
            shot = limiter.snapshot()
            now = loop.now_ns
            assert 0 <= shot.in_flight <= 1
            assert -1 <= shot.level(now) <= shot.capacity
            assert shot.eta(now) >= 0
        return 1

    async def one() -> None:
        async with await limiter.acquire():
            pass

    async def main() -> None:
        looking = [asyncio.to_thread(look) for _ in range(3)]
        working = asyncio.gather(*(one() for _ in range(1500)))
        readers = asyncio.gather(*looking)
        await working
        while not readers.done():  # noqa: ASYNC110, threads do not live in virtual time
            await asyncio.sleep(0.001)
        assert sum(readers.result()) == 3

    run(main(), loop)
