"""The ledger that many machines share: one row an account on a PostgreSQL server, and that server's clock.

A change is one transaction on the row, locked, with the same arithmetic and the same record as in the shared
file. The times in a row are the server's; each process moves them to its own clock as it reads. A server that
is down or slow costs the sharing, not the calls: the process goes on alone, at its share of the rate, says
so, and comes back.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.core.quota.absence import NOTHING_ALONE, Absence, Count, enter
from tui.core.quota.clock import now_ns
from tui.core.quota.meter import Meter
from tui.core.quota.record import NO_RECORD, dump, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.core.quota.limits import Limits
    from tui.core.quota.postgres_link import Connection, PostgresLink
    from tui.core.quota.snapshot import Source

_TIME = "floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 1000"
_READ = f"""SELECT version, at_ns, figures, windows, {_TIME} AS now_ns
FROM (VALUES (1)) AS one LEFT JOIN penstock_accounts ON account = $1"""
_LOCK = f"""WITH locked AS MATERIALIZED
(SELECT version, at_ns, figures, windows FROM penstock_accounts WHERE account = $1 FOR UPDATE)
SELECT *, {_TIME} AS now_ns FROM locked"""
"""The time is told after the row is locked, which may have taken a while."""
_MAKE = """INSERT INTO penstock_accounts VALUES ($1, 0, 0, '', '') ON CONFLICT DO NOTHING"""
_WRITE = """UPDATE penstock_accounts SET version = $2, at_ns = $3, figures = $4, windows = $5
WHERE account = $1"""
_STEP_NS = 1_000_000_000
"""A record that is so far ahead of the server's clock was written before that was set back."""
_GONE_NS = 60_000_000_000
"""A process that said nothing for so long no longer shares."""

Change = tuple["Callable[[Meter, int], None]", "Callable[[], None]"]


class PostgresLedger:
    """The state of one account on a server; see `Ledger`.

    `account` is an opaque name of provider and key (never the key itself), the same on all machines. `clock`
    gives this process's ns. A server that was never reached may have as many processes as are `assumed`.
    Changes are made by the link's task, and so never before `run` returns while the
    server is there.
    """

    shared = True

    def __init__(
        self,
        link: PostgresLink,
        account: str,
        limits: Limits,
        *,
        assumed: int = 1,
        clock: Callable[[], int] = now_ns,
    ) -> None:
        self.meter = Meter(limits)
        self.source: Source = "local"
        self.problem = ""
        self.seen_ns = clock()
        self.told_running = 0
        self._link, self._account, self._clock = link, account, clock
        self._process = f"{socket.gethostname()}-{os.getpid()}-{random.getrandbits(32):08x}"
        self._ahead: int | None = None
        """By how much the server's clock is ahead of ours (ns)."""
        self._version: int | None = None
        """Of the row that the meter agrees with."""
        self._newest = 0
        """The highest version ever seen."""
        self._absence = Absence(assumed)
        self._change: Change | None = None
        self._done: Callable[[], None] | None = None
        self._left = asyncio.Event()
        self._look = self._news = self._alone = False
        link.join(self)

    # ------------------------------------------------------- for the limiter

    def run(self, now: int, change: Callable[[Meter, int], None], done: Callable[[], None]) -> None:
        """Have the row changed as soon as it is this ledger's turn; at once while the server is lost."""
        self._change = change, done
        if self._alone:
            self._change_alone()
        self._link.wake()

    def refresh(self) -> bool:
        """Have the row read; returns whether it was new the last time, or the server was lost or found."""
        self._look = True
        self._link.wake()
        news, self._news = self._news, False
        return news

    def shift(self, by: int) -> None:
        """Leave the state alone: the clock since boot is not moved."""

    def close(self, rest: Callable[[Meter, int], None] | None = None) -> None:
        """Leave the server, after the change that is under way, which nobody hears of any more, and `rest`.

        What is written by then counts, whether the answer arrives or not; a call is only let go after it.
        """
        self._look = False
        if self._change is not None:  # not begun: it takes the rest with it
            self._change = self._change[0], _nobody
        elif self._done is not None:
            self._done = _nobody if rest is None else partial(self.run, 0, rest, _nobody)
        self._link.leave(self)

    async def closed(self) -> None:
        """Wait until the server is left; that takes no longer than the link's patience."""
        await self._left.wait()

    # ---------------------------------------------------------- for the link

    @property
    def wanting(self) -> bool:
        """Whether there is a change to make or to keep, or a wish to look."""
        return self._change is not None or self._done is not None or self._look

    @property
    def meanwhile(self) -> str:
        """What it means for this process's rate that the server is lost."""
        return self._absence.words

    def left(self) -> None:
        """Belong to the server no longer."""
        self._left.set()

    async def found(self, connection: Connection) -> None:
        """Make sure of the row, and count with the others again, who learn what was taken meanwhile."""
        await connection.execute(_MAKE, self._account)
        self._version = None
        self._alone = False
        self._absence.end(self.meter, self._clock())
        if self._absence.pending:
            await self._transact(connection)
        else:
            await self._read(connection)
        self._absence.heard = True
        self.source, self.problem, self._news = "server", "", True

    async def exchange(self, connection: Connection) -> None:
        """Make the change that is asked for, or look."""
        if self._change is None:
            await self._read(connection)
        else:
            await self._transact(connection)

    async def _transact(self, connection: Connection) -> None:
        """Bring the row up to date, with the change that is asked for, if any."""
        await connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        before = self._clock()
        row = await connection.fetchrow(_LOCK, self._account)
        if row is None:  # somebody has emptied the table
            await connection.execute("ROLLBACK")
            await connection.execute(_MAKE, self._account)
            return
        now = self._tell_time(before, row["now_ns"], self._clock())
        alone = self._adopt(row, now) or NOTHING_ALONE
        kept = Count.of(self.meter).less(alone)
        version = self._newest + 1
        self._make_change(now)
        running = self.meter.running
        try:
            await connection.execute(_WRITE, self._account, version, *self._dump(now))
            await connection.execute("COMMIT")
        except BaseException:  # however it ended: it is not known whether the server has the change
            self._lose_sight(kept)
            raise
        self._version, self._newest, self.seen_ns, self.told_running = version, version, now, running
        self._finish()

    def lost(self, problem: str) -> None:
        """Go on alone, at this process's share of the rate."""
        self._lose_sight()
        self._news = self._news or self.problem != problem
        self.source, self.problem = "local", problem
        self._look = False
        if self._change is not None:
            self._change_alone()
        else:
            self._finish()

    # --------------------------------------------------------------- inside

    def _lose_sight(self, kept: Count | None = None) -> None:
        if not self._alone:
            self._alone = True
            self._absence.begin(self.meter, self._clock(), kept)

    def _change_alone(self) -> None:
        self._finish()
        self._make_change(self._clock())
        self._finish()

    def _make_change(self, now: int) -> None:
        if self._change is not None:
            (change, self._done), self._change = self._change, None
            change(self.meter, now)

    def _finish(self) -> None:
        """Say that the change is kept; another may come of it at once."""
        done, self._done = self._done, None
        if done is not None:
            done()

    async def _read(self, connection: Connection) -> None:
        self._look = False
        before = self._clock()
        row = await connection.fetchrow(_READ, self._account)
        now = self._tell_time(before, row["now_ns"], self._clock())
        if row["version"] is not None and self._adopt(row, now) is not None:
            self._news = True
        self.seen_ns = now

    def _tell_time(self, before: int, server: int, now: int) -> int:
        """Return `now`, knowing that the server said its time between `before` and it.

        The first time that is taken for the middle; later the difference is only brought within what is
        possible, so that its error never exceeds one exchange, and it does not jitter (Cristian's algorithm).
        """
        if self._ahead is None:
            self._ahead = server - (before + now) // 2
            return now
        ahead = min(max(self._ahead, server - now), server - before)
        if abs(self._ahead - ahead) < _STEP_NS:
            self._move(self._ahead - ahead)
        else:  # the server's clock was set: our time has not changed, what the row says has
            self._version = None
        self._ahead = ahead
        return now

    def _adopt(self, row: Mapping[str, Any], now: int) -> Count | None:
        """Make the meter what the row says, and enter what was taken alone, which is returned.

        None, and nothing happens, if nobody has written the row since.
        """
        if row["version"] == self._version:
            return None
        alone = self._absence.taken(self.meter, now)
        ahead = self._ahead or 0
        self._move(ahead)
        usable = row["version"] >= self._newest  # else the server has lost what we have seen of it
        try:
            if usable:
                load(self.meter, row["figures"], row["windows"], now + ahead, self._process)
        except NO_RECORD:
            usable = False  # no record of ours: the next change writes a good one over it
        if usable and row["at_ns"] > now + ahead + _STEP_NS:
            self._move(now + ahead - row["at_ns"])
        self._move(-ahead)
        if usable:
            enter(self.meter, now, alone)
        self._version, self._newest = row["version"], max(row["version"], self._newest)
        return alone

    def _dump(self, now: int) -> tuple[int, str, bytes]:
        """Return the record, in the server's time."""
        meter, ahead = self.meter, self._ahead or 0
        meter.processes = {name: said for name, said in meter.processes.items() if said[2] > now - _GONE_NS}
        self._move(ahead)
        try:
            return now + ahead, *dump(meter, now + ahead, self._process)
        finally:
            self._move(-ahead)

    def _move(self, by: int) -> None:
        """Move the whole state to a clock that is ahead by so much."""
        if by:
            self.meter.shift(by)
            self.meter.processes = {
                name: (running, waiting, at + by)
                for name, (running, waiting, at) in self.meter.processes.items()
            }


def _nobody() -> None:
    pass
