"""The database file: opened safely, and used in transactions on one connection."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy import exc as sqlalchemy_errors
from sqlalchemy.pool import StaticPool

from tui.core.private_file import make_private
from tui.core.store.backup import back_up
from tui.core.store.fulltext import create_index
from tui.core.store.tables import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SCHEMA_VERSION = 6
"""Kept in `PRAGMA user_version`; a release that changes the tables counts it up and adds a migration."""

APPLICATION_ID = 0x50535442
"""Kept in `PRAGMA application_id` ("PSTB"), so that no other program's database is taken for ours."""

BUSY_TIMEOUT_S = 5.0
"""How long a transaction waits for another process before it gives up."""

MIGRATION_TIMEOUT_S = 300.0
"""How long a start waits for another process that is bringing the same database up to date."""


_OUR_MISTAKES = (  # a wrong statement or thread is not a state of the file that its owner could mend
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlalchemy_errors.IntegrityError,
    sqlalchemy_errors.ProgrammingError,
)


class DatabaseError(Exception):
    """The database cannot be used; the message says what is wrong, where, and what to do."""


class Database:
    """One database on one connection; opened, used and closed in the same thread."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self._reader = engine
        self._writer = engine.execution_options(write=True)
        driver = engine.raw_connection().driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self._driver = driver

    @classmethod
    def open(cls, path: Path) -> Database:
        """Open the database at `path`, making the file, its folder and its tables where they are missing.

        A database of an older release is brought up to date, a copy of it being kept as `NAME.bak-vN`. Two
        processes may do this at the same instant. Raises DatabaseError; never deletes or empties a file.
        """
        try:
            _make_file(path)
        except OSError as error:
            raise DatabaseError(
                f"Cannot open the database {path}: {error.strerror}. Check the folder."
            ) from error
        engine = _engine(path)
        try:
            with _explained(path):
                database = cls(path, engine)
                _patiently(partial(_switch_to_wal, database._driver))
                database._bring_up_to_date()
                return database
        except BaseException:
            engine.dispose()
            raise

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """Write in one transaction: all of it happens, or, if the block raises, nothing.

        Raises DatabaseError when another process holds the database for more than five seconds, the disk is
        full, or the file is damaged.
        """
        with _explained(self.path), self._writer.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Read one consistent state; other processes may write meanwhile. Raises DatabaseError."""
        with _explained(self.path), self._reader.begin() as connection:
            yield connection

    def data_version(self) -> int:
        """Return a number that changes when, and only when, another connection changed the database."""
        with _explained(self.path):
            return self._pragma("data_version")

    def close(self) -> None:
        """Close the connection; the last one to close also empties the write-ahead log."""
        self._reader.dispose()

    def _pragma(self, name: str) -> int:
        return int(self._driver.execute(f"PRAGMA {name}").fetchone()[0])

    def _bring_up_to_date(self) -> None:
        # In a transaction: another process may create it between two looks, which would not fit together.
        with self._reader.begin():
            version = self._version()
        if version == SCHEMA_VERSION:
            return
        self._set_patience(MIGRATION_TIMEOUT_S if version else BUSY_TIMEOUT_S)
        # Looked at again under the write lock: another process may have been faster.
        with self._writer.begin() as connection:
            version = self._version()
            if version == 0:
                import_module("tui.core.store.trial_tables")  # the catalogue is whole with it
                Base.metadata.create_all(connection)
                create_index(connection)
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            elif version < SCHEMA_VERSION:
                self._migrate(connection, version)
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self._set_patience(BUSY_TIMEOUT_S)

    def _migrate(self, connection: Connection, version: int) -> None:
        from tui.core.store.migrations import migrate  # alembic: slow to import, and seldom needed

        try:
            back_up(self.path, self.path.with_name(f"{self.path.name}.bak-v{version}"))
            migrate(connection, version, SCHEMA_VERSION)
        except (OSError, sqlite3.Error, sqlalchemy_errors.SQLAlchemyError) as error:
            reason = getattr(error, "orig", None) or error
            raise DatabaseError(
                f"The database {self.path} could not be brought from schema {version} to {SCHEMA_VERSION} "
                f"({reason}); nothing in it was changed. Check that its folder can be written and has room "
                "for two more copies of it, and start again."
            ) from error

    def _set_patience(self, seconds: float) -> None:
        self._driver.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")

    def _version(self) -> int:
        """Return the schema's number, 0 for an empty database; raises DatabaseError for one not ours."""
        version, application = self._pragma("user_version"), self._pragma("application_id")
        tables = self._driver.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if (version or tables) and application != APPLICATION_ID:
            raise DatabaseError(
                f"{self.path} is the database of another program. Choose another data folder."
            )
        if version > SCHEMA_VERSION:
            raise DatabaseError(
                f"{self.path} was written by a newer Penstock (schema {version}, this one knows "
                f"{SCHEMA_VERSION}). Upgrade Penstock, or choose another data folder."
            )
        return version


def _make_file(path: Path) -> None:
    # Prompts and answers are private: nobody else may read them. SQLite gives its side files the same mode.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_private(path)


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=StaticPool,
        # The thread check stays on: the driver itself then proves the rule of one thread.
        connect_args={"check_same_thread": True, "timeout": BUSY_TIMEOUT_S},
    )

    @event.listens_for(engine, "connect")
    def configure(driver: sqlite3.Connection, _record: object) -> None:
        driver.isolation_level = None  # the driver's own transaction control cannot say BEGIN IMMEDIATE
        driver.execute("PRAGMA synchronous = NORMAL")
        driver.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later would fail at once, unwaited for, if somebody wrote
        # in between; so writers take the lock when they begin.
        write = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _switch_to_wal(driver: sqlite3.Connection) -> None:
    driver.execute("PRAGMA journal_mode = WAL")


def _patiently(action: Callable[[], None]) -> None:
    # SQLite does not use its busy timeout while the journal mode changes, so that wait is ours.
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
        time.sleep(0.01)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except _OUR_MISTAKES:
        raise
    except sqlite3.DatabaseError as error:
        raise DatabaseError(_sentence(path, str(error))) from error
    except sqlalchemy_errors.DatabaseError as error:
        raise DatabaseError(_sentence(path, str(error.orig))) from error


def _sentence(path: Path, reason: str) -> str:
    if "locked" in reason:
        return (
            f"The database {path} is held by another process. Close the program that uses it and try again."
        )
    if "full" in reason:
        return f"The disk with the database {path} is full. Make room and try again."
    if "readonly" in reason or "unable to open" in reason:
        return f"The database {path} cannot be written. Check the permissions of the file and of its folder."
    if "not a database" in reason:
        return f"{path} is not a database. Move it away, or choose another data folder."
    if "malformed" in reason:
        return f"The database {path} is damaged ({reason}). Move it away; the prompt files are not affected."
    return f"The database {path} failed: {reason}."
