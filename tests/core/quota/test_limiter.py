"""The limiter on a virtual clock: order, times, cancelling, deadlines, holds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.core.quota.loop import VirtualLoop, run
from tui.core.quota.errors import Closed, LimitError, QueueFull, QuotaExhausted, TooLarge, WouldExceedDeadline
from tui.core.quota.ledger import LocalLedger
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Limits
from tui.core.quota.queue import Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui.core.quota.meter import Meter

SECOND = 1_000_000_000


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    if not loop.is_closed():
        loop.close()


def limiter_on(loop: VirtualLoop, limits: Limits, max_queue: int = 100) -> Limiter:
    return Limiter("test", limits, clock=loop.clock, max_queue=max_queue)


async def take(limiter: Limiter, loop: VirtualLoop, times: list[float], count: int = 1) -> None:
    start = loop.time()
    for _ in range(count):
        async with await limiter.acquire():
            times.append(round(loop.time() - start, 4))


def test_a_full_bucket_goes_at_once_and_then_at_its_rate(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60))
    times: list[float] = []
    run(take(limiter, loop, times, 63), loop)
    assert times == [0.0] * 60 + [1.0, 2.0, 3.0]


def test_the_original_defect_is_gone_no_interval_is_credited_twice(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(50))
    times: list[float] = []
    run(take(limiter, loop, times, 70), loop)
    assert len([at for at in times if 0 < at <= 24.001]) == 20


def test_strict_never_lets_more_than_the_limit_go_in_any_minute(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, shape="strict"))
    times: list[float] = []
    run(take(limiter, loop, times, 400), loop)
    for first, later in zip(times, times[60:], strict=False):
        assert later - first >= 60.0
    assert times[-1] <= 400 - 12 + 0.1 - 60 + 60


def test_waiters_go_in_order_and_the_snapshot_tells_when(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60))
    order: list[tuple[int, float]] = []

    async def one(number: int) -> None:
        async with await limiter.acquire():
            order.append((number, round(loop.time() - start, 3)))

    async def main() -> None:
        for _ in range(60):
            await limiter.acquire()
        tasks = [asyncio.ensure_future(one(number)) for number in range(5)]
        await asyncio.sleep(0)
        shot = limiter.snapshot()
        assert (shot.waiting, shot.in_flight) == (5, 60)
        assert shot.next_in(loop.now_ns) == pytest.approx(1.0)
        assert shot.eta(loop.now_ns) == pytest.approx(5.0)
        assert shot.level(loop.now_ns) == pytest.approx(0.0)
        await asyncio.gather(*tasks)

    start = loop.time()
    run(main(), loop)
    assert order == [(number, number + 1.0) for number in range(5)]


def test_cancelling_one_in_the_middle_lets_the_others_move_up(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, burst=1))
    order: list[tuple[int, float]] = []

    async def one(number: int) -> None:
        async with await limiter.acquire():
            order.append((number, round(loop.time() - start, 3)))

    async def main() -> None:
        tasks = [asyncio.ensure_future(one(number)) for number in range(4)]
        await asyncio.sleep(0)
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    start = loop.time()
    run(main(), loop)
    assert order == [(0, 0.0), (1, 1.0), (3, 2.0)]


def test_cancelling_in_the_tick_of_the_grant_gives_the_unit_back(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, burst=1))

    async def main() -> None:
        await limiter.acquire()
        waiting = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        limiter.snapshot()
        loop.call_at(loop.time() + 1.000001, waiting.cancel)
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert limiter.snapshot().in_flight == 1
        assert limiter.snapshot().next_in(loop.now_ns) == 0

    run(main(), loop)


def test_a_deadline_that_cannot_be_met_fails_at_once_and_changes_nothing(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, burst=1))

    async def main() -> None:
        await limiter.acquire()
        before = limiter.snapshot()
        with pytest.raises(WouldExceedDeadline, match=r"room for this call in 1\.0 s") as caught:
            await limiter.acquire(timeout=0.9)
        assert caught.value.eta == pytest.approx(1.0)
        assert limiter.snapshot() is before
        assert (await limiter.acquire(timeout=1.1)).waited_s == pytest.approx(1.0, abs=1e-5)

    run(main(), loop)


def test_try_acquire_does_not_pass_those_who_wait(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, burst=4))

    async def main() -> None:
        for _ in range(4):
            assert limiter.try_acquire() is not None
        assert limiter.try_acquire() is None
        big = asyncio.ensure_future(limiter.acquire(requests=4))
        await asyncio.sleep(2.5)
        assert limiter.try_acquire() is None
        assert (await big).waited_s == pytest.approx(4.0, abs=1e-5)

    run(main(), loop)


def test_interactive_goes_before_batch_and_finds_a_reserve(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, burst=10))

    async def main() -> None:
        taken = 0
        while limiter.try_acquire(priority=Priority.BATCH):
            taken += 1
        assert taken == 8
        batch = asyncio.ensure_future(limiter.acquire(priority=Priority.BATCH))
        await asyncio.sleep(0)
        assert (await limiter.acquire()).waited_s == 0
        assert (await limiter.acquire()).waited_s == 0
        await batch

    run(main(), loop)


def test_deadlines_move_with_a_clock_that_goes_back(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, burst=1))

    async def main() -> None:
        await limiter.acquire()
        waiting = asyncio.ensure_future(limiter.acquire(timeout=3.5))
        await asyncio.sleep(0)
        loop.now_ns -= 3600 * SECOND
        limiter.hold(60, "told to")
        with pytest.raises(WouldExceedDeadline):
            await waiting

    run(main(), loop)


def test_a_hold_keeps_everybody_back_until_its_end(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60))

    async def main() -> None:
        limiter.hold(48, "429")
        assert limiter.snapshot().hold_in(loop.now_ns) == pytest.approx(48)
        assert limiter.snapshot().next_in(loop.now_ns) == pytest.approx(48)
        assert limiter.snapshot().hold_reason == "429"
        assert (await limiter.acquire()).waited_s == pytest.approx(48, abs=1e-5)

    run(main(), loop)


class SlowLedger(LocalLedger):
    """Keeps each change 5 s later, as a server far away might."""

    def run(self, now: int, change: Callable[[Meter, int], None], done: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(
            5, lambda: super(SlowLedger, self).run(now + 5 * SECOND, change, done)
        )


def test_who_cannot_go_in_time_hears_it_at_once_though_a_timer_rings_meanwhile(loop: VirtualLoop) -> None:
    limits = Limits(6, burst=1)
    limiter = Limiter("x", limits, clock=loop.clock, ledger=SlowLedger(limits))

    async def main() -> float:
        (await limiter.acquire()).release()
        head = asyncio.get_running_loop().create_task(limiter.acquire())
        late = asyncio.get_running_loop().create_task(limiter.acquire(timeout=70))
        await asyncio.sleep(1)
        limiter.hold(100, "maintenance")
        limiter._due()
        began = loop.time()
        with pytest.raises(WouldExceedDeadline):
            await late
        took = loop.time() - began
        head.cancel()
        await asyncio.wait({head})
        await asyncio.sleep(20)  # until the ledger is done
        return took

    assert run(main(), loop) < 15


def test_after_a_hold_that_is_ended_early_one_goes_at_once_and_the_rest_slowly(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, shape="bucket"))

    async def main() -> None:
        (await limiter.acquire()).refuse(3600.0)
        limiter.resume()
        assert (await limiter.acquire()).waited_s == 0
        waited = (await limiter.acquire()).waited_s
        assert 1 <= waited < 2, "a second between calls, or a little more after the refusal"

    run(main(), loop)


def test_who_waits_can_be_sent_away_and_others_come_in(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, burst=1))

    async def main() -> None:
        await limiter.acquire()
        waiting = [asyncio.ensure_future(limiter.acquire()) for _ in range(3)]
        await asyncio.sleep(0)
        limiter.dismiss("The key was refused.")
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert [str(error) for error in found] == ["The key was refused."] * 3
        assert len({id(error) for error in found}) == 3
        assert limiter.snapshot().waiting == 0
        assert (await limiter.acquire()).waited_s == pytest.approx(1, abs=1e-5)

    run(main(), loop)


def test_a_long_hold_is_an_error_with_its_end_and_no_sleep(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, burst=1))

    async def main() -> None:
        await limiter.acquire()
        waiting = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        limiter.hold(86_400, "no credit left")
        with pytest.raises(QuotaExhausted, match="no credit left"):
            await waiting
        with pytest.raises(QuotaExhausted):
            await limiter.acquire()
        limiter.resume()
        await limiter.acquire()

    run(main(), loop)
    assert loop.now_ns < 1002 * SECOND


def test_in_flight_is_limited_whatever_the_rate_allows(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, max_in_flight=2))

    async def main() -> None:
        assert limiter.snapshot().places == 2
        first = await limiter.acquire()
        assert limiter.snapshot().places == 1
        _second = await limiter.acquire()
        assert limiter.snapshot().places == 0
        assert limiter.snapshot().in_flight_full
        third = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(7)
        assert not third.done()
        first.release()
        assert (await third).waited_s == pytest.approx(7)

    run(main(), loop)


def test_closing_wakes_everybody_with_a_typed_error(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, burst=1))

    async def main() -> None:
        tasks = [asyncio.ensure_future(limiter.acquire()) for _ in range(100)]
        await asyncio.sleep(0)
        limiter.close()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(isinstance(result, Closed) for result in results) == 99
        with pytest.raises(Closed):
            await limiter.acquire()

    run(main(), loop)


def test_the_queue_is_bounded(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, burst=1), max_queue=2)

    async def main() -> None:
        await limiter.acquire()
        tasks = [asyncio.ensure_future(limiter.acquire()) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(QueueFull, match="2 calls are waiting"):
            await limiter.acquire()
        await asyncio.gather(*tasks)

    run(main(), loop)


def test_what_can_never_go_is_refused_at_once(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60, tokens_per_minute=1000))

    async def main() -> None:
        before = limiter.snapshot()
        with pytest.raises(TooLarge, match="1,500 tokens per minute, but the limit is 1,000"):
            await limiter.acquire(input_tokens=1000, output_tokens=500)
        with pytest.raises(TooLarge):
            limiter.try_acquire(requests=61)
        with pytest.raises(LimitError, match="input_tokens must be"):
            await limiter.acquire(input_tokens=-1)
        assert limiter.snapshot() is before, "nothing was taken of any limit"

    run(main(), loop)


@pytest.mark.parametrize("figure", [0, -1, True, 1.5, float("nan"), float("inf"), "5", 10**40])
def test_impossible_figures_are_refused_by_name(figure: int) -> None:
    with pytest.raises(LimitError, match="requests_per_minute must be a whole number from 1"):
        Limits(figure)
    with pytest.raises(LimitError, match="max_in_flight must be"):
        Limits(50, max_in_flight=figure)
    with pytest.raises(LimitError, match="requests must be"):
        Limiter("test", Limits(50)).try_acquire(requests=figure)


def test_new_limits_keep_what_was_used_and_who_waits(loop: VirtualLoop) -> None:
    limiter = limiter_on(loop, Limits(60))

    async def main() -> None:
        for _ in range(60):
            limiter.try_acquire()
        waiting = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        limiter.reconfigure(Limits(120))
        assert (await waiting).waited_s == 0
        assert limiter.snapshot().level(loop.now_ns) == pytest.approx(59)

    run(main(), loop)
