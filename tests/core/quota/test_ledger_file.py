"""The ledger's file: lost, damaged, of another boot, on another machine's disk; what is written in it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.quota.ledgers import SECOND, SHAPES, START, open_ledger, open_limiter, take_all
from tests.core.quota.loop import VirtualLoop, run
from tests.core.quota.model import MINUTE
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Cost, Kind, Limits
from tui.core.quota.location import ledger_path, on_network
from tui.core.quota.meter import Meter
from tui.core.quota.observation import Observation
from tui.core.quota.record import dump, load
from tui.core.quota.sqlite_ledger import SqliteLedger


def test_after_a_reboot_the_wall_clock_says_how_much_came_back(tmp_path: Path) -> None:
    path, limits = tmp_path / "limits.db", Limits(60)
    loop = VirtualLoop()
    before = Limiter(
        "x",
        limits,
        clock=loop.clock,
        ledger=SqliteLedger(path, "a", limits, clock=loop.clock, wall=lambda: 5_000.0, boot="one"),
    )
    assert take_all(before) == 60
    before.close()
    for boot, wall, expected in (("two", 5_030.0, 30), ("three", 4_000.0, 0), ("four", 99_999.0, 60)):
        after = Limiter(
            "x",
            limits,
            clock=lambda: 7 * SECOND,
            ledger=SqliteLedger(path, "a", limits, clock=lambda: 7 * SECOND, wall=wall.__float__, boot=boot),
        )
        assert take_all(after) == expected
        after.close()
    loop.close()


def test_a_reboot_forgives_what_is_more_than_a_whole_bucket(tmp_path: Path) -> None:
    loop = VirtualLoop()
    limits = Limits(60, tokens_per_minute=100)
    before = open_limiter(loop, tmp_path / "limits.db", limits)
    grant = before.try_acquire(output_tokens=50)
    assert grant is not None
    grant.settle(output_tokens=900)
    assert before.snapshot().rates[1].level(loop.now_ns) == pytest.approx(-800)
    before.close()
    ledger = open_ledger(loop, tmp_path / "limits.db", limits, boot="another")
    ledger.refresh()
    assert ledger.meter.rates[1].spec.bucket.level(ledger.meter.rates[1].tat, loop.now_ns) == pytest.approx(0)
    ledger.close()
    loop.close()


def test_a_lost_file_degrades_visibly_and_comes_back(tmp_path: Path) -> None:
    loop = VirtualLoop()
    path, limits = tmp_path / "limits.db", Limits(60)
    one, other = (open_limiter(loop, path, limits) for _ in range(2))

    async def main() -> None:
        assert [one.try_acquire() is not None for _ in range(10)] == [True] * 10
        assert other.try_acquire() is not None
        one.refresh()
        for file in tmp_path.iterdir():
            file.unlink()
        path.mkdir()
        await asyncio.sleep(1.5)
        one.refresh()
        shot = one.snapshot()
        assert shot.source == "local"
        assert shot.problem.startswith("The quota is not shared with other processes: ")
        assert one._ledger.meanwhile.endswith("keeps to 1/2 of each limit, since 2 processes were seen.")
        assert (shot.share, shot.capacity) == (0.5, 30)
        assert shot.level(loop.now_ns) == pytest.approx((60 - 11 + 1.5) / 2, abs=0.1), (
            "two share what is left"
        )
        assert shot.rates[0].spec.bucket.interval_ns == pytest.approx(2 * SECOND), "two share the rate"
        assert one.try_acquire() is not None
        path.rmdir()
        await asyncio.sleep(1.5)
        assert one.try_acquire() is not None
        other.refresh()
        assert one.snapshot().source == other.snapshot().source == "shared"
        assert one.snapshot().problem == ""
        assert other.snapshot().level(loop.now_ns) == pytest.approx(60 - 13 + 3, abs=0.1)
        assert other.try_acquire() is not None
        one.refresh()
        assert one.snapshot().level(loop.now_ns) == pytest.approx(60 - 14 + 3, abs=0.1), "counted once"
        one.close()
        other.close()

    run(main(), loop)


@pytest.mark.parametrize("damage", ["garbage", "truncated", "foreign row", "no interval"])
def test_a_damaged_file_is_replaced(tmp_path: Path, damage: str) -> None:
    loop = VirtualLoop()
    path, limits = tmp_path / "limits.db", Limits(60)
    if damage == "garbage":
        path.write_bytes(b"not a database at all" * 100)
    else:
        ledger = open_ledger(loop, path, limits)
        ledger.run(loop.now_ns, lambda meter, now: None, lambda: None)
        ledger.close()
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:2000])
    if damage == "foreign row":
        db = sqlite3.connect(path)
        db.execute("UPDATE accounts SET figures = '{\"format\": 77}', version = version + 1")
        db.commit()
        db.close()
    if damage == "no interval":
        db = sqlite3.connect(path)
        [row] = db.execute("SELECT figures FROM accounts").fetchone()
        figures = json.loads(row)
        figures["rates"][0][1] = 0
        db.execute("UPDATE accounts SET figures = ?, version = version + 1", [json.dumps(figures)])
        db.commit()
        db.close()
    limiter = open_limiter(loop, path, limits)
    assert limiter.try_acquire() is not None
    loop.now_ns += 2 * SECOND
    assert limiter.try_acquire() is not None
    loop.now_ns += 2 * SECOND
    limiter.refresh()
    assert limiter.snapshot().source == "shared"
    limiter.close()
    loop.close()


def test_whatever_goes_wrong_within_a_transaction_the_file_is_not_kept_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = VirtualLoop()
    one, other = (open_ledger(loop, tmp_path / "limits.db", Limits(60)) for _ in range(2))
    other.run(loop.now_ns, lambda meter, now: None, lambda: None)
    for function in ("load", "dump"):
        with monkeypatch.context() as patch:
            patch.setattr(f"tui.core.quota.sqlite_ledger.{function}", Mock(side_effect=KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                one.run(loop.now_ns, lambda meter, now: None, lambda: None)
        done: list[bool] = []
        other.run(loop.now_ns, lambda meter, now: None, lambda done=done: done.append(True))  # type: ignore[misc]
        assert done, "at once"
    loop.close()


def test_the_file_is_for_its_owner_only_and_holds_no_key(tmp_path: Path) -> None:
    loop = VirtualLoop()
    limiter = open_limiter(loop, tmp_path / "limits.db", Limits(60))
    assert limiter.try_acquire() is not None
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    limiter.close()
    loop.close()


def test_a_network_file_system_is_seen_and_avoided(tmp_path: Path) -> None:
    mounts = "\n".join(
        [
            "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
            "90 22 0:45 / /home rw,relatime shared:3 - nfs4 server:/home rw,vers=4.2",
            "91 90 0:46 / /home/ada/local\\040disk rw - xfs /dev/vdb rw",
            "broken line",
        ]
    )
    assert on_network(Path("/home/ada/.local/state/penstock"), mounts)
    assert not on_network(Path("/home/ada/local disk/penstock"), mounts)
    assert not on_network(Path("/var/lib"), mounts)
    found = ledger_path(tmp_path / "state" / "penstock")
    assert found == tmp_path / "state" / "penstock" / "limits.db"
    assert stat.S_IMODE(found.parent.stat().st_mode) == 0o700


rows = st.lists(st.tuples(st.integers(0, 40 * SECOND), st.integers(1, 5), st.integers(0, 90)), max_size=30)


@settings(deadline=None)
@given(rows, st.sampled_from([*SHAPES, Limits(40, burst=8, tokens_per_minute=1_000, requests_per_day=500)]))
def test_a_record_is_the_whole_state(script: list[tuple[int, int, int]], limits: Limits) -> None:
    meter, now = Meter(limits), START
    for pause, requests, tokens in script:
        now += pause
        number = meter.take(now, Cost.of(requests, tokens), day=4)
        if tokens % 7 == 0:
            meter.settle(now, number, Cost.of(requests, tokens), Cost.of(requests, 1))
        if tokens % 11 == 0:
            meter.refuse(now, number, 3.0, "429", 0.5)
        if tokens % 13 == 0:
            meter.observe(now, meter.latest[-1], [Observation(Kind.REQUESTS, 50, 3)], calm=True)
    copy = Meter(limits)
    load(copy, *dump(meter, now, "me"), now, "you")
    assert copy.facts() == meter.facts()
    assert dump(copy, now, "me")[1] == dump(meter, now, "me")[1]
    for later in (0, SECOND, MINUTE, 3 * MINUTE):
        cost = Cost.of(2, 10)
        assert copy.wait(now + later, cost) == meter.wait(now + later, cost)


@settings(deadline=None)
@given(rows, st.sampled_from(SHAPES), st.sampled_from(SHAPES))
def test_a_record_under_other_limits_keeps_what_was_used(
    script: list[tuple[int, int, int]], limits: Limits, others: Limits
) -> None:
    meter, now = Meter(limits), START
    for pause, requests, _ in script:
        now += pause
        meter.take(now, Cost.of(requests))
    copy = Meter(others)
    load(copy, *dump(meter, now, "me"), now, "you")
    owed = meter.rates[0].spec.bucket.debt_ns(meter.rates[0].tat, now)
    assert copy.rates[0].spec.bucket.debt_ns(copy.rates[0].tat, now) == pytest.approx(owed, abs=len(script))
