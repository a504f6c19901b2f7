"""Every rate limiter in the comparison behind one interface; a peer that is not installed is left out."""

from __future__ import annotations

import asyncio
import importlib
import time
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Protocol

from tui.core.quota.clock import now_ns
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Limits
from tui.core.quota.sqlite_ledger import SqliteLedger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Contender(Protocol):
    """A limiter of `count` calls per `period` seconds, all of which may go at once."""

    async def acquire(self, units: int = 1) -> None:
        """Wait for the leave of a call that takes so many units."""

    async def look(self) -> object:
        """Read what is left, as a gauge would."""

    async def attempt(self) -> bool | None:
        """Go if that is possible at once; None if the library cannot say."""


class Ours:
    """The limiter of this project, in memory or on the shared file."""

    def __init__(self, count: int, period: float, path: Path | None = None) -> None:
        limits = Limits(requests_per_minute=round(count * 60 / period), burst=count)
        ledger = None if path is None else SqliteLedger(path, f"bench-{time.monotonic_ns()}", limits)
        self.limiter = Limiter("bench", limits, ledger=ledger)

    async def acquire(self, units: int = 1) -> None:
        (await self.limiter.acquire(requests=units)).release()

    async def look(self) -> object:
        return self.limiter.snapshot().level(now_ns())

    async def attempt(self) -> bool | None:
        grant = self.limiter.try_acquire()
        if grant is not None:
            grant.release()
        return grant is not None


class Aiolimiter:
    """A leaky bucket whose waiters are sorted by their cost."""

    def __init__(self, count: int, period: float) -> None:
        self._limiter: Any = importlib.import_module("aiolimiter").AsyncLimiter(count, period)

    async def acquire(self, units: int = 1) -> None:
        await self._limiter.acquire(units)

    async def look(self) -> object:
        return self._limiter.has_capacity()

    async def attempt(self) -> bool | None:
        return None


class Pyrate:
    """A sliding log behind one lock."""

    def __init__(self, count: int, period: float) -> None:
        module = importlib.import_module("pyrate_limiter")
        self._limiter: Any = module.Limiter(module.Rate(count, round(period * 1000)))

    async def acquire(self, units: int = 1) -> None:
        await self._limiter.try_acquire_async("bench", weight=units)

    async def look(self) -> object:
        return self._limiter.buckets()[0].count()

    async def attempt(self) -> bool | None:
        return bool(await self._limiter.try_acquire_async("bench", blocking=False))


class LimitsMoving:
    """A sliding log that says no; waiting is its user's affair, done as its documentation suggests."""

    def __init__(self, count: int, period: float) -> None:
        module = importlib.import_module("limits")
        storage = importlib.import_module("limits.aio.storage").MemoryStorage()
        self._strategy: Any = importlib.import_module("limits.aio.strategies").MovingWindowRateLimiter(
            storage
        )
        self._item: Any = module.RateLimitItemPerSecond(count, round(period))

    async def acquire(self, units: int = 1) -> None:
        while not await self._strategy.hit(self._item, cost=units):
            stats = await self._strategy.get_window_stats(self._item)
            await asyncio.sleep(max(stats.reset_time - time.time(), 0.001))

    async def look(self) -> object:
        return await self._strategy.get_window_stats(self._item)

    async def attempt(self) -> bool | None:
        return bool(await self._strategy.hit(self._item))


class Throttled:
    """GCRA without a queue: whoever waits asks again."""

    def __init__(self, count: int, period: float) -> None:
        module = importlib.import_module("throttled.asyncio")
        quota = module.per_duration(timedelta(seconds=period), count, burst=count)
        store = module.MemoryStore(options={"MAX_SIZE": 1024})
        self._limiter: Any = module.Throttled(using="gcra", quota=quota, store=store, timeout=3600)

    async def acquire(self, units: int = 1) -> None:
        await self._limiter.limit("bench", cost=units)

    async def look(self) -> object:
        return await self._limiter.peek("bench")

    async def attempt(self) -> bool | None:
        return not (await self._limiter.limit("bench", timeout=-1)).limited


def contenders(folder: Path) -> dict[str, Callable[[int, float], Contender]]:
    """Return what can be compared here: ours, and the peers that are installed."""
    found: dict[str, Callable[[int, float], Contender]] = {
        "penstock": Ours,
        "penstock, SQLite": lambda count, period: Ours(count, period, folder / "limits.db"),
    }
    peers: dict[str, tuple[str, Callable[[int, float], Contender]]] = {
        "aiolimiter": ("", Aiolimiter),
        "pyrate-limiter": (" memory", Pyrate),
        "limits": (" moving window", LimitsMoving),
        "throttled-py": (" GCRA", Throttled),
    }
    for package, (variant, maker) in peers.items():
        try:
            found[f"{package} {version(package)}{variant}"] = maker
        except PackageNotFoundError:
            print(f"{package} is not installed; it is left out.")
    return found
