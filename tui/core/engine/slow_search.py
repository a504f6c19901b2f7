"""A search that no index helps with: read by stretches, so that the database is never held for long."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from typing import TypeVar

    from sqlalchemy import Connection

    from tui.core.store.search import FoundRun, RunFilter
    from tui.core.store.stretches import Stretch
    from tui.core.store.thread import DatabaseThread

    T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sofar:
    """What a search has found up to now, and the share of the runs that it has looked at."""

    rows: Sequence[FoundRun]
    """The first ones, newest first."""
    count: int
    share: float


async def page(
    database: DatabaseThread, wanted: RunFilter, limit: int, after: int | None, before: int | None
) -> list[FoundRun]:
    """Return what `find_runs` returns."""
    from tui.core.store.search import find_runs

    def read(connection: Connection, within: range) -> list[FoundRun]:
        up = None if before is None else 0
        return find_runs(connection, wanted, limit - len(found), before=up, within=within)

    found: list[FoundRun] = []
    async for rows, _ in _stretches(database, read, after, before):
        found = [*found, *rows] if before is None else [*rows, *found]
        if len(found) >= limit:
            break
    return found


async def count(database: DatabaseThread, wanted: RunFilter) -> int:
    """Return what `count_runs` returns, of the runs that there were when it began."""
    from tui.core.store.search import count_runs

    def read(connection: Connection, within: range) -> int:
        return count_runs(connection, wanted, within)

    return sum([found async for found, _ in _stretches(database, read)])


async def search(database: DatabaseThread, wanted: RunFilter, limit: int) -> AsyncIterator[Sofar]:
    """Yield the first `limit` runs and the count of all, time and again, as far as they are known."""
    from tui.core.store.stretches import look_through

    rows: list[FoundRun] = []
    total = 0

    def read(connection: Connection, within: range) -> Stretch:
        return look_through(connection, wanted, within, limit - len(rows))

    async for stretch, share in _stretches(database, read):
        rows = [*rows, *stretch.rows]
        total += stretch.count
        yield Sofar(rows, total, share)


async def _stretches(
    database: DatabaseThread,
    read: Callable[[Connection, range], T],
    after: int | None = None,
    before: int | None = None,
) -> AsyncIterator[tuple[T, float]]:
    """Yield what is read of each stretch, from the newest run on, or upwards from `before`; and the share."""
    from tui.core.store.stretches import Pace, cut, numbers

    whole = await database.read(numbers)
    if after is not None:
        whole = range(whole.start, min(whole.stop, after))
    if before is not None:
        whole = range(max(whole.start, before + 1), whole.stop)
    left, pace = whole, Pace()
    while left:
        within, left = cut(left, pace.size, newest=before is None)
        began = time.perf_counter()
        found = await database.read(read, within)
        pace.took(time.perf_counter() - began)
        yield found, 1 - len(left) / len(whole)
