"""What time does to a quota: it brings units back, at its rate, whichever way the clock is set."""

from __future__ import annotations

import asyncio
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.quota.loop import VirtualLoop, run
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Limits, zone

SECOND = 1_000_000_000
LIMITS = [Limits(60), Limits(60, burst=1), Limits(60, burst=10), Limits(60, shape="strict")]

passing = st.integers(0, 20 * SECOND)
setting_back = st.sampled_from([0, 0, 1, SECOND, 3_600 * SECOND])


@given(st.sampled_from(LIMITS), st.lists(st.tuples(passing, setting_back), max_size=12))
def test_a_clock_that_goes_back_gives_neither_calls_nor_a_longer_wait(
    limits: Limits, script: list[tuple[int, int]]
) -> None:
    loop = VirtualLoop()
    limiter = Limiter("x", limits, clock=loop.clock)
    passed = went = 0
    for forward, back in script:
        loop.now_ns += forward
        passed += forward
        while limiter.try_acquire() is not None:
            went += 1
        assert went <= limits.burst_size + passed / SECOND + 1e-6
        wait = limiter.snapshot().next_in(loop.now_ns)
        loop.now_ns -= back
        assert limiter.try_acquire() is None, "no time has passed"
        assert limiter.snapshot().next_in(loop.now_ns) <= wait + 1e-6
    loop.close()


@pytest.mark.parametrize("back", [SECOND, 3_600 * SECOND])
def test_who_waits_while_the_clock_is_set_back_goes_when_he_would_have_gone(back: int) -> None:
    loop = VirtualLoop()
    limiter = Limiter("x", Limits(60, burst=1), clock=loop.clock)

    async def main() -> None:
        await limiter.acquire()
        begun = loop.time()
        waiting = [asyncio.ensure_future(limiter.acquire()) for _ in range(3)]
        await asyncio.sleep(0.5)
        loop.now_ns -= back
        await asyncio.gather(*waiting)
        assert loop.time() - begun == pytest.approx(3.5, abs=0.51)

    run(main(), loop)


@given(st.sampled_from(LIMITS), st.lists(passing, max_size=30), st.lists(passing, min_size=1, max_size=8))
def test_time_alone_never_lowers_what_a_snapshot_says_is_left(
    limits: Limits, pauses: list[int], later: list[int]
) -> None:
    loop = VirtualLoop()
    limiter = Limiter("x", limits, clock=loop.clock)
    for pause in pauses:
        loop.now_ns += pause
        before = limiter.snapshot().level(loop.now_ns)
        if limiter.try_acquire() is not None:
            assert limiter.snapshot().level(loop.now_ns) == pytest.approx(before - 1, abs=1e-6)
    shot, now = limiter.snapshot(), loop.now_ns
    levels = []
    for pause in [0, *later]:
        now += pause
        levels.append(shot.level(now))
        assert shot.level(now) == levels[-1], "to ask changes nothing"
        assert 0 <= shot.burst_now(now) <= limits.burst_size
    assert levels == sorted(levels)
    assert levels[-1] <= shot.capacity
    assert shot.level(now + int(shot.full_in(now) * 1e9) + 1) == pytest.approx(shot.capacity)
    loop.close()


def test_zones_are_known_where_the_machine_has_no_data_of_them() -> None:
    try:
        zoneinfo.reset_tzpath(to=[])
        zoneinfo.ZoneInfo.clear_cache()
        assert zone("America/Los_Angeles") is not None
    finally:
        zoneinfo.reset_tzpath()
