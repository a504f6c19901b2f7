"""The shared file between real processes: one limit, fair shares, and nothing left behind by a dead one."""

from __future__ import annotations

import signal
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from tests.core.quota.crowd import SECOND, SHAPES, check_four, result, start
from tests.core.quota.loop import VirtualLoop, run
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Limits
from tui.core.quota.sqlite_ledger import SqliteLedger

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("shape", SHAPES)
def test_four_processes_share_one_limit_evenly(shape: dict[str, Any], tmp_path: Path) -> None:
    where = str(tmp_path / "limits.db")
    check_four(where, shape, source="shared", seconds=3, answers_s=0.005, used=0.95)


@pytest.mark.parametrize("statement", range(1, 6))
def test_a_process_killed_at_any_statement_leaves_no_lock_and_costs_a_call_at_most(
    statement: int, tmp_path: Path
) -> None:
    path, limits = tmp_path / "limits.db", Limits(60)
    victim = start(do="die", path=str(path), limits={"requests_per_minute": 60}, at=statement)
    out, _ = victim.communicate(timeout=30)
    survivor = Limiter("x", limits, ledger=SqliteLedger(path, "account", limits))
    taken = 0
    while survivor.try_acquire() is not None:
        taken += 1
    assert survivor.snapshot().source == "shared"
    assert taken in (59, 60)
    assert (victim.returncode == -signal.SIGKILL) == ("survived" not in out)
    assert victim.returncode == -signal.SIGKILL or statement > 4
    survivor.close()


def test_several_accounts_of_one_process_are_seen_by_those_who_come_and_go(tmp_path: Path) -> None:
    path, limits = tmp_path / "limits.db", Limits(6)
    here = Limiter("x", limits, ledger=SqliteLedger(path, "account", limits))
    beside = Limiter("y", limits, ledger=SqliteLedger(path, "another", limits))
    for taken in range(3):
        assert result(start(do="look", path=str(path), limits={"requests_per_minute": 6})) == 6 - taken
        assert here.try_acquire() is not None
    here.close()
    beside.close()


def test_a_full_disk_costs_the_sharing_and_nothing_else(tmp_path: Path) -> None:
    found = result(start(do="fill", path=str(tmp_path / "limits.db"), limits={"requests_per_minute": 60}))
    assert found["source"] == "local"
    assert found["taken"] == 21
    assert found["left"] == 39


@pytest.mark.parametrize("folder", ["a file in the way", "/proc"])
def test_a_folder_that_cannot_be_written_costs_the_sharing_and_nothing_else(
    folder: str, tmp_path: Path
) -> None:
    (tmp_path / "a file in the way").write_text("")
    limits = Limits(60)
    limiter = Limiter("x", limits, ledger=SqliteLedger(tmp_path / folder / "limits.db", "account", limits))
    assert limiter.try_acquire() is not None
    assert limiter.snapshot().source == "local"
    assert "not shared" in limiter.snapshot().problem
    limiter.close()


def test_a_file_locked_by_another_is_awaited_through_the_loop_and_then_given_up_for_a_while(
    tmp_path: Path,
) -> None:
    loop = VirtualLoop()
    path, limits = tmp_path / "limits.db", Limits(60)
    ledger = SqliteLedger(path, "account", limits, clock=loop.clock, wall=loop.time, boot="boot")
    limiter = Limiter("x", limits, clock=loop.clock, ledger=ledger)
    other = sqlite3.connect(path, isolation_level=None)

    async def main() -> None:
        assert (await limiter.acquire()).waited_s == 0
        other.execute("BEGIN IMMEDIATE")
        assert limiter.try_acquire() is None
        loop.call_at(loop.time() + 0.1, other.execute, "COMMIT")
        assert 0.1 <= (await limiter.acquire()).waited_s < 0.11
        other.execute("BEGIN IMMEDIATE")
        before = loop.timers
        assert 1.0 <= (await limiter.acquire()).waited_s < 1.01
        assert loop.timers - before > 400, "it asked again and again instead of blocking"
        assert limiter.snapshot().source == "local"
        assert "locked" in limiter.snapshot().problem
        assert limiter.try_acquire() is not None
        other.execute("COMMIT")
        loop.now_ns += 2 * SECOND
        assert limiter.try_acquire() is not None
        assert limiter.snapshot().source == "shared"
        assert limiter.snapshot().level(loop.now_ns) <= 60 - 5 + 3.2
        limiter.close()
        other.close()

    run(main(), loop)
