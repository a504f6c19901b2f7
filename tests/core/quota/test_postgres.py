"""The quota on a real PostgreSQL server: one limit for all, whatever happens to server, process or call."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import signal
import socket
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from click.testing import CliRunner

from tests.core.quota.server import PASSWORD, SPELLED, Server, binaries
from tests.core.quota.test_processes import result, start
from tui.cli import main
from tui.core.quota import postgres_ledger
from tui.core.quota.clock import now_ns
from tui.core.quota.errors import Closed, WouldExceedDeadline
from tui.core.quota.grant import Grant
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Limits
from tui.core.quota.postgres_ledger import PostgresLedger
from tui.core.quota.postgres_link import PostgresLink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

SECOND = 1_000_000_000
SHAPES = [Limits(60), Limits(60, burst=12), Limits(60, shape="strict", burst=20)]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Server]:
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL")
    server = Server(programs)
    server.start()
    yield server
    server.remove()


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


@pytest.fixture
async def quota(cluster: Server) -> AsyncIterator[Quota]:
    quota = Quota(cluster)
    yield quota
    await quota.close()


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


@pytest.mark.parametrize("limits", SHAPES)
async def test_hosts_with_other_clocks_are_within_one_limit(limits: Limits, quota: Quota) -> None:
    hour = 3_600 * SECOND
    limits = dataclasses.replace(limits, requests_per_minute=6, burst=min(6, limits.burst_size))
    hosts = [quota.open(limits, clock=lambda by=by: now_ns() + by) for by in (0, 9 * hour, -hour)]  # type: ignore[misc]
    for host in hosts:
        await until(host, "server")
    for turn in range(6):
        await hosts[turn % 3].acquire()
    for host in hosts:
        assert await left(host) == 0
        with pytest.raises(WouldExceedDeadline):
            await host.acquire(timeout=5)
        assert host.snapshot().source == "server"
        assert host.snapshot().problem == ""


async def test_a_hold_told_to_one_stops_the_others_until_it_ends(quota: Quota) -> None:
    one, other = quota.open(Limits(60)), quota.open(Limits(60), clock=lambda: now_ns() + 77 * SECOND)
    await until(other, "server")
    one.hold(60, "429")
    await take_nothing(other)
    assert other.snapshot().hold_reason == "429"
    waiting = asyncio.create_task(other.acquire())
    await asyncio.sleep(0)
    one.resume()
    async with asyncio.timeout(20):
        while not waiting.done():
            other.refresh()
            await asyncio.sleep(0.002)
    waiting.result().release()


async def take_nothing(limiter: Limiter) -> None:
    async with asyncio.timeout(20):
        while limiter.snapshot().hold_in(now_ns() + 77 * SECOND) == 0:
            limiter.refresh()
            await asyncio.sleep(0.002)
    with pytest.raises(WouldExceedDeadline):
        await limiter.acquire(timeout=1)


async def test_a_server_whose_clock_is_set_back_gives_no_credit_and_no_endless_wait(
    quota: Quota, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(6)
    one = quota.open(limits)
    await take(one, 6)
    for name in ("_READ", "_LOCK"):
        earlier = getattr(postgres_ledger, name).replace("clock_timestamp()", "now() - interval '1 hour'")
        monkeypatch.setattr(postgres_ledger, name, earlier)
    for limiter in (one, quota.open(limits)):
        await until(limiter, "server")
        await left(limiter)
        with pytest.raises(WouldExceedDeadline) as refusal:
            await limiter.acquire(timeout=5)
        assert refusal.value.eta <= 10.0


async def test_a_record_that_nobody_can_read_is_replaced(quota: Quota) -> None:
    one = quota.open(Limits(6))
    await take(one, 3)
    connection = await asyncpg.connect(quota.server.url)
    for damage in (
        "UPDATE penstock_accounts SET version = 9, figures = '{'",
        "DELETE FROM penstock_accounts",
    ):
        await connection.execute(f"{damage} WHERE account = $1", quota.account)
        await take(one, 1)
        assert one.snapshot().source == "server"
    assert await left(quota.open(Limits(6))) == 1
    await connection.close()


async def test_a_server_that_is_down_at_the_start_costs_the_sharing_only_until_it_is_there(
    quota: Quota,
) -> None:
    quota.server.stop()
    limiter = quota.open(Limits(60))
    try:
        await take(limiter, 5)
        shot = limiter.snapshot()
        assert shot.source == "local"
        assert 55 <= shot.level(now_ns()) < 60
        assert shot.problem.startswith("The quota is not shared with other machines: 127.0.0.1: ")
    finally:
        quota.server.start()
    await until(limiter, "server")
    assert limiter.snapshot().problem == ""
    other = quota.open(Limits(60))
    await until(other, "server")
    assert 55 <= other.snapshot().level(now_ns()) < 60


async def test_while_the_server_is_down_each_goes_on_at_its_share_and_all_is_told_afterwards(
    quota: Quota,
) -> None:
    limits = Limits(6)
    one, other = quota.open(limits), quota.open(limits)
    await take(other, 1)
    await take(one, 1)
    await until(one, "server")
    quota.server.stop()
    try:
        await until(one, "local")
        assert one._ledger.meter.share == 0.5
        await take(one, 2)
    finally:
        quota.server.start()
    await until(one, "server")
    assert one._ledger.meter.share == 1.0
    await until(other, "server")
    assert await take_all(other) == 2


async def test_a_server_that_stands_still_blocks_neither_the_loop_nor_the_calls(quota: Quota) -> None:
    limiter = quota.open(Limits(60), patience_s=0.3)
    await take(limiter, 1)
    blocker = await asyncpg.connect(quota.server.url)
    transaction = blocker.transaction()
    await transaction.start()
    await blocker.execute("SELECT FROM penstock_accounts WHERE account = $1 FOR UPDATE", quota.account)
    turns = 0
    waiting = asyncio.create_task(limiter.acquire())
    while not waiting.done():
        turns += 1
        await asyncio.sleep(0.001)
    assert turns > 30
    waiting.result().release()
    assert limiter.snapshot().source == "local"
    assert limiter.snapshot().problem.endswith("no answer within 0.3 s.")
    assert limiter._ledger.meanwhile == (
        "This process goes on at the full limits, since no other one was seen."
    )
    await transaction.rollback()
    await blocker.close()
    await until(limiter, "server")
    assert 58 <= await left(limiter) < 60


async def test_cancelling_at_any_moment_loses_nothing_and_keeps_the_connection(quota: Quota) -> None:
    limiter = quota.open(Limits(60))
    await until(limiter, "server")
    observer = await asyncpg.connect(quota.server.url)
    backends = "SELECT array_agg(pid) FROM pg_stat_activity WHERE application_name = 'penstock'"
    before = await observer.fetchval(backends)
    chance = random.Random(7)
    for _ in range(150):
        calls = [asyncio.create_task(limiter.acquire()) for _ in range(3)]
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(chance.choice([0, 0, 0.0005]))
        for call in calls:
            call.cancel()
        for found in await asyncio.gather(*calls, return_exceptions=True):
            if not isinstance(found, BaseException):
                found.release(sent=False)
    assert await observer.fetchval(backends) == before
    await observer.close()
    await left(limiter)
    assert await take_all(limiter) in (60, 61)
    assert limiter.snapshot().in_flight >= 60


async def test_a_password_is_in_no_message(quota: Quota, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    wrong = quota.server.url.replace(SPELLED, "wrong-secret")
    nowhere = f"postgresql://penstock:{SPELLED}@127.0.0.1:1/postgres"
    odd = f"postgresql://penstock:{SPELLED}@127.0.0.1:{SPELLED}/postgres?password={SPELLED}"
    for url in (wrong, nowhere, odd):
        limiter = quota.open(Limits(60), url=url)
        await take(limiter, 1)
        assert limiter.snapshot().source == "local"
        problem = limiter.snapshot().problem
        assert "not shared" in problem
        for secret in (PASSWORD, SPELLED, "wrong-secret"):
            assert secret not in problem + caplog.text


@pytest.mark.parametrize("limits", [{"burst": 50}, {"shape": "strict", "burst": 50}])
def test_four_processes_share_one_limit_evenly(limits: dict[str, Any], cluster: Server) -> None:
    wipe(cluster)
    per_minute, interval = 6000, SECOND // 100
    starts = now_ns() + int(1.5 * SECOND)
    ends = starts + int(2.5 * SECOND)
    job = {"do": "work", "path": cluster.url, "starts": starts, "ends": ends, "workers": 5}
    processes = [start(**job, limits=limits | {"requests_per_minute": per_minute}) for _ in range(4)]
    results = [result(process) for process in processes]
    assert [found["source"] for found in results] == ["server"] * 4
    late = max(found["stall"] for found in results) + 20_000_000
    went = sorted(at for found in results for at in found["went"])
    for first in range(len(went)):
        for last in range(first, len(went), 7):
            assert (last - first + 1 - 50) * interval <= went[last] - went[first] + late
    assert len(went) >= 0.9 * (50 + (ends - max(starts, went[0]) - late) / interval)
    steady = starts + SECOND
    shares = [sum(at > steady for at in found["went"]) for found in results]
    # In a window this short a share is some 37 calls; a server that answers a few late moves several.
    for share in shares:
        assert share == pytest.approx(sum(shares) / 4, rel=0.35, abs=late / interval)


@pytest.mark.parametrize("statement", range(1, 6))
def test_a_process_killed_at_any_statement_leaves_no_lock_and_costs_a_call_at_most(
    statement: int, cluster: Server
) -> None:
    wipe(cluster)
    victim = start(do="die", path=cluster.url, limits={"requests_per_minute": 6}, at=statement)
    out, _ = victim.communicate(timeout=30)
    assert (victim.returncode == -signal.SIGKILL) == ("survived" not in out)
    assert victim.returncode == -signal.SIGKILL or statement > 4

    async def survive() -> int:
        quota = Quota(cluster)
        quota.account = "account"
        survivor = quota.open(Limits(6))
        taken = await take_all(survivor)
        assert survivor.snapshot().source == "server"
        await quota.close()
        return taken

    assert asyncio.run(survive()) in (5, 6)


def wipe(cluster: Server) -> None:
    async def drop() -> None:
        connection = await asyncpg.connect(cluster.url)
        await connection.execute("DROP TABLE IF EXISTS penstock_accounts")
        await connection.close()

    asyncio.run(drop())


def test_the_command_line_holds_and_shows_what_is_on_the_server(
    cluster: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wipe(cluster)
    monkeypatch.setenv("PENSTOCK_LEDGER", cluster.url)

    def penstock(*words: str) -> str:
        done = CliRunner().invoke(main, ["--data-dir", str(tmp_path), *words])
        assert done.exit_code == 0, done.output
        return done.output

    assert "server" in penstock("quota")
    assert "hold" in penstock("quota", "hold", "openai", "--for", "60")
    assert "hold" in penstock("quota")
    assert "hold" not in penstock("quota", "resume", "openai")
    assert "hold" not in penstock("quota")


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("statement", [1, 2, 3, 4])
async def test_closing_during_a_transaction_lets_no_call_go_that_nobody_counts(
    statement: int, moment: str, quota: Quota, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter, statements = quota.open(Limits(6)), 0
    await until(limiter, "server")

    def close() -> None:
        limiter.hold(77, "told late")
        limiter.close()

    def counted(name: str) -> None:
        method = getattr(asyncpg.Connection, name)

        async def count(*arguments: Any) -> Any:
            nonlocal statements
            statements += 1
            mine = statements == statement
            if mine and moment == "before":
                close()
            found = await method(*arguments)
            if mine and moment == "after":
                close()
            return found

        monkeypatch.setattr(asyncpg.Connection, name, count)

    counted("execute")
    counted("fetchrow")
    calls = [asyncio.create_task(limiter.acquire(timeout=timeout)) for timeout in (None, None, 0)]
    ends = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 20)
    await asyncio.wait_for(limiter.closed(), 20)
    monkeypatch.undo()
    assert statements >= 4, "what was under way came to its end"
    went = sum(isinstance(end, Grant) for end in ends)
    assert all(isinstance(end, Grant | Closed) for end in ends)
    other = quota.open(Limits(6))
    await until(other, "server")
    assert went <= 6 - await left(other) <= 3
    assert other.snapshot().hold_reason == "told late"
    assert went == 0, "it was closed before the answer to a commit"


async def test_a_call_that_is_asked_for_once_goes_after_one_exchange_or_not_at_all(quota: Quota) -> None:
    one, other = quota.open(Limits(6)), quota.open(Limits(6))
    for limiter in (one, other):
        await until(limiter, "server")
    await take(other, 1)
    calls = [asyncio.create_task(limiter.acquire(timeout=0)) for limiter in [one, other] * 8]
    ends = await asyncio.gather(*calls, return_exceptions=True)
    refused = [end for end in ends if isinstance(end, WouldExceedDeadline)]
    assert (sum(isinstance(end, Grant) for end in ends), len(refused)) == (5, 11)
    assert all(0 < end.eta <= 10 and end.timeout == 0 for end in refused)
    assert not one._line.queue and not other._line.queue
    assert await left(one) == 0, "who is refused has taken no place"


async def test_a_call_that_is_asked_for_once_does_not_pass_who_waits(quota: Quota) -> None:
    limiter = quota.open(Limits(60, burst=1))
    await until(limiter, "server")
    await take(limiter, 1)
    waiting = asyncio.create_task(limiter.acquire())
    await asyncio.sleep(0)
    with pytest.raises(WouldExceedDeadline):
        await limiter.acquire(timeout=0)
    (await waiting).release()


async def test_cancelling_a_call_that_is_asked_for_once_gives_it_back(quota: Quota) -> None:
    limiter = quota.open(Limits(60))
    await until(limiter, "server")
    chance = random.Random(3)
    for _ in range(60):
        call = asyncio.create_task(limiter.acquire(timeout=0))
        for _ in range(chance.randrange(8)):
            await asyncio.sleep(chance.choice([0, 0, 0.0005]))
        call.cancel()
        for found in await asyncio.gather(call, return_exceptions=True):
            if isinstance(found, Grant):
                found.release(sent=False)
    async with asyncio.timeout(20):
        while await left(limiter) < 60:  # what the last one gives back may still be on its way
            pass
    assert limiter.snapshot().in_flight == 0


async def test_a_server_that_was_never_reached_leaves_each_process_its_assumed_part(quota: Quota) -> None:
    nowhere = "postgresql://penstock@127.0.0.1:1/postgres"
    limits = Limits(60, tokens_per_minute=1000, max_in_flight=20)
    limiter = quota.open(limits, url=nowhere, assumed=4)
    await take(limiter, 1)
    shot = limiter.snapshot()
    assert (shot.source, shot.share, shot.capacity, shot.left(now_ns())) == ("local", 0.25, 15, 14)
    assert shot.problem.endswith(": 127.0.0.1: nothing listens on that port.")
    assert limiter._ledger.meanwhile.endswith("keeps to 1/4 of each limit, since 4 processes are assumed.")
    assert await take_all(limiter) == 5, "in flight at once"
    assert limiter.snapshot().in_flight_full
    (await quota.open(limits, url=nowhere, assumed=4).acquire(input_tokens=900)).release()


async def test_a_refusal_while_the_server_is_down_holds_everybody_when_it_is_back(quota: Quota) -> None:
    limits = Limits(60, requests_per_day=100)
    one, other = quota.open(limits), quota.open(limits)
    for limiter in (one, other):
        await until(limiter, "server")
    quota.server.stop()
    try:
        for limiter in (one, other):
            await until(limiter, "local")
        await take(one, 3)
        (await one.acquire()).refuse(60, "429")
    finally:
        quota.server.start()
    for limiter in (one, other):
        await until(limiter, "server")
    await left(other)
    assert other.snapshot().hold_in(now_ns()) > 50
    assert other._ledger.meter.day.used == 4


def test_the_command_line_says_in_a_sentence_that_a_server_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        for port, reason in ((1, "nothing listens on that port"), (silent.getsockname()[1], "no answer")):
            monkeypatch.setenv("PENSTOCK_LEDGER", f"postgresql://penstock@127.0.0.1:{port}/postgres")
            for words in (["quota"], ["quota", "--json"], ["quota", "hold", "openai"]):
                done = CliRunner().invoke(main, ["--data-dir", str(tmp_path), *words])
                assert done.exit_code == 1
                [line] = done.stderr.splitlines()
                assert line.startswith("penstock: The quota is not shared with other machines: 127.0.0.1: ")
                assert reason in line
                assert "PENSTOCK_LEDGER" in line
                assert (done.stdout == "") == ("--json" not in words)
