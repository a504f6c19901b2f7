"""The last hour of a provider, slot by slot: nothing lost, nothing counted twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tui.core.store.attempts import StoredAttempt, add_attempt
from tui.core.store.database import Database
from tui.core.store.runs import NewRun, start_run
from tui.core.store.traffic import traffic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "penstock.db")
    yield database
    database.close()


def _call(database: Database, number: int, minute: float, status: str = "ok", took_s: float = 2.0) -> None:
    run_id, sent = f"run {number}", NOON + timedelta(minutes=minute)
    with database.begin() as connection:
        start_run(connection, NewRun(run_id, "openai", "m", "?", sent, 1, "here"))
        ended = sent + timedelta(seconds=took_s)
        add_attempt(connection, StoredAttempt(run_id, "openai", "m", 1, sent, ended, status))


def test_each_call_is_in_its_slot_and_in_the_total(database: Database) -> None:
    for number, minute in enumerate([0.0, 0.5, 1.0, 59.99]):
        _call(database, number, minute)
    _call(database, 10, 30.0, "rate_limit")
    _call(database, 11, 30.1, "server")
    _call(database, 14, 30.2, "cancelled")
    _call(database, 12, -0.01)
    _call(database, 13, 60.0)
    with database.read() as connection:
        found = traffic(connection, "openai", NOON, NOON + timedelta(hours=1))
    assert [(at, slot.calls) for at, slot in enumerate(found.slots) if slot.calls] == [
        (0, 2), (1, 1), (30, 3), (59, 1),
    ]  # fmt: skip
    assert (found.total.calls, found.total.refused, found.total.failed) == (7, 1, 1)
    assert (found.slots[30].refused, found.slots[30].latency_s) == (1, None)


def test_latency_is_that_of_the_answers(database: Database) -> None:
    for number in range(1, 21):
        _call(database, number, 5.0, took_s=float(number))
    _call(database, 50, 5.0, "server", took_s=500.0)
    with database.read() as connection:
        found = traffic(connection, "openai", NOON, NOON + timedelta(hours=1))
    assert found.total.latency_s == pytest.approx(10.5)
    assert found.p95_s == pytest.approx(19.0)


def test_other_providers_do_not_count_and_an_unknown_cost_is_not_0(database: Database) -> None:
    _call(database, 1, 5.0)
    with database.read() as connection:
        assert traffic(connection, "yandex", NOON, NOON + timedelta(hours=1)).total.calls == 0
        assert traffic(connection, "openai", NOON, NOON + timedelta(hours=1)).total.usd is None
