"""What the screen keeps in the database: drafts, what it remembers, and each request that was sent."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from tui.core.store import attempts, drafts, memory, runs
from tui.core.store.attempts import StoredAttempt
from tui.core.store.database import Database
from tui.core.store.drafts import StoredDraft
from tui.core.store.runs import NewRun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DRAFT = StoredDraft("a/b.md", "Hello\r\n\0", "aa", NOON, 1, "desk", {"row": 3, "column": 7})
ATTEMPT = StoredAttempt("run", "openai", "gpt", 1, NOON, NOON + SECOND, "rate_limit", "Wait.", 429, 2.5)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database.open(tmp_path / "penstock.db")) as database:
        yield database


def test_each_process_has_one_draft_of_a_file(database: Database) -> None:
    newer = replace(DRAFT, content="Hello again", updated_at=NOON + SECOND, cursor=None)
    elsewhere = replace(DRAFT, pid=2)
    other = replace(DRAFT, path="c.md")
    with database.begin() as connection:
        assert drafts.load_drafts(connection) == []
        for draft in (DRAFT, elsewhere, other, newer):
            drafts.save_draft(connection, draft)
        assert _drafts(connection) == [newer, other, elsewhere]
        assert drafts.load_drafts(connection, "c.md")[0].path == "c.md"
        drafts.drop_draft(connection, "a/b.md", "desk", 1)
        assert _drafts(connection) == [other, elsewhere]


def test_drafts_that_were_set_aside_stay_beside_each_other(database: Database) -> None:
    first, second = replace(DRAFT, pid=None), replace(DRAFT, pid=None, content="another")
    with database.begin() as connection:
        for draft in (first, second):
            drafts.save_draft(connection, draft)
        assert _drafts(connection) == [second, first]
        ids = [draft.id for draft in drafts.load_drafts(connection) if draft.id is not None]
        drafts.drop_drafts(connection, ids[:1])
        assert _drafts(connection) == [first]


def _drafts(connection: Connection) -> list[StoredDraft]:
    return [replace(draft, id=None) for draft in drafts.load_drafts(connection)]


def test_what_is_remembered_and_forgotten(database: Database) -> None:
    values = {"layout": {"browser": 32}, "values/greeting": {"name": "Zoë"}, "values_": 0, "Values/x": False}
    with database.begin() as connection:
        memory.remember(connection, values, NOON)
        assert memory.remembered(connection) == values
        assert memory.remembered(connection, "values/") == {"values/greeting": {"name": "Zoë"}}
        memory.remember(connection, {"layout": [], "values_": None, "never": None}, NOON)
        assert memory.remembered(connection, "layout") == {"layout": []}
        assert memory.remembered(connection, "values_") == {}
        memory.remember(connection, {}, NOON)
        memory.remember(connection, {"a": 1, "b": 2}, NOON)
        memory.rename(connection, "c", "a")
        memory.rename(connection, "a", "b")
        assert {key: memory.remembered(connection, key) for key in "ab"} == {"a": {}, "b": {"b": 1}}


def test_attempts_in_the_order_of_sending(database: Database) -> None:
    second = replace(
        StoredAttempt("run", "openai", "gpt", 2, NOON + 4 * SECOND, NOON + 9 * SECOND, attempts.OK),
        parameters={"top_p": 0.5},
        note="It goes without temperature.",
    )
    other = replace(ATTEMPT, provider="google", started_at=NOON + SECOND)
    run = NewRun("run", "openai", "gpt", "", NOON, 1, "desk")
    with database.begin() as connection:
        runs.start_run(connection, run)
        for attempt in (second, ATTEMPT):
            attempts.add_attempt(connection, attempt)
        assert attempts.attempts_of(connection, "run") == [ATTEMPT, second]
        attempts.add_attempt(connection, other)
    with pytest.raises(IntegrityError), database.begin() as connection:
        attempts.add_attempt(connection, replace(ATTEMPT, run_id="unknown"))
