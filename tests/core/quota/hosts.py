"""Hosts that share one account on a PostgreSQL server, each as a process of its own would."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from tui.core.quota.clock import now_ns
from tui.core.quota.errors import WouldExceedDeadline
from tui.core.quota.limiter import Limiter
from tui.core.quota.postgres_ledger import PostgresLedger
from tui.core.quota.postgres_link import PostgresLink

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.core.quota.server import Server
    from tui.core.quota.limits import Limits


class Quota:
    """Opens limiters on one account of the server, each on a connection of its own."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.account = f"openai:{random.getrandbits(60):x}"
        self._limiters: list[Limiter] = []

    def open(
        self,
        limits: Limits,
        *,
        patience_s: float = 5.0,
        clock: Callable[[], int] = now_ns,
        url: str | None = None,
        assumed: int = 1,
    ) -> Limiter:
        link = PostgresLink(url or self.server.url, patience_s=patience_s, retry_s=0.02)
        ledger = PostgresLedger(link, self.account, limits, clock=clock, assumed=assumed)
        limiter = Limiter("x", limits, clock=clock, ledger=ledger)
        self._limiters.append(limiter)
        return limiter

    async def close(self) -> None:
        for limiter in self._limiters:
            limiter.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), 20)


async def until(limiter: Limiter, source: str) -> None:
    """Look, as the engine does for a screen, until the quota is kept there."""
    async with asyncio.timeout(20):
        while limiter.snapshot().source != source:
            limiter.refresh()
            await asyncio.sleep(0.002)


async def left(limiter: Limiter) -> int:
    """What is left, as the server says now."""
    seen = limiter._ledger.seen_ns
    async with asyncio.timeout(20):
        while limiter._ledger.seen_ns == seen:
            limiter.refresh()
            await asyncio.sleep(0.002)
    limiter.refresh()
    return limiter.snapshot().left(limiter._clock())


async def take(limiter: Limiter, count: int) -> None:
    for _ in range(count):
        (await limiter.acquire()).release()


async def take_all(limiter: Limiter) -> int:
    """Take until one would have to wait."""
    for taken in range(1000):
        try:
            await limiter.acquire(timeout=0.05)
        except WouldExceedDeadline:
            return taken
    raise AssertionError("nobody ever said no")
