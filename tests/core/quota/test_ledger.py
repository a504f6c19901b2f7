"""The shared file: the limiters on it count as one, whatever happens to file, clock or machine."""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from tests.core.quota.ledgers import SECOND, SHAPES, START, open_limiter, take_all
from tests.core.quota.loop import VirtualLoop, run
from tests.core.quota.model import MINUTE, Model, most_in_any
from tui.core.quota.errors import QuotaExhausted, WouldExceedDeadline
from tui.core.quota.grant import Grant
from tui.core.quota.limits import Kind, Limits
from tui.core.quota.observation import Observation
from tui.core.quota.queue import Priority

if TYPE_CHECKING:
    from tui.core.quota.limiter import Limiter


@pytest.mark.parametrize("limits", SHAPES)
def test_four_on_one_file_stay_within_one_limit_and_share_it_evenly(limits: Limits, tmp_path: Path) -> None:
    loop = VirtualLoop()
    limiters = [open_limiter(loop, tmp_path / "limits.db", limits) for _ in range(4)]
    grants: list[tuple[int, int]] = []
    order: dict[int, list[int]] = {number: [] for number in range(4)}

    async def work(number: int, worker: int) -> None:
        while loop.now_ns < START + 300 * SECOND:
            grant = await limiters[number].acquire()
            grants.append((loop.now_ns, number))
            order[number].append(worker)
            grant.release()

    async def main() -> None:
        tasks = [asyncio.ensure_future(work(number, worker)) for number in range(4) for worker in range(5)]
        await asyncio.sleep(300)
        for limiter in limiters:
            limiter.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    run(main(), loop)
    times = [(at, 1) for at, _ in grants]
    for first in range(len(times)):
        for last in range(first, min(len(times), first + 200)):
            assert (last - first + 1 - limits.burst_size) * SECOND <= times[last][0] - times[first][0]
    if limits.shape == "strict":
        assert most_in_any(MINUTE, times) <= 60
    assert len(grants) >= 0.99 * 300
    went = [number for _, number in grants]
    for number in range(4):
        assert went.count(number) == pytest.approx(len(went) / 4, rel=0.15)
        turns = order[number][-25:]
        assert turns == turns[:5] * 5, "first come, first served in each process"


@pytest.mark.parametrize("limits", [Limits(60), Limits(60, burst=4), Limits(60, shape="strict")])
@pytest.mark.parametrize("seed", range(4))
def test_a_server_never_refuses_what_three_processes_send(limits: Limits, seed: int) -> None:
    chance = Random(seed)
    loop = VirtualLoop()
    margin = 0.8
    arrivals: list[int] = []
    with TemporaryDirectory() as folder:
        ours = dataclasses.replace(limits, margin_s=margin)
        limiters = [open_limiter(loop, Path(folder) / "limits.db", ours) for _ in range(3)]

        async def work(limiter: Limiter) -> None:
            for _ in range(30):
                await asyncio.sleep(chance.choice([0, 0, 0, 0.3, 3.0, 20.0]))
                grant = await limiter.acquire()
                arrivals.append(
                    loop.now_ns + int(chance.choice([0.0, 1.0, chance.random()]) * 0.99 * margin * 1e9)
                )
                grant.release()

        async def main() -> None:
            await asyncio.gather(*(work(limiter) for limiter in limiters for _ in range(2)))
            for limiter in limiters:
                limiter.close()

        run(main(), loop)
    server = Model(SECOND, limits.burst_size, 60 if limits.shape == "strict" else None, now=START)
    for at in sorted(arrivals):
        server.advance(at)
        assert server.may(1)
        server.take(1)


@pytest.mark.parametrize("margin", [0.0, 0.5])
def test_the_end_of_a_hold_before_its_time_frees_everybody_at_once(tmp_path: Path, margin: float) -> None:
    loop = VirtualLoop()
    limits = Limits(60, margin_s=margin)
    one, other = (open_limiter(loop, tmp_path / "limits.db", limits) for _ in range(2))

    async def main() -> None:
        assert take_all(one) == 60
        one.hold(100, "told to")
        waiting = asyncio.ensure_future(other.acquire())
        await asyncio.sleep(3)
        one.resume()
        other.refresh()
        assert (await waiting).waited_s == pytest.approx(3, abs=0.01)
        assert take_all(one) == (2 if margin == 0 else 1)
        one.close()
        other.close()

    run(main(), loop)


def test_the_slow_start_after_a_refusal_of_one_process_is_brought_forward_by_another(tmp_path: Path) -> None:
    loop = VirtualLoop()
    one, other = (open_limiter(loop, tmp_path / "limits.db", Limits(60)) for _ in range(2))

    async def main() -> None:
        (await one.acquire()).refuse(100, "429")
        other.resume()
        assert (take_all(other), take_all(one)) == (1, 0)
        one.close()
        other.close()

    run(main(), loop)


def test_all_requests_of_a_day_go_and_no_more(tmp_path: Path) -> None:
    loop = VirtualLoop()
    limits = Limits(60, burst=1, requests_per_day=5)
    limiters = [open_limiter(loop, tmp_path / "limits.db", limits) for _ in range(2)]

    async def main() -> None:
        calls = [limiter.acquire() for limiter in limiters for _ in range(4)]
        found = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(isinstance(one, Grant) for one in found) == 5
        assert sum(isinstance(one, QuotaExhausted) for one in found) == 3
        for limiter in limiters:
            limiter.refresh()
            assert limiter.snapshot().day_left(loop.now_ns) == 0
            limiter.close()

    run(main(), loop)


def test_giving_up_a_big_call_frees_the_small_ones_of_other_processes(tmp_path: Path) -> None:
    loop = VirtualLoop()
    limits = Limits(60, tokens_per_minute=600)
    one, other = (open_limiter(loop, tmp_path / "limits.db", limits) for _ in range(2))

    async def main() -> None:
        assert one.try_acquire(input_tokens=600) is not None
        big = asyncio.ensure_future(one.acquire(input_tokens=500))
        await asyncio.sleep(2)
        assert other.try_acquire(input_tokens=15) is None, "it does not pass the big one"
        big.cancel()
        await asyncio.gather(big, return_exceptions=True)
        assert other.try_acquire(input_tokens=15) is not None
        other.refresh()
        assert other.snapshot().level(loop.now_ns) == pytest.approx(59)
        one.close()
        other.close()

    run(main(), loop)


def test_places_kept_too_long_do_not_add_up_to_a_burst(tmp_path: Path) -> None:
    loop = VirtualLoop()
    limits = Limits(60, burst=1, max_in_flight=2)
    one, other = (open_limiter(loop, tmp_path / "limits.db", limits) for _ in range(2))
    times: list[float] = []

    async def call(limiter: Limiter) -> None:
        (await limiter.acquire()).release()
        times.append(loop.time())

    async def main() -> None:
        grant = await one.acquire()
        blocking = asyncio.ensure_future(other.acquire())
        await asyncio.sleep(0.1)
        tasks = [asyncio.ensure_future(call(limiter)) for limiter in (one, one, other)]
        await asyncio.sleep(20)
        grant.release()
        (await blocking).release()
        await asyncio.gather(*tasks)
        one.close()
        other.close()

    run(main(), loop)
    assert all(later - at >= 0.999 for at, later in pairwise(sorted(times)))


def test_what_one_does_the_others_see(tmp_path: Path) -> None:
    loop = VirtualLoop()
    limits = Limits(60, tokens_per_minute=1000, max_in_flight=3)
    one, other = (open_limiter(loop, tmp_path / "limits.db", limits) for _ in range(2))

    async def main() -> None:
        grant = await one.acquire(input_tokens=100, output_tokens=100)
        other.refresh()
        shot = other.snapshot()
        assert shot.source == "shared"
        assert shot.level(loop.now_ns) == pytest.approx(59)
        assert shot.rates[1].level(loop.now_ns) == pytest.approx(800)
        assert shot.in_flight == 1
        grant.settle(output_tokens=20)
        grant.observe(Observation(Kind.REQUESTS, 40, 20))
        grant.release()
        other.refresh()
        shot = other.snapshot()
        assert shot.in_flight == 0
        assert shot.stated == {Kind.REQUESTS: 40}
        assert shot.level(loop.now_ns) == pytest.approx(20)
        assert shot.rates[1].level(loop.now_ns) == pytest.approx(880)
        await asyncio.sleep(2)
        assert other.snapshot().age(loop.now_ns) == pytest.approx(2)
        one.hold(60, "told to")
        other.refresh()
        assert other.snapshot().hold_reason == "told to"
        assert other.try_acquire() is None
        one.close()
        other.close()

    run(main(), loop)


def test_the_eta_counts_the_turns_of_other_processes(tmp_path: Path) -> None:
    loop = VirtualLoop()
    limiters = [open_limiter(loop, tmp_path / "limits.db", Limits(60, burst=1)) for _ in range(3)]

    async def one(limiter: Limiter) -> None:
        (await limiter.acquire()).release()

    async def main() -> None:
        await limiters[0].acquire()
        tasks = [asyncio.ensure_future(one(limiter)) for _ in range(10) for limiter in limiters]
        await asyncio.sleep(3.5)
        left = [task for task in tasks[0::3] if not task.done()]
        limiters[0].refresh()
        expected = limiters[0].snapshot().eta(loop.now_ns)
        before = loop.time()
        await asyncio.gather(*left)
        assert loop.time() - before == pytest.approx(expected, abs=3.1)
        assert limiters[0].snapshot().source == "shared"
        await asyncio.gather(*tasks)
        for limiter in limiters:
            limiter.close()

    run(main(), loop)


def test_a_refusal_of_one_holds_all_and_nobody_bursts_afterwards(tmp_path: Path) -> None:
    loop = VirtualLoop()
    limits = Limits(60, burst=10)
    limiters = [open_limiter(loop, tmp_path / "limits.db", limits) for _ in range(4)]
    times: list[int] = []

    async def one(limiter: Limiter) -> None:
        (await limiter.acquire()).release()
        times.append(loop.now_ns)

    async def main() -> None:
        grant = await limiters[0].acquire()
        for limiter in limiters:
            take_all(limiter)
        tasks = [asyncio.ensure_future(one(limiter)) for limiter in limiters for _ in range(5)]
        await asyncio.sleep(0.5)
        refused_at = loop.now_ns
        grant.refuse(10)
        await asyncio.gather(*tasks)
        assert min(times) >= refused_at + 10 * SECOND
        for count, at in enumerate(sorted(times)):
            assert at - min(times) >= (count - 1) * SECOND
        for limiter in limiters:
            limiter.close()

    run(main(), loop)


def test_calls_in_flight_are_limited_over_all_and_a_dead_process_is_forgotten(tmp_path: Path) -> None:
    loop = VirtualLoop()
    limits = Limits(600, max_in_flight=2)
    one, other = (open_limiter(loop, tmp_path / "limits.db", limits) for _ in range(2))

    async def main() -> None:
        first, _lost = await one.acquire(), await one.acquire()
        waiting = asyncio.ensure_future(other.acquire())
        await asyncio.sleep(3)
        assert not waiting.done()
        first.release()
        assert (await waiting).waited_s <= 3.3
        one.close()
        waiting = asyncio.ensure_future(other.acquire())
        await asyncio.sleep(0)
        assert (await waiting).waited_s <= 31
        other.close()

    run(main(), loop)


def test_a_beat_tells_the_others_once_that_a_call_has_ended(tmp_path: Path) -> None:
    loop = VirtualLoop()
    one, other = (open_limiter(loop, tmp_path / "limits.db", Limits(600)) for _ in range(2))

    def seen() -> int:
        other.refresh()
        return other.snapshot().in_flight

    async def main() -> None:
        first = await one.acquire()
        assert seen() == 1
        first.release()
        assert seen() == 1, "the end of a call is written with the next change"
        one.beat()
        assert seen() == 0
        one.beat()
        assert not other._ledger.refresh(), "there was nothing to tell"
        second = await one.acquire()
        locked = sqlite3.connect(tmp_path / "limits.db", isolation_level=None)
        locked.execute("BEGIN IMMEDIATE")
        third = await one.acquire()
        assert one.snapshot().source == "local"
        second.release()
        third.release()
        one.beat()
        locked.execute("COMMIT")
        assert seen() == 1, "it was said where nobody hears it"
        await asyncio.sleep(2)
        one.beat()
        assert one.snapshot().source == "shared"
        assert seen() == 0
        for limiter in (one, other):
            limiter.close()
        locked.close()

    run(main(), loop)


def test_who_gives_up_a_place_leaves_it_to_the_next(tmp_path: Path) -> None:
    loop = VirtualLoop()
    limiter = open_limiter(loop, tmp_path / "limits.db", Limits(60, burst=1))

    async def main() -> None:
        await limiter.acquire()
        tasks = [asyncio.ensure_future(limiter.acquire()) for _ in range(20)]
        await asyncio.sleep(0.5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (await limiter.acquire()).waited_s == pytest.approx(0.5, abs=1e-3)
        with pytest.raises(WouldExceedDeadline):
            await limiter.acquire(timeout=0.5)
        batch = asyncio.ensure_future(limiter.acquire(priority=Priority.BATCH))
        await asyncio.sleep(0.1)
        assert (await limiter.acquire()).waited_s == pytest.approx(0.9, abs=1e-3)
        await batch
        limiter.close()

    run(main(), loop)


@pytest.mark.parametrize("priority", list(Priority))
def test_who_has_a_place_already_is_not_counted_once_more_before_a_newcomer(
    tmp_path: Path, priority: Priority
) -> None:
    loop = VirtualLoop()
    limiter = open_limiter(loop, tmp_path / "limits.db", Limits(60, burst=1))

    async def main() -> None:
        await limiter.acquire()
        before = [asyncio.ensure_future(limiter.acquire(priority=priority)) for _ in range(3)]
        await asyncio.sleep(0.5)
        with pytest.raises(WouldExceedDeadline, match=r"room for this call in 3\.5 s"):
            await limiter.acquire(timeout=3.4, priority=priority)
        assert (await limiter.acquire(timeout=3.6, priority=priority)).waited_s == pytest.approx(3.5, abs=0.1)
        await asyncio.gather(*before)
        limiter.close()

    run(main(), loop)
