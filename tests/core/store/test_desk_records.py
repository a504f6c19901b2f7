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

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DRAFT = StoredDraft("a/b.md", "Hello\r\n\0", "aa", NOON, 1, "desk", {"row": 3, "column": 7})
ATTEMPT = StoredAttempt("run", "openai", "gpt", 1, NOON, NOON + SECOND, "rate_limit", "Wait.", 429, 2.5)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database.open(tmp_path / "penstock.db")) as database:
        yield database


def test_a_draft_is_kept_replaced_and_dropped(database: Database) -> None:
    newer = replace(DRAFT, content="Hello again", updated_at=NOON + SECOND, pid=2, cursor=None)
    other = replace(DRAFT, path="c.md")
    with database.begin() as connection:
        assert drafts.load_draft(connection, "a/b.md") is None
        drafts.save_draft(connection, DRAFT)
        assert drafts.load_draft(connection, "a/b.md") == DRAFT
        drafts.save_draft(connection, other)
        drafts.save_draft(connection, newer)
        assert drafts.load_drafts(connection) == [newer, other]
        drafts.drop_draft(connection, "a/b.md")
        assert drafts.load_drafts(connection) == [other]


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


def test_attempts_in_the_order_of_sending(database: Database) -> None:
    second = StoredAttempt("run", "openai", "gpt", 2, NOON + 4 * SECOND, NOON + 9 * SECOND, attempts.OK)
    other = replace(ATTEMPT, provider="google", started_at=NOON + SECOND)
    run = NewRun("run", "openai", "gpt", "", NOON, 1, "desk")
    with database.begin() as connection:
        runs.start_run(connection, run)
        for attempt in (second, ATTEMPT):
            attempts.add_attempt(connection, attempt)
        assert attempts.attempts_of(connection, "run") == [ATTEMPT, second]
        attempts.add_attempt(connection, other)
        assert attempts.attempts_since(connection, "openai", NOON) == [second, ATTEMPT]
        assert attempts.attempts_since(connection, "openai", NOON + SECOND) == [second]
    with pytest.raises(IntegrityError), database.begin() as connection:
        attempts.add_attempt(connection, replace(ATTEMPT, run_id="unknown"))
