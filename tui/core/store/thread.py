"""The one thread in which the database is used, called from an event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from tui.core.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseThread:
    """A thread that owns one database and does, one after another, what the event loop asks of it.

    A caller that is cancelled stops waiting; what has begun is finished all the same.
    """

    def __init__(self, executor: ThreadPoolExecutor, database: Database) -> None:
        self._executor = executor
        self.database = database
        """To be used by functions given to `call` only."""

    @classmethod
    async def open(cls, path: Path) -> DatabaseThread:
        """Start the thread and open the database in it; raises DatabaseError."""
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="penstock-database")
        try:
            database = await asyncio.get_running_loop().run_in_executor(executor, Database.open, path)
        except BaseException:
            executor.shutdown(wait=False)
            raise
        return cls(executor, database)

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `function` returns, or raise what it raises."""
        return await asyncio.get_running_loop().run_in_executor(
            self._executor, partial(function, *args, **kwargs)
        )

    async def write(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `function` with a connection, in one transaction of its own (see Database.begin)."""

        def transaction() -> T:
            with self.database.begin() as connection:
                return function(connection, *args, **kwargs)

        return await self.call(transaction)

    async def read(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `function` with a connection that reads one consistent state (see Database.read)."""

        def transaction() -> T:
            with self.database.read() as connection:
                return function(connection, *args, **kwargs)

        return await self.call(transaction)

    async def close(self) -> None:
        """Finish what was asked for, close the database and end the thread."""
        await self.call(self.database.close)
        self._executor.shutdown()
