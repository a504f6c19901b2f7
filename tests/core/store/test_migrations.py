"""A database of an earlier release: brought up to date with all that was in it, or left as it was."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui.core.store import attempts, prompts, runs
from tui.core.store.database import SCHEMA_VERSION, Database, DatabaseError
from tui.core.store.search import RunFilter, find_runs

if TYPE_CHECKING:
    from sqlalchemy import Connection

V1 = Path(__file__).with_name("schemas") / "v1.sql"

DATA_V1 = """
INSERT INTO prompt_templates (id, name, version, template, usage_count, success_rate, content_hash)
    VALUES (7, 'greeting', 2, 'Hello {{name}}', 2, 1.0, 'aa');
INSERT INTO prompt_revisions (id, template_id, content_hash, content) VALUES (9, 7, 'aa', 'Hello {{name}}');
INSERT INTO prompt_files (path, size, mtime_ns, inode) VALUES ('greeting.md', 14, 5, 6);
INSERT INTO runs (id, provider, model, created_at, status, answer, template_id, revision_id, name, version,
        finish, outcome, outcome_source, note, "values", tokens_in, usage_estimated, attempts)
    VALUES ('later', 'openai', 'gpt', '2026-01-31 13:00:00.000000', 'done', 'Good day, Zoë', 7, 9, 'greeting',
        2, 'length', 'success', 'human', 'kind', '{"name": "Zoë"}', 12, true, 2);
INSERT INTO runs (id, provider, model, created_at, status, error_class)
    VALUES ('earlier', 'google', 'gemini', '2026-01-31 12:00:00.000000', 'failed', 'network');
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database as release 1 left it, with data in it."""
    path = tmp_path / "penstock.db"
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA journal_mode = WAL")
        plain.executescript(V1.read_text() + DATA_V1)
    return path


def test_requests_that_were_sent_before_stay_when_they_gain_columns(path: Path) -> None:
    Database.open(path).close()
    with closing(sqlite3.connect(path)) as plain:
        plain.executescript(
            "DROP INDEX runs_of_prompt; DROP INDEX runs_running; DROP INDEX runs_with_error;"
            "DROP TABLE attempts; CREATE TABLE attempts (id INTEGER PRIMARY KEY, run_id TEXT, provider TEXT,"
            " model TEXT, number INTEGER, started_at TEXT, ended_at TEXT, status TEXT, message TEXT,"
            " http_status INTEGER, retry_after_s REAL); PRAGMA user_version = 4;"
            "INSERT INTO attempts VALUES (3, 'later', 'openai', 'gpt', 2, '2026-01-31 13:00:00.000000',"
            " '2026-01-31 13:00:01.000000', 'rate_limit', 'Wait.', 429, 1.5);"
        )
    with closing(Database.open(path)) as database, database.read() as connection:
        [one] = attempts.attempts_of(connection, "later")
    assert (one.number, one.message, one.retry_after_s) == (2, "Wait.", 1.5)
    assert (one.parameters, one.note) == (None, None)


def schema(path: Path) -> dict[str, object]:
    """All that SQLite tells of the tables, and the text that created each thing."""
    with closing(sqlite3.connect(path)) as plain:
        found: dict[str, object] = dict(plain.execute("SELECT type || ' ' || name, sql FROM sqlite_schema"))
        for (table,) in plain.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            for pragma in ("table_xinfo", "foreign_key_list"):
                found[f"{pragma} {table}"] = plain.execute(f"PRAGMA {pragma}({table})").fetchall()
            indexes = plain.execute(f"PRAGMA index_list({table})").fetchall()
            found[f"indexes {table}"] = {
                name: (unique, plain.execute(f"PRAGMA index_xinfo({name})").fetchall())
                for _, name, unique, *_ in indexes
            }
        for pragma in ("application_id", "user_version"):
            found[pragma] = plain.execute(f"PRAGMA {pragma}").fetchone()
    return found


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as plain:
        return list(plain.iterdump())


def test_a_migrated_database_is_built_like_a_fresh_one(path: Path, tmp_path: Path) -> None:
    Database.open(path).close()
    Database.open(tmp_path / "fresh.db").close()
    assert schema(path) == schema(tmp_path / "fresh.db")


def test_all_that_was_there_is_there(path: Path) -> None:
    with closing(Database.open(path)) as database, database.read() as connection:
        [version] = prompts.load_versions(connection)
        assert (version.id, version.revision_id, version.usage_count, version.success_rate) == (7, 9, 2, 1.0)
        assert [file.path for file in prompts.load_files(connection)] == ["greeting.md"]
        later, earlier = runs.recent_runs(connection, 10)
    assert (later.id, later.seq, earlier.id, earlier.seq) == ("later", 2, "earlier", 1)
    assert later.created_at == datetime(2026, 1, 31, 13, tzinfo=UTC)
    assert (later.template_id, later.revision_id, later.values) == (7, 9, {"name": "Zoë"})
    assert (later.outcome, later.note, later.attempts, later.usage_estimated) == ("success", "kind", 2, True)
    assert (later.finish_kind, later.cost, later.commit_hash) == ("length", None, None)
    assert (earlier.status, earlier.error_class, earlier.finish_kind) == ("failed", "network", None)


def test_what_was_there_is_found_by_its_words(path: Path) -> None:
    with closing(Database.open(path)) as database, database.read() as connection:
        assert [run.id for run in find_runs(connection, RunFilter("zoe"), 10)] == ["later"]


def test_a_private_copy_of_the_old_state_is_kept(path: Path) -> None:
    before = dump(path)
    Database.open(path).close()
    copy = path.with_name("penstock.db.bak-v1")
    assert dump(copy) == before
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["penstock.db", "penstock.db.bak-v1"]


def test_a_database_that_is_up_to_date_costs_no_copy_and_no_import(path: Path) -> None:
    Database.open(path).close()
    copy = path.with_name("penstock.db.bak-v1")
    copy.unlink()
    code = (
        "import sys, pathlib; from tui.core.store.database import Database;"
        "Database.open(pathlib.Path(sys.argv[1])).close(); sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, timeout=60)
    assert not copy.exists()


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dump(path)

    def fail(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT 1 FROM nowhere")

    monkeypatch.setattr("tui.core.store.migrations.renew_index", fail)
    with pytest.raises(DatabaseError, match=r"from schema 1 to \d \(no such table: nowhere\); nothing in it"):
        Database.open(path)
    monkeypatch.undo()
    assert dump(path) == before
    Database.open(path).close()
    assert schema(path)["user_version"] == (SCHEMA_VERSION,)


def test_no_copy_no_migration(path: Path) -> None:
    before = dump(path)
    in_the_way = path.with_name("penstock.db.bak-v1")
    (in_the_way / "something").mkdir(parents=True)
    with pytest.raises(DatabaseError, match="could not be brought from schema 1"):
        Database.open(path)
    assert dump(path) == before
    assert not list(path.parent.glob("*.bak-v1.*"))


def test_several_starts_at_the_same_instant(tmp_path: Path) -> None:
    failures: list[Exception] = []

    def open_it(path: Path, start: threading.Barrier) -> None:
        start.wait()
        try:
            Database.open(path).close()
        except DatabaseError as error:
            failures.append(error)

    for attempt in range(5):
        path = tmp_path / f"{attempt}.db"
        with closing(sqlite3.connect(path)) as plain:
            plain.executescript(V1.read_text() + DATA_V1)
        start = threading.Barrier(3)
        racers = [threading.Thread(target=open_it, args=(path, start)) for _ in range(3)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        with closing(sqlite3.connect(path)) as plain:
            assert plain.execute("SELECT count(*), max(seq) FROM runs").fetchone() == (2, 2)
            assert plain.execute("SELECT count(*) FROM runs_fts WHERE runs_fts MATCH 'day'").fetchone() == (
                1,
            )
    assert failures == []
