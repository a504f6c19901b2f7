"""Versions, revisions and files in the database: what a file says is replaced, what only we know stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.core.store import prompts, runs
from tui.core.store.database import Database
from tui.core.store.prompts import FileRecord, VersionRecord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)

GREETING = VersionRecord(
    name="greeting",
    version=1,
    template="Hello {{name}}, dear {{title}}",
    variables=[{"name": "name", "type": "string"}, {"name": "title", "default": "Ms"}],
    active=True,
    path="greeting-v1.md",
    content_hash="aa",
    content="---\nname: greeting\n---\nHello {{name}}, dear {{title}}",
    description="Grüße 👋",
    weight=0.25,
    system="Be kind.",
    provider="anthropic",
    model="claude",
    parameters={"temperature": 0.2, "stop": ["END"]},
    tags=("a", "b"),
    front_matter={"name": "greeting", "unknown": {"kept": [1, None]}},
    body_line=4,
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "penstock.db")
    yield database
    database.close()


def contents(database: Database) -> list[tuple[int, str]]:
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT template_id, content FROM prompt_revisions ORDER BY id")
        return [(row[0], row[1]) for row in rows]


def test_a_version_is_read_back_as_it_was_stored(database: Database) -> None:
    with database.begin() as connection:
        row = prompts.upsert_version(connection, GREETING, NOON)
    assert (row.name, row.version, row.path, row.template) == (
        "greeting",
        1,
        "greeting-v1.md",
        GREETING.template,
    )
    assert row.variables == GREETING.variables
    assert (row.active, row.weight, row.provider, row.model) == (True, 0.25, "anthropic", "claude")
    assert (row.description, row.system, row.body_line) == ("Grüße 👋", "Be kind.", 4)
    assert (row.parameters, tuple(row.tags)) == (GREETING.parameters, ("a", "b"))
    assert (row.usage_count, row.success_rate, row.created_at, row.updated_at) == (0, None, NOON, NOON)
    with database.read() as connection:
        assert prompts.load_content(connection, row.revision_id) == GREETING.content
        assert prompts.load_content(connection, row.revision_id + 1) is None
        raw = connection.exec_driver_sql(
            "SELECT front_matter, description, created_at FROM prompt_templates"
        ).one()
    assert raw == (
        '{"name": "greeting", "unknown": {"kept": [1, null]}}',
        "Grüße 👋",
        "2026-01-31 12:00:00.000000",
    )


def test_an_edit_keeps_the_row_and_its_history(database: Database) -> None:
    with database.begin() as connection:
        first = prompts.upsert_version(connection, GREETING, NOON)
        prompts.count_use(connection, first.id)
        connection.exec_driver_sql("UPDATE prompt_templates SET success_rate = 0.75")
        edited = replace(GREETING, template="Hi", content="Hi", content_hash="bb", active=False, weight=None)
        second = prompts.upsert_version(connection, edited, LATER)
    assert (second.id, second.created_at) == (first.id, NOON)
    assert (second.usage_count, second.success_rate) == (1, 0.75)
    assert (second.template, second.active, second.weight, second.updated_at) == ("Hi", False, None, LATER)
    assert second.revision_id != first.revision_id
    assert contents(database) == [(first.id, GREETING.content), (first.id, "Hi")]


def test_going_back_to_old_content_is_the_old_revision(database: Database) -> None:
    with database.begin() as connection:
        first = prompts.upsert_version(connection, GREETING, NOON)
        prompts.upsert_version(connection, replace(GREETING, content="Hi", content_hash="bb"), LATER)
        third = prompts.upsert_version(connection, GREETING, LATER)
    assert third.revision_id == first.revision_id
    assert len(contents(database)) == 2


def test_a_move_changes_the_path_and_no_time(database: Database) -> None:
    with database.begin() as connection:
        first = prompts.upsert_version(connection, GREETING, NOON)
        moved = prompts.upsert_version(connection, replace(GREETING, path="other.md"), LATER)
    assert moved == replace(first, path="other.md")


def test_retired_versions_are_hidden_and_come_back_as_they_were(database: Database) -> None:
    with database.begin() as connection:
        first = prompts.upsert_version(connection, GREETING, NOON)
        prompts.count_use(connection, first.id)
        prompts.retire(connection, [("greeting", 1), ("never", 7)], LATER)
        assert prompts.load_versions(connection) == []
        assert prompts.load_versions(connection, [("greeting", 1)]) == []
        assert prompts.load_counts(connection) == []
        retired_at = connection.exec_driver_sql("SELECT retired_at FROM prompt_templates").scalar_one()
        assert retired_at == "2026-01-31 13:00:00.000000"
        revived = prompts.upsert_version(connection, GREETING, LATER)
    assert revived == replace(first, usage_count=1)


def test_many_at_once(database: Database) -> None:
    records = [
        replace(
            GREETING, name=f"p{i // 2}", version=i % 2, path=f"{i}.md", content_hash=str(i), content=str(i)
        )
        for i in range(3 * prompts.CHUNK)
    ]
    keys = [(record.name, record.version) for record in records]
    with database.begin() as connection:
        prompts.upsert_versions(connection, records, NOON)
        prompts.upsert_versions(connection, [], NOON)
        rows = prompts.load_versions(connection)
        assert {(row.name, row.version): row.content_hash for row in rows} == {
            key: record.content_hash for key, record in zip(keys, records, strict=True)
        }
        assert sorted(prompts.load_versions(connection, keys), key=lambda row: row.id) == sorted(
            rows, key=lambda row: row.id
        )
        assert len({row.revision_id for row in rows}) == len(records)
        prompts.retire(connection, keys[1:], LATER)
        assert [(row.name, row.version) for row in prompts.load_versions(connection)] == keys[:1]


def test_files_are_remembered_and_forgotten(database: Database) -> None:
    good = FileRecord("a/b.md", 12, 1_700_000_000_123_456_789, 2**40, "aa", "greeting", 1, [], "0.1.0")
    broken = FileRecord("c.md", 3, 0, 5, "bb", None, None, [{"code": "yaml", "line": 7}], "0.1.0")
    with database.begin() as connection:
        prompts.save_files(connection, [good, broken])
        prompts.save_files(connection, [replace(broken, size=4)])
        prompts.save_files(connection, [])
        assert sorted(prompts.load_files(connection), key=lambda file: file.path) == [
            good,
            replace(broken, size=4),
        ]
        prompts.forget_files(connection, ["a/b.md", "unknown.md"])
        assert prompts.load_files(connection) == [replace(broken, size=4)]


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="without a time zone"), database.begin() as connection:
        prompts.upsert_version(connection, GREETING, NOON.replace(tzinfo=None))


def new_run(run_id: str, template_id: int | None) -> runs.NewRun:
    return runs.NewRun(run_id, "openai", "gpt", "Hello", NOON, pid=1, host="here", template_id=template_id)


@given(outcomes=st.lists(st.sampled_from(["success", "failure", "excluded", None]), max_size=12))
@settings(max_examples=40, deadline=None)
def test_the_success_rate_is_that_of_the_rated_runs(
    tmp_path_factory: pytest.TempPathFactory, outcomes: list[runs.Outcome | None]
) -> None:
    database = Database.open(tmp_path_factory.mktemp("rate") / "penstock.db")
    with database.begin() as connection:
        row = prompts.upsert_version(connection, GREETING, NOON)
        other = prompts.upsert_version(connection, replace(GREETING, version=2), NOON)
        for index, outcome in enumerate(outcomes):
            runs.start_run(connection, new_run(str(index), row.id))
            runs.rate_run(connection, str(index), outcome, "human")
        counts = {counts.id: counts for counts in prompts.load_counts(connection)}
    database.close()
    good, bad = outcomes.count("success"), outcomes.count("failure")
    assert counts[row.id].usage_count == len(outcomes)
    assert counts[row.id].success_rate == (pytest.approx(good / (good + bad)) if good + bad else None)
    assert (counts[other.id].usage_count, counts[other.id].success_rate) == (0, None)


def test_a_content_that_was_never_served_is_kept_in_its_versions_history(database: Database) -> None:
    with database.begin() as connection:
        prompts.upsert_version(connection, GREETING, NOON)
        assert prompts.keep_revision(connection, ("greeting", 1), "bb", "broken", LATER)
        assert prompts.keep_revision(connection, ("greeting", 1), "bb", "broken", LATER)
        assert not prompts.keep_revision(connection, ("nobody", 1), "cc", "lost", LATER)
        assert prompts.find_content(connection, "bb") == "broken"
        assert prompts.find_content(connection, "cc") is None
        assert prompts.load_versions(connection)[0].content_hash == "aa"
    assert [content for _, content in contents(database)] == [GREETING.content, "broken"]
