"""What was spent: added up exactly, and what is unknown never counted as nothing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tui.core.store import costs, runs
from tui.core.store.costs import Spending
from tui.core.store.database import Database
from tui.core.store.runs import NewRun, RunResult

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RUN = NewRun(id="", provider="openai", model="gpt", prompt="", created_at=NOON, pid=1, host="desk")
DONE = RunResult(status="done", finished_at=NOON, tokens_in=1, tokens_out=1, first_token_s=0.1)
PRICED = replace(DONE, cost=0.1, cost_source="settings")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with closing(Database.open(tmp_path / "penstock.db")) as database, database.begin() as connection:
        yield connection


def add(connection: Connection, result: RunResult, **changes: object) -> None:
    number = connection.exec_driver_sql("SELECT count(*) FROM runs").scalar_one()
    runs.start_run(connection, replace(RUN, id=str(number), **changes))  # type: ignore[arg-type]
    runs.finish_run(connection, str(number), result)


def test_sums_of_small_amounts_do_not_drift(connection: Connection) -> None:
    for _ in range(1000):
        add(connection, PRICED)
    for _ in range(3):
        add(connection, replace(PRICED, cost=1.25e-9))
    [spent] = costs.spending(connection, NOON)
    assert spent == Spending(1003, Decimal("100.00000000375"), 0, False, "openai", "settings")


def test_each_provider_and_source_by_itself(connection: Connection) -> None:
    add(connection, PRICED)
    add(connection, replace(PRICED, cost_source="genai-prices", usage_estimated=True))
    add(connection, DONE)
    add(connection, replace(PRICED, cost=0.0), provider="ollama")
    assert costs.spending(connection, NOON) == [
        Spending(1, Decimal(0), 0, False, "ollama", "settings"),
        Spending(1, Decimal(0), 1, False, "openai", None),
        Spending(1, Decimal("0.1"), 0, True, "openai", "genai-prices"),
        Spending(1, Decimal("0.1"), 0, False, "openai", "settings"),
    ]
    assert costs.added_up(costs.spending(connection, NOON)) == Spending(4, Decimal("0.2"), 1, True)
    assert costs.added_up([]) == Spending(0, Decimal(0), 0, False)


def test_what_may_have_cost_something_is_unknown_and_a_refusal_is_not(connection: Connection) -> None:
    refused = RunResult(status="failed", finished_at=NOON, error_class="rate_limit")
    for result in (
        refused,
        replace(refused, error_class="filtered", tokens_out=0),
        replace(refused, first_token_s=0.2),
        replace(refused, status="cancelled"),
        replace(refused, status="interrupted"),
    ):
        add(connection, result)
    runs.start_run(connection, replace(RUN, id="running"))
    spent = costs.added_up(costs.spending(connection, NOON))
    assert (spent.calls, spent.unpriced) == (6, 4)


def test_a_time_has_its_beginning_and_not_its_end(connection: Connection) -> None:
    for hours in (-1, 0, 1):
        add(connection, PRICED, created_at=NOON + hours * HOUR)
    assert costs.added_up(costs.spending(connection, NOON, NOON + HOUR)).calls == 1
    assert costs.added_up(costs.spending(connection, NOON)).calls == 2
