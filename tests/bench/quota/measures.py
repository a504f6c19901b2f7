"""What is measured of each limiter, in real time."""

from __future__ import annotations

import asyncio
import statistics
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.quota.contenders import Contender

    Make = Callable[[int, float], Contender]


async def microseconds(make: Make) -> str:
    """One acquire (and release) with room for all, the median of nine rounds."""
    limiter, rounds = make(1_000_000, 60.0), []
    for _ in range(9):
        started = time.perf_counter()
        for _ in range(500):
            await limiter.acquire()
        rounds.append((time.perf_counter() - started) / 500 * 1e6)
    return f"{statistics.median(rounds):.1f}"


async def efficiency(make: Make) -> tuple[str, str, str]:
    """A thousand waiters at 200/s: percent of the ideal 4 s, whether in order, timers a grant."""
    limiter, order = make(200, 1.0), []

    async def one(number: int) -> None:
        await limiter.acquire()
        order.append(number)

    timers = count_timers()
    started = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(1000)))
    took = time.perf_counter() - started
    inversions = sum(later < earlier for earlier, later in pairwise(order))
    return f"{400 / took:.1f}", "yes" if not inversions else f"no ({inversions})", f"{timers() / 1000:.2f}"


async def idle(make: Make) -> tuple[str, str]:
    """A thousand waiters at 50 a minute for 4 s, with nothing to do: percent of a core, timers a second."""
    limiter = make(50, 60.0)
    tasks = [asyncio.ensure_future(limiter.acquire()) for _ in range(1000)]
    await asyncio.sleep(0.5)
    timers, cpu = count_timers(), time.process_time()
    await asyncio.sleep(4)
    cpu = time.process_time() - cpu
    found = f"{cpu / 4 * 100:.1f}", f"{(timers() - 1) / 4:.0f}"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return found


async def bursts(make: Make) -> tuple[str, str]:
    """Twenty workers at 50/s for 8 s: most in any second (of the first two, later), percent of 50/s + 50."""
    limiter, went = make(50, 1.0), []
    started = time.perf_counter()

    async def worker() -> None:
        while True:
            await limiter.acquire()
            went.append(time.perf_counter() - started)

    tasks = [asyncio.ensure_future(worker()) for _ in range(20)]
    await asyncio.sleep(8)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    went = [at for at in went if at < 8]
    most = [max((sum(at <= x < at + 1 for x in part) for at in part), default=0) for part in split(went)]
    return f"{most[0]} / {most[1]}", f"{len(went) / 450 * 100:.0f}"


async def after_draining(make: Make) -> str:
    """Grants in the 24 s after the first 50, at 50 a minute; 20 is ideal."""
    limiter, went = make(50, 60.0), 0
    for _ in range(50):
        await limiter.acquire()

    async def more() -> None:
        nonlocal went
        while True:
            await limiter.acquire()
            went += 1

    task = asyncio.ensure_future(more())
    await asyncio.sleep(24.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return str(went)


async def big(make: Make) -> str:
    """Seconds until a call of ten units goes against ten greedy ones of one unit, at 20/s."""
    limiter = make(20, 1.0)

    async def greedy() -> None:
        while True:
            await limiter.acquire()

    tasks = [asyncio.ensure_future(greedy()) for _ in range(10)]
    await asyncio.sleep(1.5)
    started = time.perf_counter()
    try:
        await asyncio.wait_for(limiter.acquire(10), 5)
        found = f"{time.perf_counter() - started:.2f}"
    except TimeoutError:
        found = "> 5"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return found


async def while_another_waits(make: Make) -> tuple[str, str]:
    """Milliseconds for the gauge, and for a call that must not wait, while another call waits."""
    limiter = make(50, 60.0)
    for _ in range(50):
        await limiter.acquire()
    waiting = asyncio.ensure_future(limiter.acquire())
    await asyncio.sleep(0.05)
    started = time.perf_counter()
    await limiter.look()
    gauge = time.perf_counter() - started
    started = time.perf_counter()
    try:
        found = await asyncio.wait_for(limiter.attempt(), 3)
    except TimeoutError:
        found = False
    attempt = time.perf_counter() - started
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    return f"{gauge * 1e3:.2f}", "-" if found is None else f"{attempt * 1e3:.2f}"


def split(went: list[float]) -> tuple[list[float], list[float]]:
    """Return the first two seconds, and what came after them."""
    return [at for at in went if at < 2], [at for at in went if at >= 2]


def count_timers() -> Callable[[], int]:
    """Count the timers that are set on the running loop from now on."""
    loop: Any = asyncio.get_running_loop()
    original, count = type(loop).call_at, 0

    def call_at(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        return original(loop, *args, **kwargs)

    loop.call_at = call_at
    return lambda: count
