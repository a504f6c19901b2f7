"""The ledger that all processes of a user on one machine share: one row an account in an SQLite file.

A change is one transaction of some tens of microseconds, made on the loop itself; a file that is busy is
tried again through the loop and never waited for. A file that is lost costs the sharing, not the calls: the
process goes on alone, at its share of the rate, says so, and comes back.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import time
from typing import TYPE_CHECKING

from tui.core.private_file import make_private
from tui.core.quota.absence import Absence, Count, enter
from tui.core.quota.clock import now_ns
from tui.core.quota.location import boot_id, identity
from tui.core.quota.meter import Meter
from tui.core.quota.record import NO_RECORD, dump, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui.core.quota.limits import Limits
    from tui.core.quota.snapshot import Source

_SCHEMA = """CREATE TABLE IF NOT EXISTS accounts (
    account TEXT PRIMARY KEY, version INTEGER NOT NULL, boot TEXT NOT NULL, at_ns INTEGER NOT NULL,
    wall_s REAL NOT NULL, figures TEXT NOT NULL, windows BLOB NOT NULL) WITHOUT ROWID"""
_READ = "SELECT version, boot, at_ns, wall_s, figures, windows FROM accounts WHERE account = ?"
_WRITE = "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?)"
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PATIENCE_NS = 1_000_000_000
"""A file that is busy for so long is lost."""
_CHECK_NS = 1_000_000_000
"""So often it is made sure that the path still names the open file, and a lost file is sought again."""
_GONE_NS = 60_000_000_000
"""A process that said nothing for so long no longer shares."""
_FIRST_WAIT_MS = 200
"""Processes that start together wait for each other to make the file."""


class SqliteLedger:
    """The state of one account in a file; see `Ledger`.

    `account` is an opaque name of provider and key (never the key itself); `boot` tells one boot of the
    machine from another, between which `clock` (ns) means nothing.
    """

    shared = True

    def __init__(
        self,
        path: Path,
        account: str,
        limits: Limits,
        *,
        clock: Callable[[], int] = now_ns,
        wall: Callable[[], float] = time.time,
        boot: str | None = None,
    ) -> None:
        self.meter = Meter(limits)
        self.source: Source = "local"
        self.problem = ""
        self.seen_ns = clock()
        self.told_running = 0
        self._path, self._account = path, account
        self._clock, self._wall = clock, wall
        self._boot = boot_id() if boot is None else boot
        self._process = f"{os.getpid()}-{random.getrandbits(32):08x}"
        self._db: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._version: int | None = None
        self._absence = Absence()
        self._checked = self.seen_ns
        self._retry: asyncio.TimerHandle | None = None
        self._open(_FIRST_WAIT_MS)

    @property
    def meanwhile(self) -> str:
        """What it means for this process's rate that the file is lost."""
        return self._absence.words

    def run(self, now: int, change: Callable[[Meter, int], None], done: Callable[[], None]) -> None:
        """Change the row in a transaction, at once or as soon as no other process is in one."""
        at = self._clock()
        self._check(at)
        try:
            begun = self._begin(at)
        except BlockingIOError:
            if at - now < _PATIENCE_NS:
                delay = 0.0002 + 0.0018 * random.random()
                loop = asyncio.get_running_loop()
                self._retry = loop.call_later(delay, self.run, now, change, done)
                return
            self._lose(f"another process has kept {self._path} locked")
            begun = False
        at = max(at, self._clock())
        kept = Count.of(self.meter)
        try:
            change(self.meter, at)
        except BaseException:
            self._roll_back()
            raise
        if begun:
            self._commit(at, kept)
        done()

    def refresh(self) -> bool:
        """Look at what others have written; returns whether anything is new."""
        before = self.source, self._version
        now = self._clock()
        self._check(now)
        if self._db is not None:
            try:
                self._read(self._db, now)
                self.seen_ns = now
            except sqlite3.Error as error:
                if _code(error) not in _BUSY:
                    self._lose(str(error), error)
        return before != (self.source, self._version)

    def shift(self, by: int) -> None:
        """Leave the state alone: the clock since boot is not moved."""

    def close(self, rest: Callable[[Meter, int], None] | None = None) -> None:
        """Leave the file; a change that still waits for it is lost."""
        if self._retry is not None:
            self._retry.cancel()
        self._disconnect()

    async def closed(self) -> None:
        """Nothing to wait for."""

    def _begin(self, now: int) -> bool:
        """Begin a transaction, False if there is no file; raises BlockingIOError if it is busy."""
        if self._db is None:
            return False
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._read(self._db, now)
        except sqlite3.Error as error:
            self._roll_back()
            if _code(error) in _BUSY:
                raise BlockingIOError from error
            self._lose(str(error), error)
            return False
        except BaseException:
            self._roll_back()  # else nobody could write any more
            raise
        return True

    def _commit(self, now: int, kept: Count) -> None:
        db, meter = self._db, self.meter
        if db is None:
            return
        version = (self._version or random.getrandbits(40)) + 1
        meter.processes = {name: said for name, said in meter.processes.items() if said[2] > now - _GONE_NS}
        try:
            row = dump(meter, now, self._process)
            db.execute(_WRITE, (self._account, version, self._boot, now, self._wall(), *row))
            db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            self._lose(str(error), error, kept)
            return
        except BaseException:
            self._roll_back()
            raise
        self._version, self.seen_ns, self.told_running = version, now, meter.running
        self._absence.told()

    def _roll_back(self) -> None:
        self._version = None
        if self._db is not None and self._db.in_transaction:
            self._db.rollback()

    def _read(self, db: sqlite3.Connection, now: int) -> None:
        """Make the meter what the row says, if another has written it since."""
        row = db.execute(_READ, (self._account,)).fetchone()
        if row is None or row[0] == self._version:
            return
        version, boot, at, wall, figures, windows = row
        alone = self._absence.taken(self.meter, now)
        try:
            load(self.meter, figures, windows, now, self._process)
        except NO_RECORD:
            return  # no record of ours: the next commit writes a good one over it
        if boot != self._boot or at > now + _CHECK_NS:
            self._arrive_from_another_boot(now, at, wall)
        enter(self.meter, now, alone)
        self._version = version

    def _arrive_from_another_boot(self, now: int, at: int, wall: float) -> None:
        """Move the record from the clock of that boot to ours by the wall clock, which may be wrong."""
        self.meter.shift(now - at - int(max(0.0, self._wall() - wall) * 1e9))
        self.meter.processes = {}
        for rate in self.meter.rates:
            bucket = rate.spec.bucket
            rate.tat = min(rate.tat, now + bucket.burst * bucket.interval_ns)

    def _check(self, now: int) -> None:
        """Once a second, see whether the path still names the open file, or a lost file is back."""
        if now - self._checked < _CHECK_NS:
            return
        self._checked = now
        if self._db is not None and identity(self._path) != self._identity:
            self._lose("the file was replaced")
        if self._db is None:
            self._open(0)

    def _open(self, wait_ms: int) -> None:
        try:
            make_private(self._path)
            self._db = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
            self._db.execute(f"PRAGMA busy_timeout = {wait_ms}")
            if self._db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = OFF")
            if self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'accounts'").fetchone() is None:
                self._db.execute(_SCHEMA)
            self._db.execute("PRAGMA busy_timeout = 0")
        except (sqlite3.Error, OSError) as error:
            self._lose(str(error), error)
            return
        self._identity, self._version = identity(self._path), None
        self.source, self.problem = "shared", ""
        self._absence.end(self.meter, self._clock())
        self._absence.heard = True

    def _lose(self, problem: str, error: Exception | None = None, kept: Count | None = None) -> None:
        """Go on alone, at this process's share of the rate."""
        self._disconnect()
        if isinstance(error, sqlite3.Error) and _code(error) in _BROKEN:
            self._path.unlink(missing_ok=True)
        self.source = "local"
        self._absence.begin(self.meter, self._clock(), kept)
        self.problem = f"The quota is not shared with other processes: {problem}."

    def _disconnect(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None


def _code(error: sqlite3.Error) -> int:
    """Return the primary result code; 0 where Python itself raised."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
