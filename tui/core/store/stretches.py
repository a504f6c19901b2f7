"""Searches that have to read the texts themselves, done over a stretch of runs at a time.

No stretch takes long: between two of them others get at the database, and a search that nobody waits for any
more ends. The numbers of runs (`seq`) are divided, so that no run is looked at twice or left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from tui.core.store.search import count_runs, find_runs
from tui.core.store.search_terms import parse_search
from tui.core.store.tables import RUNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from tui.core.store.search import FoundRun, RunFilter

TAKES_S = 0.03
"""What a stretch is meant to take: with texts of 5 kB about 6,000 runs, with longer ones fewer."""
_FIRST = 500
_LEAST, _MOST = 20, 20_000


def reads_texts(wanted: RunFilter) -> bool:
    """Return whether no index knows what is wanted."""
    return bool(parse_search(wanted.text).fragments)


def numbers(connection: Connection) -> range:
    """Return the numbers of all runs, from the oldest to the newest."""
    first, last = connection.execute(select(func.min(RUNS.c.seq), func.max(RUNS.c.seq))).one()
    return range(first, last + 1) if first is not None else range(0)


class Pace:
    """How many runs the next stretch has."""

    def __init__(self) -> None:
        self.size = _FIRST

    def took(self, seconds: float) -> None:
        """Learn from the stretch before; no change is more than fourfold."""
        wanted = self.size * min(4.0, max(0.25, TAKES_S / max(seconds, 1e-6)))
        self.size = min(_MOST, max(_LEAST, round(wanted)))


def cut(left: range, size: int, *, newest: bool) -> tuple[range, range]:
    """Return a stretch of the numbers that are left, from their one end or the other, and those after it."""
    if newest:
        border = max(left.start, left.stop - size)
        return range(border, left.stop), range(left.start, border)
    border = min(left.stop, left.start + size)
    return range(left.start, border), range(border, left.stop)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What there is in a stretch: the first runs, newest first, and how many there are in all."""

    rows: Sequence[FoundRun]
    count: int


def look_through(connection: Connection, wanted: RunFilter, within: range, limit: int) -> Stretch:
    """Return up to `limit` runs among those numbers, and count all that are wanted."""
    rows = find_runs(connection, wanted, limit, within=within) if limit else []
    few = limit and len(rows) < limit
    return Stretch(rows, len(rows) if few else count_runs(connection, wanted, within))
