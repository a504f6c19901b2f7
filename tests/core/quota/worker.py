"""A process that takes from a shared file or server as fast as it may, or dies at a given statement."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from tui.core.quota.clock import now_ns
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Limits
from tui.core.quota.postgres_ledger import PostgresLedger
from tui.core.quota.postgres_link import PostgresLink
from tui.core.quota.sqlite_ledger import SqliteLedger

if TYPE_CHECKING:
    from tui.core.quota.ledger import Ledger

TICK_NS = 2_000_000


async def watch_the_loop(stalls: list[int]) -> None:
    """Note by how much each short sleep was late (ns)."""
    while True:
        before = now_ns()
        await asyncio.sleep(TICK_NS / 1e9)
        stalls.append(now_ns() - before - TICK_NS)


def open_ledger(where: str, limits: Limits) -> Ledger:
    """Return the ledger in a file, or at a URL."""
    if "://" in where:
        return PostgresLedger(PostgresLink(where, patience_s=5.0), "account", limits)
    return SqliteLedger(Path(where), "account", limits)


async def work(where: str, limits: Limits, workers: int) -> None:
    """Say "ready", take from and until when the input tells (ns since boot), print when each call went."""
    limiter = Limiter("x", limits, ledger=open_ledger(where, limits))
    while limiter.snapshot().source == "local":
        limiter.refresh()
        await asyncio.sleep(0.01)
    print("ready", flush=True)
    starts, ends = map(int, (await asyncio.to_thread(sys.stdin.readline)).split())
    went: list[int] = []
    questions: list[int] = []
    stalls: list[int] = []

    async def one() -> None:
        await asyncio.sleep(max(0, starts - now_ns()) / 1e9)
        while now_ns() < ends:
            asked = now_ns()
            async with await limiter.acquire() as grant:
                went.append(asked + int(grant.waited_s * 1e9))
                questions.append(asked)

    watcher = asyncio.create_task(watch_the_loop(stalls))
    tasks = [asyncio.create_task(one()) for _ in range(workers)]
    await asyncio.sleep(max(0, ends - now_ns()) / 1e9)
    limiter.close()
    await asyncio.gather(*tasks, return_exceptions=True)
    watcher.cancel()
    source = limiter.snapshot().source
    found = {"went": went, "asked": questions, "stall": max(stalls), "source": source}
    print(json.dumps(found))


def die(path: Path, limits: Limits, at_statement: int) -> None:
    """Take once, and be killed at that statement of the database."""
    ledger = SqliteLedger(path, "account", limits)
    statements = 0

    def count(_: str) -> None:
        nonlocal statements
        statements += 1
        if statements == at_statement:
            os.kill(os.getpid(), signal.SIGKILL)

    assert ledger._db is not None
    ledger._db.set_trace_callback(count)
    Limiter("x", limits, ledger=ledger).try_acquire()
    print("survived")


async def die_on_the_server(url: str, limits: Limits, at_statement: int) -> None:
    """Take once, and be killed before that statement of the transaction is sent."""
    limiter = Limiter("x", limits, ledger=open_ledger(url, limits))
    limiter.refresh()
    while limiter.snapshot().source != "server":
        await asyncio.sleep(0.001)
        limiter.refresh()
    statements = 0

    def counted(name: str) -> None:
        method = getattr(asyncpg.Connection, name)

        async def count(*arguments: Any) -> Any:
            nonlocal statements
            statements += 1
            if statements == at_statement:
                os.kill(os.getpid(), signal.SIGKILL)
            return await method(*arguments)

        setattr(asyncpg.Connection, name, count)

    counted("execute")
    counted("fetchrow")
    await limiter.acquire()
    print("survived")


def look(path: Path, limits: Limits) -> None:
    """Come, say what is left, and go."""
    limiter = Limiter("x", limits, ledger=SqliteLedger(path, "account", limits))
    limiter.refresh()
    print(json.dumps(limiter.snapshot().left(now_ns())))
    limiter.close()


def fill(path: Path, limits: Limits) -> None:
    """Take until the file cannot grow any more, and print what is known then."""
    limiter = Limiter("x", limits, ledger=SqliteLedger(path, "account", limits))
    limiter.try_acquire()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
    taken = 1 + sum(limiter.try_acquire() is not None for _ in range(20))
    shot = limiter.snapshot()
    print(json.dumps({"taken": taken, "source": shot.source, "left": shot.left(now_ns())}))


def main() -> None:
    """Read the job from the command line as JSON."""
    job = json.loads(sys.argv[1])
    path, limits = Path(job["path"]), Limits(**job["limits"])
    if job["do"] == "work":
        asyncio.run(work(job["path"], limits, job["workers"]))
    elif job["do"] == "die" and "://" in job["path"]:
        asyncio.run(die_on_the_server(job["path"], limits, job["at"]))
    elif job["do"] == "die":
        die(path, limits, job["at"])
    elif job["do"] == "look":
        look(path, limits)
    else:
        fill(path, limits)


if __name__ == "__main__":
    main()
