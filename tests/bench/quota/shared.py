"""The shared file under load: what a take costs alone, and what four processes do to each other."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tui.core.quota.clock import now_ns
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Limits
from tui.core.quota.sqlite_ledger import SqliteLedger

TICK_NS = 1_000_000
PROCESSES = 4


def limiter_on(path: Path, account: str, limits: Limits) -> Limiter:
    """Open the shared file for that account."""
    return Limiter("bench", limits, ledger=SqliteLedger(path, account, limits))


async def alone(path: Path) -> tuple[float, float]:
    """Return the median us of a take, and of a look at what others did."""
    limiter, took, looked = limiter_on(path, "alone", Limits(900_000_000)), [], []
    for _ in range(5_000):
        started = time.perf_counter_ns()
        (await limiter.acquire()).release()
        took.append(time.perf_counter_ns() - started)
        started = time.perf_counter_ns()
        limiter.refresh()
        looked.append(time.perf_counter_ns() - started)
    limiter.close()
    return statistics.median(took) / 1e3, statistics.median(looked) / 1e3


async def worker(path: Path, per_minute: int, burst: int, starts: int, ends: int) -> None:
    """Take as fast as the limit allows, with five tasks, and print what it was like."""
    limiter = limiter_on(path, f"crowd-{per_minute}", Limits(per_minute, burst=burst))
    took: list[int] = []
    went: list[int] = []
    stall = 0

    async def one() -> None:
        while now_ns() < ends:
            started = time.perf_counter_ns()
            grant = await limiter.acquire()
            took.append(time.perf_counter_ns() - started)
            went.append(now_ns())
            grant.release()
            await asyncio.sleep(0)

    async def watch() -> None:
        nonlocal stall
        while now_ns() < ends:
            before = now_ns()
            await asyncio.sleep(TICK_NS / 1e9)
            stall = max(stall, now_ns() - before - TICK_NS)

    await asyncio.sleep(max(0, starts - now_ns()) / 1e9)
    tasks = [asyncio.create_task(one()) for _ in range(5)] + [asyncio.create_task(watch())]
    await asyncio.sleep(max(0, ends - now_ns()) / 1e9)
    limiter.close()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps({"took": sorted(took)[:: max(1, len(took) // 1000)], "went": went, "stall": stall}))


def crowd(path: Path, per_minute: int, burst: int, length_s: float) -> list[dict[str, object]]:
    """Run four processes at the same time and return what each printed."""
    starts = now_ns() + 1_000_000_000
    job = [str(path), str(per_minute), str(burst), str(starts), str(starts + int(length_s * 1e9))]
    command = [sys.executable, "-m", "tests.bench.quota.shared", *job]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    return [json.loads(process.communicate()[0]) for process in running]


def report(folder: Path) -> str:
    """Return the table of the shared file."""
    took, looked = asyncio.run(alone(folder / "shared.db"))
    hammering = crowd(folder / "shared.db", 900_000_000, 900_000_000, 3.0)
    sharing = crowd(folder / "shared.db", 3_000, 50, 5.0)
    waits = sorted(ns for found in hammering for ns in _numbers(found["took"]))
    done = sum(len(_numbers(found["went"])) for found in hammering)
    stall = max(int(str(found["stall"])) for found in hammering) / 1e6
    went = sorted(ns for found in sharing for ns in _numbers(found["went"]))
    most = max(sum(at <= other < at + 1_000_000_000 for other in went) for at in went)
    shares = " / ".join(str(len(_numbers(found["went"]))) for found in sharing)
    cells = [f"{took:.0f}", f"{looked:.1f}", f"{done / 3:,.0f}", f"{waits[len(waits) // 2] / 1e3:,.0f}"]
    cells += [
        f"{waits[len(waits) * 99 // 100] / 1e3:,.0f}",
        f"{stall:.1f}",
        str(most),
        str(len(went)),
        shares,
    ]
    head = ["solo us", "look us", "4 proc ops/s", "p50 us", "p99 us", "loop stall ms", "max/1s (99)"]
    head += ["grants of 300", "per process"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|", "| " + " | ".join(cells) + " |"]
    return "\n".join(lines)


def _numbers(found: object) -> list[int]:
    assert isinstance(found, list)
    return found


if __name__ == "__main__":
    where, *figures = sys.argv[1:]
    asyncio.run(worker(Path(where), *map(int, figures)))
