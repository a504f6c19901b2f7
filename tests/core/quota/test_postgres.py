"""The quota on a real PostgreSQL server: one limit for all, whatever happens to server, process or call."""

from __future__ import annotations

import asyncio
import dataclasses
import signal
import socket
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from click.testing import CliRunner

from tests.core.quota import crowd
from tests.core.quota.hosts import Quota, left, take, take_all, until
from tests.core.quota.server import PASSWORD, SPELLED, Server
from tui.cli import main
from tui.core.quota import postgres_ledger
from tui.core.quota.clock import now_ns
from tui.core.quota.errors import WouldExceedDeadline
from tui.core.quota.limits import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from tui.core.quota.limiter import Limiter

SECOND = 1_000_000_000
SHAPES = [Limits(60), Limits(60, burst=12), Limits(60, shape="strict", burst=20)]


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


@pytest.mark.parametrize("shape", crowd.SHAPES)
def test_four_processes_share_one_limit_evenly(shape: dict[str, Any], cluster: Server) -> None:
    wipe(cluster)
    crowd.check_four(cluster.url, shape, source="server", seconds=2.5, answers_s=0.02, used=0.9)


@pytest.mark.parametrize("statement", range(1, 6))
def test_a_process_killed_at_any_statement_leaves_no_lock_and_costs_a_call_at_most(
    statement: int, cluster: Server
) -> None:
    wipe(cluster)
    victim = crowd.start(do="die", path=cluster.url, limits={"requests_per_minute": 6}, at=statement)
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
    settings = tmp_path / "settings.toml"
    settings.write_text('[providers.openai.models."small".limits]\nrequests_per_minute = 3\n')

    def penstock(*words: str) -> str:
        places = ["--data-dir", str(tmp_path), "--settings", str(settings)]
        done = CliRunner().invoke(main, [*places, *words])
        assert done.exit_code == 0, done.output
        return done.output

    assert "server" in penstock("quota")
    held = penstock("quota", "hold", "openai", "--for", "60").splitlines()
    assert [line.split()[0] for line in held if "hold" in line] == ["openai", "openai/small"]
    assert "hold" in penstock("quota")
    assert "hold" not in penstock("quota", "resume", "openai")
    assert "hold" not in penstock("quota")


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
