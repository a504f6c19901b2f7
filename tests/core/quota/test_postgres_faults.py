"""Property 30: a server that is stopped, killed, slow or cut off, while calls go, wait and are cancelled."""

from __future__ import annotations

import asyncio
import itertools
import random
from typing import TYPE_CHECKING

import pytest

from tests.core.quota.hosts import Quota, left, take, until
from tests.core.quota.wire import Wire
from tests.core.quota.worker import watch_the_loop
from tui.core.quota.clock import now_ns
from tui.core.quota.errors import QuotaError
from tui.core.quota.grant import Grant
from tui.core.quota.limits import Limits
from tui.core.quota.postgres_ledger import PostgresLedger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tui.core.quota.limiter import Limiter
    from tui.core.quota.snapshot import QuotaSnapshot

HOSTS, PER_MINUTE, BURST = 3, 6000, 20
INTERVAL_NS = 60_000_000_000 // PER_MINUTE
PATIENCE_S = 0.4


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while True:
            if true():
                return
            await asyncio.sleep(0.005)


def look(limiter: Limiter) -> QuotaSnapshot:
    limiter.refresh()
    return limiter.snapshot()


class Scene:
    """Three hosts behind one wire, each of which calls as fast as it may and gives up at random."""

    def __init__(self, quota: Quota, wire: Wire, port: int) -> None:
        self.quota, self.server, self.wire = quota, quota.server, wire
        url = quota.server.url.replace(f":{quota.server.port}/", f":{port}/")
        limits = Limits(PER_MINUTE, burst=BURST)
        self.hosts = [quota.open(limits, url=url, patience_s=PATIENCE_S, assumed=HOSTS) for _ in range(HOSTS)]
        self.went: list[tuple[int, int]] = []
        """When each call went (ns), and whose it was."""
        self.absences: list[tuple[int, int]] = []
        self.stalls: list[int] = [0]
        self.over = False

    async def work(self, host: int, chance: random.Random) -> None:
        while not self.over:
            asked = now_ns()
            timeout = chance.choice([None, None, None, 0.0, 0.02])
            call = asyncio.create_task(self.hosts[host].acquire(timeout=timeout))
            try:
                if chance.random() < 0.3:
                    await asyncio.sleep(chance.choice([0, 0.001, 0.01, 0.05]))
                    call.cancel()
                grant = await call
            except QuotaError:
                await asyncio.sleep(0.002)
            except asyncio.CancelledError:
                # It was the call's end, or everything's, be it before the call was granted or just then.
                call.cancel()
                for found in await asyncio.gather(call, return_exceptions=True):
                    if isinstance(found, Grant):
                        found.release()
            else:
                self.went.append((asked + int(grant.waited_s * 1e9), host))
                grant.release()

    async def all_on(self, source: str, share: float = 1.0) -> None:
        """Wait until every host counts there, with that part of the limits for its own."""
        await eventually(
            lambda: all((shot.source, shot.share) == (source, share) for shot in map(look, self.hosts))
        )

    async def go_on(self, calls: int) -> None:
        """Wait until each host has made so many calls more."""
        begun = len(self.went)
        await eventually(lambda: all(self._count(host, begun) >= calls for host in range(HOSTS)))

    def _count(self, host: int, since: int) -> int:
        return sum(whose == host for _, whose in self.went[since:])

    async def suffer(self, fault: Callable[[], Awaitable[None]], mend: Callable[[], Awaitable[None]]) -> None:
        """Have something go wrong; all go on alone, and are together again after it is mended."""
        begun = now_ns()
        await fault()
        await self.all_on("local", 1 / HOSTS)
        await self.go_on(3)
        await mend()
        await self.all_on("server")
        self.absences.append((begun, now_ns()))
        await self.go_on(3)

    def check(self) -> None:
        """No window has more than B + w/T, and a burst more for each time that they lost each other in it."""
        times = sorted(at for at, _ in self.went)
        late = max(self.stalls)
        for first, last in itertools.combinations(range(0, len(times), 3), 2):
            begun, ended = times[first], times[last]
            lost = sum(start < ended and end > begun for start, end in self.absences)
            units = last - first + 1
            assert (units - BURST * (1 + lost)) * INTERVAL_NS <= ended - begun + late


@pytest.fixture
async def scene(quota: Quota) -> AsyncIterator[Scene]:
    wire = Wire(quota.server.port)
    scene = Scene(quota, wire, await wire.open())
    yield scene
    scene.wire.delay_s = 0.0
    await quota.close()
    wire.close()


async def test_whatever_happens_to_the_server_calls_go_on_within_the_limit(scene: Scene) -> None:
    server, wire = scene.server, scene.wire

    async def slow(delay_s: float) -> None:
        wire.delay_s = delay_s

    watcher = asyncio.create_task(watch_the_loop(scene.stalls))
    await scene.all_on("server")
    tasks = [asyncio.create_task(scene.work(host, random.Random(host))) for host in range(HOSTS)]
    try:
        await scene.go_on(3)
        await scene.suffer(lambda: asyncio.to_thread(server.freeze), lambda: asyncio.to_thread(server.thaw))
        await slow(0.002)
        await scene.go_on(3)
        await scene.suffer(lambda: slow(2 * PATIENCE_S), lambda: slow(0.0))
        wire.cut()
        await scene.all_on("server")
        scene.absences.append((scene.absences[-1][1], now_ns()))
        await scene.suffer(lambda: asyncio.to_thread(server.kill), lambda: asyncio.to_thread(server.start))
    finally:
        scene.over = True
        for task in (*tasks, watcher):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    scene.check()
    for host in scene.hosts:
        host.beat()
    await eventually(lambda: not any(look(host).in_flight for host in scene.hosts))


async def test_a_server_that_is_killed_has_counted_every_call_that_went(quota: Quota) -> None:
    one = quota.open(Limits(6))
    await until(one, "server")
    await take(one, 4)
    await asyncio.to_thread(quota.server.kill)
    await asyncio.to_thread(quota.server.start)
    fresh = quota.open(Limits(6))
    await until(fresh, "server")
    assert await left(fresh) == 2


@pytest.mark.parametrize("fault", ["freeze", "kill", "cut"])
async def test_a_call_that_is_on_its_way_when_the_server_is_lost_goes_once_and_is_counted_once(
    quota: Quota, fault: str
) -> None:
    wire = Wire(quota.server.port)
    port = await wire.open()
    url = quota.server.url.replace(f":{quota.server.port}/", f":{port}/")
    limiter: Limiter = quota.open(Limits(6), url=url, patience_s=PATIENCE_S)
    try:
        await until(limiter, "server")
        wire.delay_s = 0.02
        calls = [asyncio.create_task(limiter.acquire()) for _ in range(2)]
        await asyncio.sleep(0.05)
        if fault == "cut":
            wire.cut()
        else:
            await asyncio.to_thread(getattr(quota.server, fault))
        for grant in await asyncio.gather(*calls):
            grant.release()
    finally:
        wire.delay_s = 0.0
        if fault == "freeze":
            await asyncio.to_thread(quota.server.thaw)
        elif fault == "kill":
            await asyncio.to_thread(quota.server.start)
    await until(limiter, "server")
    ledger = limiter._ledger
    assert isinstance(ledger, PostgresLedger)
    await eventually(lambda: not ledger._absence.pending)
    other = quota.open(Limits(6))
    await until(other, "server")
    assert await left(other) == 4
    limiter.close()
    wire.close()
