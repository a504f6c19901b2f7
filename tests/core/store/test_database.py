"""The database file: created safely, shared by processes, and never lost to a crash."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from tui.core.store.database import APPLICATION_ID, SCHEMA_VERSION, Database, DatabaseError
from tui.core.store.thread import DatabaseThread

INSERT = "INSERT INTO prompt_templates (name, version, template) VALUES (?, ?, 'text')"
COUNT = "SELECT count(*) FROM prompt_templates"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "penstock.db"


def count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.exec_driver_sql(COUNT).scalar_one())


def test_makes_a_private_folder_and_file(path: Path) -> None:
    database = Database.open(path)
    with database.begin() as connection:
        connection.exec_driver_sql(INSERT, ("greeting", 1))
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}
    database.close()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert modes == {"penstock.db": 0o600, "penstock.db-wal": 0o600, "penstock.db-shm": 0o600}


def test_settings_of_the_connection(path: Path) -> None:
    database = Database.open(path)
    with database.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "user_version")
        }
    database.close()
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "user_version": SCHEMA_VERSION,
    }


def test_the_tables_explain_themselves_to_plain_sqlite(path: Path) -> None:
    Database.open(path).close()
    plain = sqlite3.connect(path)
    schema = dict(plain.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"))
    plain.close()
    tables = {name for name in schema if not name.startswith("runs_fts")}
    assert tables == {
        "prompt_templates",
        "prompt_revisions",
        "prompt_files",
        "runs",
        "attempts",
        "drafts",
        "memory",
        "experiments",
        "arms",
        "uses",
        "reported",
        "audit",
        "matrices",
        "cells",
    }
    assert "runs started, over all revisions" in schema["prompt_templates"]
    assert "VARCHAR" not in "".join(schema.values())


def test_a_row_of_the_specified_columns_alone_is_accepted(path: Path) -> None:
    Database.open(path).close()
    plain = sqlite3.connect(path)
    plain.execute(
        "INSERT OR REPLACE INTO prompt_templates (name, version, template, variables, active)"
        " VALUES ('greeting', 1, 'Hello {{name}}', '[\"name\"]', true)"
    )
    row = plain.execute("SELECT id, usage_count, success_rate, created_at FROM prompt_templates").fetchone()
    plain.close()
    assert row[:3] == (1, 0, None)
    assert row[3].startswith("20")


def test_content_survives_closing(path: Path) -> None:
    first = Database.open(path)
    with first.begin() as connection:
        connection.exec_driver_sql(INSERT, ("greeting", 1))
    first.close()
    second = Database.open(path)
    assert count(second) == 1
    second.close()


def test_a_failed_block_leaves_nothing_behind(path: Path) -> None:
    database = Database.open(path)
    with pytest.raises(ZeroDivisionError), database.begin() as connection:
        connection.exec_driver_sql(INSERT, ("greeting", 1))
        raise ZeroDivisionError
    assert count(database) == 0
    database.close()


def test_data_version_tells_of_the_changes_of_others_only(path: Path) -> None:
    mine, other = Database.open(path), Database.open(path)
    before = mine.data_version()
    with mine.begin() as connection:
        connection.exec_driver_sql(INSERT, ("greeting", 1))
    assert mine.data_version() == before
    with other.begin() as connection:
        connection.exec_driver_sql(INSERT, ("greeting", 2))
    assert mine.data_version() != before
    mine.close()
    other.close()


@pytest.mark.parametrize(
    "content", [b"---\nname: x\n---\nA prompt, not a database.\n", b"SQLite format 3\0" + b"?" * 5000]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(DatabaseError, match=r"penstock\.db is .*Move it away"):
        Database.open(path)
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_refused(path: Path) -> None:
    path.parent.mkdir()
    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE bookmarks (url TEXT)")
    plain.commit()
    plain.close()
    with pytest.raises(DatabaseError, match="database of another program"):
        Database.open(path)


def test_a_newer_schema_is_refused(path: Path) -> None:
    Database.open(path).close()
    plain = sqlite3.connect(path)
    plain.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    plain.close()
    with pytest.raises(DatabaseError, match=r"newer Penstock .*Upgrade Penstock"):
        Database.open(path)


def test_a_file_where_the_folder_should_be_is_explained(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(DatabaseError, match="Cannot open the database"):
        Database.open(tmp_path / "data" / "penstock.db")


def test_a_lock_that_is_held_is_explained(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.core.store.database.BUSY_TIMEOUT_S", 0.0)
    holder, waiter = Database.open(path), Database.open(path)
    with holder.begin(), pytest.raises(DatabaseError, match="held by another process"), waiter.begin():
        pass
    with waiter.begin() as connection:
        connection.exec_driver_sql(INSERT, ("greeting", 1))
    assert count(holder) == 1
    holder.close()
    waiter.close()


def test_a_damaged_page_is_explained(path: Path) -> None:
    database = Database.open(path)
    with database.begin() as connection:
        connection.exec_driver_sql(INSERT, ("greeting", 1))
    database.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(DatabaseError, match="is damaged"):
        count(Database.open(path))


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


OPEN_AT_ONCE = f"""
import sys
from pathlib import Path
from tui.core.store.database import Database
print("ready", flush=True)
sys.stdin.readline()
database = Database.open(Path(sys.argv[1]))
for version in range(20):
    with database.begin() as connection:
        connection.exec_driver_sql({INSERT!r}, (sys.argv[2], version))
database.close()
print("done")
"""


def test_two_processes_create_it_at_the_same_instant(path: Path) -> None:
    processes = [python(OPEN_AT_ONCE, str(path), name) for name in ("one", "two")]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0] for process in processes] == ["done\n", "done\n"]
    database = Database.open(path)
    assert count(database) == 40
    database.close()


def test_threads_racing_to_create_it_again_and_again(tmp_path: Path) -> None:
    """The same race many times over, which processes are too slow to start for."""
    failures: list[Exception] = []

    def open_it(path: Path, start: threading.Barrier) -> None:
        start.wait()
        try:
            Database.open(path).close()
        except DatabaseError as error:
            failures.append(error)

    for attempt in range(20):
        start = threading.Barrier(4)
        path = tmp_path / str(attempt) / "penstock.db"
        racers = [threading.Thread(target=open_it, args=(path, start)) for _ in range(4)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
    assert failures == []


WRITE_FOREVER = f"""
import sys
from pathlib import Path
from tui.core.store.database import Database
database = Database.open(Path(sys.argv[1]))
version = 0
while True:
    with database.begin() as connection:
        connection.exec_driver_sql({INSERT!r}, ("one", version))
        connection.exec_driver_sql({INSERT!r}, ("two", version))
    print(version, flush=True)
    version += 1
"""


def test_killed_in_the_middle_of_writing(path: Path) -> None:
    process = python(WRITE_FOREVER, str(path))
    assert process.stdout is not None
    for _ in range(200):
        told = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    database = Database.open(path)
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        ones, twos = (
            connection.exec_driver_sql(f"{COUNT} WHERE name = ?", (name,)).scalar_one()
            for name in ("one", "two")
        )
    database.close()
    assert ones == twos >= told + 1


def test_copies_are_recognised_as_ours(path: Path, tmp_path: Path) -> None:
    Database.open(path).close()
    copy = tmp_path / "copy.db"
    shutil.copyfile(path, copy)
    plain = sqlite3.connect(copy)
    assert plain.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    plain.close()
    Database.open(copy).close()


async def test_everything_runs_in_the_thread_of_the_database(path: Path) -> None:
    thread = await DatabaseThread.open(path)
    names = {await thread.call(lambda: threading.current_thread().name) for _ in range(5)}
    assert len(names) == 1
    assert names != {threading.current_thread().name}
    with pytest.raises(ProgrammingError, match="thread"), thread.database.read():
        pass  # the driver itself refuses another thread
    await thread.close()
    assert names.isdisjoint(running.name for running in threading.enumerate())


async def test_calls_return_and_raise(path: Path) -> None:
    thread = await DatabaseThread.open(path)

    def add(connection: object, name: str, *, version: int) -> str:
        connection.exec_driver_sql(INSERT, (name, version))  # type: ignore[attr-defined]
        if version == 2:
            raise ZeroDivisionError
        return name

    assert await thread.write(add, "greeting", version=1) == "greeting"
    with pytest.raises(ZeroDivisionError):
        await thread.write(add, "greeting", version=2)
    assert await thread.read(lambda connection: connection.exec_driver_sql(COUNT).scalar_one()) == 1
    await thread.close()


async def test_a_database_that_does_not_open_leaves_no_thread(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("not a database")
    before = threading.active_count()
    with pytest.raises(DatabaseError):
        await DatabaseThread.open(path)
    for thread in threading.enumerate():
        if thread.name.startswith("penstock-database"):
            thread.join(10)
    assert threading.active_count() == before
