"""Who goes next of several processes: nobody has more than another that waits, and nothing is lost by it."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.quota.ledgers import open_limiter
from tests.core.quota.loop import VirtualLoop, run
from tui.core.quota.limits import Limits
from tui.core.quota.turns import Turns, brought_back

if TYPE_CHECKING:
    from pathlib import Path

    from tui.core.quota.limiter import Limiter

SECOND = 1_000_000_000
MINUTE_S = 60.0
amounts = st.lists(st.integers(0, 10**12), min_size=1, max_size=6)


@given(amounts, st.integers(0, 10**13))
def test_time_brings_back_as_much_as_it_is_long_and_as_much_to_each(owed: list[int], elapsed: int) -> None:
    each = brought_back(owed, elapsed)
    paid = sum(min(debt, each) for debt in owed)
    if sum(owed) <= elapsed:
        assert paid == sum(owed)
    else:
        assert elapsed - len(owed) < paid <= elapsed


@given(amounts, st.lists(st.integers(0, 10**10), max_size=5))
def test_nobody_owes_less_than_nothing_and_the_order_stays(owed: list[int], pauses: list[int]) -> None:
    turns = Turns(owed[0], {str(place): debt for place, debt in enumerate(owed[1:])})
    for pause in pauses:
        before = turns.own
        ahead = turns.exceeds(turns.others, 0)
        turns.pass_time(turns.at + pause)
        assert 0 <= turns.own <= before
        assert ahead or not turns.exceeds(turns.others, 0)


class Sharers:
    """Processes on one file in virtual time, each with as many tasks as calls it always wants."""

    def __init__(self, path: Path, limits: Limits, count: int) -> None:
        self.loop = VirtualLoop()
        self.limiters = [open_limiter(self.loop, path / "limits.db", limits) for _ in range(count)]
        self.start = self.loop.now_ns
        self.went: list[tuple[float, int]] = []
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def now_s(self) -> float:
        return (self.loop.now_ns - self.start) / SECOND

    def counts(self, until_s: float = 1e9) -> Counter[int]:
        return Counter(number for at, number in self.went if at < until_s)

    def want(self, number: int, tasks: int = 5) -> None:
        async def one(limiter: Limiter) -> None:
            while True:
                grant = await limiter.acquire()
                self.went.append((self.now_s, number))
                await asyncio.sleep(0.01)
                grant.release()

        self._tasks += [asyncio.create_task(one(self.limiters[number])) for _ in range(tasks)]

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for limiter in self.limiters:
            limiter.close()


@pytest.mark.parametrize("limits", [Limits(20), Limits(50), Limits(40, burst=8), Limits(60, shape="strict")])
def test_who_comes_a_little_late_has_its_share_within_the_minute(limits: Limits, tmp_path: Path) -> None:
    sharers = Sharers(tmp_path, limits, 4)

    async def main() -> None:
        for number in range(4):
            sharers.want(number)
            await asyncio.sleep(0.003)
        await asyncio.sleep(MINUTE_S)
        await sharers.end()

    run(main(), sharers.loop)
    counts = sharers.counts(MINUTE_S)
    for number in range(4):
        assert counts[number] == pytest.approx(counts.total() / 4, rel=0.15)


def test_who_had_the_burst_alone_waits_for_the_others_but_not_for_ever(tmp_path: Path) -> None:
    sharers = Sharers(tmp_path, Limits(60), 3)

    async def main() -> None:
        sharers.want(0)
        await asyncio.sleep(1.5)
        assert sharers.counts()[0] == 61
        sharers.want(1)
        sharers.want(2)
        await asyncio.sleep(180)
        await sharers.end()

    run(main(), sharers.loop)
    own = [at for at, number in sharers.went if number == 0 and at > 2]
    assert max(later - at for at, later in zip([1.0, *own], own, strict=False)) <= 34
    assert sharers.counts(60)[0] <= 64
    assert sharers.counts()[0] == pytest.approx(80, abs=4), "in the end each has had a third"


@pytest.mark.parametrize("leaves", [True, False])
def test_yielding_to_who_leaves_or_dies_costs_nothing(leaves: bool, tmp_path: Path) -> None:
    sharers = Sharers(tmp_path, Limits(60), 2)

    async def main() -> None:
        sharers.want(0)
        await asyncio.sleep(5)
        other = asyncio.create_task(sharers.limiters[1].acquire())
        later = asyncio.create_task(sharers.limiters[1].acquire())
        await asyncio.sleep(1.5)
        assert other.done()
        before = sharers.counts()[0]
        if leaves:
            later.cancel()
        else:  # it still seems to wait, and holds a place that nobody will use
            sharers.limiters[1]._ledger.close()
        await asyncio.sleep(20)
        assert sharers.counts()[0] - before >= (20 if leaves else 19)
        later.cancel()
        await sharers.end()

    run(main(), sharers.loop)
