"""Runs in the database: counted when they start, rated, and never left open."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.event import listen
from sqlalchemy.exc import IntegrityError

from tui.core.store import costs, prompts, runs
from tui.core.store.database import Database
from tui.core.store.days import day_start
from tui.core.store.prompts import StoredVersion, VersionRecord
from tui.core.store.runs import NewRun, RunResult

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)

VERSION = VersionRecord("greeting", 1, "Hello", [], True, "greeting.md", "aa", "Hello")
RUN = NewRun(
    id="run-1",
    provider="openai",
    model="gpt",
    prompt="Hello Ada",
    created_at=NOON,
    pid=4711,
    host="desk",
    name="greeting",
    version=1,
    content_hash="aa",
    values={"name": "Ada"},
    system="Be kind.",
    parameters={"temperature": 0.5},
    simulated=True,
)
RESULT = RunResult(
    status="done",
    finished_at=NOON + 3 * SECOND,
    answer="Good day",
    reasoning="greet",
    finish="stop",
    tokens_in=10,
    tokens_out=2,
    tokens_cached=4,
    tokens_reasoning=1,
    usage_estimated=True,
    request_id="req-9",
    attempts=2,
    started_at=NOON + SECOND,
    waited_s=1.0,
    first_token_s=0.5,
    total_s=2.0,
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "penstock.db")
    yield database
    database.close()


@pytest.fixture
def version(database: Database) -> StoredVersion:
    with database.begin() as connection:
        return prompts.upsert_version(connection, VERSION, NOON)


def usage(database: Database) -> tuple[int, float | None]:
    with database.read() as connection:
        [counts] = prompts.load_counts(connection)
    return counts.usage_count, counts.success_rate


def test_a_run_is_read_back_as_it_went(database: Database, version: StoredVersion) -> None:
    run = replace(RUN, template_id=version.id, revision_id=version.revision_id)
    with database.begin() as connection:
        runs.start_run(connection, run)
        started = runs.get_run(connection, "run-1")
        runs.finish_run(connection, "run-1", RESULT)
        finished = runs.get_run(connection, "run-1")
    assert started is not None
    assert finished is not None
    assert (started.status, started.answer, started.finished_at) == ("running", "", None)
    for record in (run, RESULT):
        for field in dataclasses.fields(record):
            assert getattr(finished, field.name) == getattr(record, field.name), field.name
    assert (finished.outcome, finished.outcome_source, finished.note) == (None, None, "")


def test_starting_counts_the_use_of_the_version(database: Database, version: StoredVersion) -> None:
    with database.begin() as connection:
        runs.start_run(connection, replace(RUN, template_id=version.id))
        runs.start_run(connection, replace(RUN, id="free text", name=None, version=None))
    assert usage(database) == (1, None)


def test_a_start_that_fails_counts_nothing(database: Database, version: StoredVersion) -> None:
    run = replace(RUN, template_id=version.id)
    with database.begin() as connection:
        runs.start_run(connection, run)
    with pytest.raises(IntegrityError), database.begin() as connection:
        runs.start_run(connection, run)
    assert usage(database) == (1, None)


def test_a_run_of_an_unknown_version_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.begin() as connection:
        runs.start_run(connection, replace(RUN, template_id=99))


def test_ratings_are_changed_and_taken_back(database: Database, version: StoredVersion) -> None:
    with database.begin() as connection:
        for number in range(4):
            runs.start_run(connection, replace(RUN, id=str(number), template_id=version.id))
        outcomes: list[runs.Outcome] = ["success", "success", "failure", "excluded"]
        for number, outcome in enumerate(outcomes):
            runs.rate_run(connection, str(number), outcome, "assertion", "misses the date")
    assert usage(database) == (4, 2 / 3)
    with database.begin() as connection:
        runs.rate_run(connection, "0", "failure", "human", "on second thoughts")
        rated = runs.get_run(connection, "0")
    assert usage(database) == (4, 1 / 3)
    assert rated is not None
    assert (rated.outcome, rated.outcome_source, rated.note) == ("failure", "human", "on second thoughts")
    with database.begin() as connection:
        for number in range(3):
            runs.rate_run(connection, str(number), None, "human")
        unrated = runs.get_run(connection, "0")
    assert usage(database) == (4, None)
    assert unrated is not None
    assert (unrated.outcome, unrated.outcome_source, unrated.note) == (None, None, "")


def test_a_rating_survives_the_end_of_the_run(database: Database) -> None:
    with database.begin() as connection:
        runs.start_run(connection, RUN)
        runs.rate_run(connection, "run-1", "excluded", "human", "too slow")
        runs.finish_run(connection, "run-1", RESULT)
        run = runs.get_run(connection, "run-1")
    assert run is not None
    assert (run.status, run.outcome, run.note) == ("done", "excluded", "too slow")


def test_rating_what_is_not_there_does_nothing(database: Database) -> None:
    with database.begin() as connection:
        runs.rate_run(connection, "nothing", "success", "human")
        assert runs.get_run(connection, "nothing") is None


def test_newest_runs_first(database: Database) -> None:
    with database.begin() as connection:
        for number in range(10):
            run = replace(RUN, id=str(number), created_at=NOON + number * SECOND, version=1 + number % 2)
            runs.start_run(connection, replace(run, name="other") if number == 9 else run)
        assert [run.id for run in runs.recent_runs(connection, 3)] == ["9", "8", "7"]
        assert [run.id for run in runs.recent_runs(connection, 3, "greeting")] == ["8", "7", "6"]
        assert [run.id for run in runs.recent_runs(connection, 3, "greeting", 2)] == ["7", "5", "3"]
        assert runs.recent_runs(connection, 3, "unknown") == []


def test_today_begins_at_midnight_where_the_user_is(database: Database) -> None:
    tokyo = timezone(timedelta(hours=9))
    midnight = datetime(2026, 2, 1, tzinfo=tokyo)  # 15:00 in UTC, the day before
    with database.begin() as connection:
        for number, created in enumerate([midnight - SECOND, midnight, midnight + SECOND]):
            runs.start_run(connection, replace(RUN, id=str(number), created_at=created))
        for now, calls in [(timedelta(hours=10), 2), (timedelta(hours=-1), 3), (timedelta(days=1), 0)]:
            today = costs.spending(connection, day_start((midnight + now).date(), tokyo))
            assert costs.added_up(today).calls == calls


def test_a_day_begins_by_the_rules_of_its_own_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    new_york = ZoneInfo("America/New_York")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        time.tzset()
        starts = [day_start(date(2026, 11, day)) for day in (1, 2)]
    time.tzset()
    assert starts == [datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)]
    assert starts == [day_start(date(2026, 11, day), new_york) for day in (1, 2)]


def test_runs_of_processes_that_are_gone_are_interrupted(database: Database) -> None:
    with database.begin() as connection:
        runs.start_run(connection, replace(RUN, id="dead", pid=1))
        runs.start_run(connection, replace(RUN, id="dead too", pid=1))
        runs.start_run(connection, replace(RUN, id="elsewhere", pid=1, host="laptop"))
        runs.start_run(connection, replace(RUN, id="alive", pid=2))
        runs.start_run(connection, replace(RUN, id="done", pid=1))
        runs.finish_run(connection, "done", RESULT)
        closed = runs.close_orphans(
            connection, lambda host, pid: (host, pid) != ("desk", 1), NOON + 9 * SECOND
        )
        states = {run.id: (run.status, run.finished_at) for run in runs.recent_runs(connection, 10)}
    assert closed == 2
    assert states == {
        "dead": ("interrupted", NOON + 9 * SECOND),
        "dead too": ("interrupted", NOON + 9 * SECOND),
        "elsewhere": ("running", None),
        "alive": ("running", None),
        "done": ("done", RESULT.finished_at),
    }


def test_what_says_nothing_of_the_prompt_never_replaces_a_rating(
    database: Database, version: StoredVersion
) -> None:
    with database.begin() as connection:
        for name in ("rated", "unrated", "orphan", "rated orphan"):
            runs.start_run(connection, replace(RUN, id=name, template_id=version.id, pid=1))
        runs.rate_run(connection, "rated", "failure", "human")
        runs.rate_run(connection, "rated orphan", "success", "human")
        runs.exclude_run(connection, "rated", "network")
        runs.exclude_run(connection, "unrated", "network")
        runs.close_orphans(connection, lambda host, pid: False, NOON)
        found = {run.id: (run.outcome, run.outcome_source) for run in runs.recent_runs(connection, 10)}
    assert found == {
        "rated": ("failure", "human"),
        "unrated": ("excluded", "network"),
        "orphan": ("excluded", "interrupted"),
        "rated orphan": ("success", "human"),
    }
    assert usage(database) == (4, 0.5)


def test_the_last_error_of_each_provider(database: Database) -> None:
    of_a: list[tuple[str, str | None]] = [("a", "network"), ("a", "auth"), ("a", None)]
    ends = [*of_a, ("b", "cancelled"), ("c", "server"), ("c", "cancelled")]
    with database.begin() as connection:
        for number, (provider, kind) in enumerate(ends):
            at = NOON + number * SECOND
            runs.start_run(connection, replace(RUN, id=str(number), provider=provider, created_at=at))
            ended = replace(RESULT, error_class=kind, error=kind and f"{kind}!", finished_at=at + SECOND)
            runs.finish_run(connection, str(number), ended)
        found = runs.last_errors(connection)
    assert found == {
        "a": runs.LastError("auth", "auth!", NOON + 2 * SECOND),
        "c": runs.LastError("server", "server!", NOON + 5 * SECOND),
    }


def test_what_is_asked_of_many_runs_is_read_from_an_index(database: Database) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []

    def keep(
        _connection: object, _cursor: object, statement: str, given: tuple[object, ...], *_: object
    ) -> None:
        asked.append((statement, given))

    with database.begin() as connection:
        listen(connection, "before_cursor_execute", keep)
        for earlier in (True, False):
            runs.runs_beside(connection, "noir", NOON, earlier=earlier)
        runs.recent_runs(connection, 1, "noir")
        runs.last_errors(connection)
        runs.close_orphans(connection, lambda _host, _pid: True, NOON)
        for statement, given in tuple(asked):
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
            [reading] = [step for step in plan if step.startswith(("SEARCH", "SCAN"))]
            assert reading.split(" INDEX ")[1].split()[0] in (
                "runs_of_prompt",
                "runs_with_error",
                "runs_running",
            )
