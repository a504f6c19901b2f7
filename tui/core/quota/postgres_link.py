"""The one connection of a process to a PostgreSQL server, and the one task that owns it.

Ledgers say what they have to do and are called from that task, one after the other; nobody else touches the
socket, so that nothing a caller does, be it cancelled at whatever moment, can leave it in the middle of an
exchange. What takes too long is ended by closing the connection.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

import asyncpg

from tui.core.quota.server_url import host_of, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, ValueError)
"""What the driver raises; TimeoutError is an OSError, and an address that cannot be parsed a ValueError."""
_MADE = "SELECT to_regclass('penstock_accounts') IS NOT NULL"
_MAKE = """SELECT pg_advisory_xact_lock(7366870321);
CREATE TABLE IF NOT EXISTS penstock_accounts (
    account text PRIMARY KEY, version bigint NOT NULL, at_ns bigint NOT NULL,
    figures text NOT NULL, windows bytea NOT NULL)"""
_MANNERS = """SET synchronous_commit = on; SET lock_timeout = {twice_ms};
SET idle_in_transaction_session_timeout = {half_ms}"""
"""A row whose holder stands still is free again before those who wait for it lose patience.

A call goes only when its commit is on the server's disk, and on its synchronous standbys if it has any: with
`off` the last grants before a crash (up to three times wal_writer_delay, 0.6 s) would be granted again. On a
local server with an SSD that costs 0.3 ms a grant (median 1.0 against 0.7 ms; four processes at once: 2.6 to
4.3 against 2.5 ms), which no limit of calls a minute notices.
"""


class Connection(Protocol):
    """What is used of `asyncpg.Connection`."""

    async def execute(self, query: str, *args: object) -> str:
        """Carry out statements."""

    async def fetchrow(self, query: str, *args: object) -> Any:
        """Return the first row, None if there is none."""

    async def fetchval(self, query: str, *args: object) -> Any:
        """Return the first column of the first row."""

    def add_termination_listener(self, callback: Callable[[Connection], None]) -> None:
        """Call that when the connection ends."""

    def is_closed(self) -> bool:
        """Return whether it has ended."""

    def terminate(self) -> None:
        """Close the socket; whoever waits for an answer gets an error."""


class User(Protocol):
    """A ledger, as the link sees it."""

    @property
    def wanting(self) -> bool:
        """Whether there is something to exchange."""

    async def exchange(self, connection: Connection) -> None:
        """Do it; the connection is lost if this raises what the driver does."""

    async def found(self, connection: Connection) -> None:
        """Begin with a new connection."""

    def lost(self, problem: str) -> None:
        """Go on alone."""

    def left(self) -> None:
        """Nothing is exchanged any more, after `leave`."""


class PostgresLink:
    """Connects when the first user has something to do, and again and again once the server is lost.

    An exchange that takes longer than `patience_s`, connecting included, loses the server for `retry_s`.
    """

    def __init__(self, url: str, *, patience_s: float = 1.0, retry_s: float = 1.0) -> None:
        self._url, self._patience_s, self._retry_s = url, patience_s, retry_s
        self._users: list[User] = []
        self._leaving: list[User] = []
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._connection: Connection | None = None
        self._slow = False

    def join(self, user: User) -> None:
        """Serve that ledger, too."""
        self._users.append(user)

    def leave(self, user: User) -> None:
        """Serve it no longer; what it still wants is exchanged if the server is there."""
        if user not in self._users:
            return
        if self._connection is not None and user.wanting:
            self._leaving.append(user)
            self._wake.set()
        else:
            self._drop(user)

    def wake(self) -> None:
        """See to those who want something; before there is a loop, that waits for the first wish in it."""
        self._wake.set()
        if self._task is None:
            with suppress(RuntimeError):
                loop = asyncio.get_running_loop()
                self._task = loop.create_task(self._serve(), name="quota on PostgreSQL")

    def _hang_up(self, _: Connection) -> None:
        self._wake.set()

    def _drop(self, user: User) -> None:
        self._users.remove(user)
        user.left()
        if not self._users and self._task is not None:
            if self._connection is not None:
                self._connection.terminate()
            self._task.cancel()

    async def _serve(self) -> None:
        try:
            while self._users:
                try:
                    await self._stay_connected()
                except _LOST as error:
                    self._lose(error)
                finally:
                    if self._connection is not None:
                        self._connection.terminate()
                        self._connection = None
                await asyncio.sleep(self._retry_s)
        finally:
            for user in self._users:
                user.left()

    async def _stay_connected(self) -> None:
        """Serve the users on one connection until it is lost; raises what the driver does."""
        connection: Connection = await asyncpg.connect(
            self._url, timeout=self._patience_s, server_settings={"application_name": "penstock"}
        )
        self._connection = connection
        connection.add_termination_listener(self._hang_up)
        with self._watch(connection):
            milliseconds = max(2, round(self._patience_s * 1000))
            await connection.execute(
                _MANNERS.format(twice_ms=2 * milliseconds, half_ms=max(1, milliseconds // 2))
            )
            if not await connection.fetchval(_MADE):
                await connection.execute(_MAKE)
        met: list[User] = []
        while True:
            self._wake.clear()
            if connection.is_closed():
                raise ConnectionResetError("the server has closed the connection")
            for user in list(self._users):
                if user not in met:
                    met.append(user)
                    with self._watch(connection):
                        await user.found(connection)
                if user.wanting:
                    with self._watch(connection):
                        await user.exchange(connection)
                if user in self._leaving and not user.wanting:
                    self._drop(user)
            if not any(user.wanting for user in self._users):
                await self._wake.wait()

    @contextmanager
    def _watch(self, connection: Connection) -> Iterator[None]:
        """Close the connection under an exchange that takes too long: unlike a cancellation, that asks
        nothing more of the server."""

        def give_up() -> None:
            self._slow = True
            connection.terminate()

        timer = asyncio.get_running_loop().call_later(self._patience_s, give_up)
        try:
            yield
        finally:
            timer.cancel()

    def _lose(self, error: Exception) -> None:
        slow, self._slow = self._slow or isinstance(error, TimeoutError), False
        reason = f"no answer within {self._patience_s:g} s" if slow else _sentence(error)
        reason = without_secrets(f"{host_of(self._url)}: {reason}", self._url)
        for user in list(self._users):
            if user in self._leaving:
                self._drop(user)
            else:
                user.lost(f"The quota is not shared with other machines: {reason}.")


def _sentence(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens on that port"
    reason = (isinstance(error, OSError) and error.strerror) or str(error)
    return (reason.splitlines() or [type(error).__name__])[0].rstrip(".")
