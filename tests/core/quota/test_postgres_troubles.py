"""The quota when the PostgreSQL server, or a call on its way to it, ends or stands still: nothing is lost."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import asyncpg
import pytest

from tests.core.quota.hosts import Quota, left, take, take_all, until
from tui.core.quota.clock import now_ns
from tui.core.quota.errors import Closed, WouldExceedDeadline
from tui.core.quota.grant import Grant
from tui.core.quota.limits import Limits


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
    began_at = now_ns()
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
    regained = (now_ns() - began_at) // 10_000_000_000  # a slow server's start is time to fill up
    assert 2 <= await take_all(other) <= 2 + regained


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
