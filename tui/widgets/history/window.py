"""Which part of a long list is in memory: a stretch that grows and moves, with its place in the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Numbered(Protocol):
    """A row that knows its place: later ones have the higher number."""

    @property
    def seq(self) -> int:
        """Its number."""
        ...


R = TypeVar("R", bound=Numbered)

KEPT = 2_000
"""Rows that are kept in memory at most."""


class Window(Generic[R]):
    """Rows of descending `seq`, without a gap between them; `start` is where in the list the first one is."""

    def __init__(self, kept: int = KEPT) -> None:
        self.rows: list[R] = []
        self.start = 0
        self.total = 0
        """How many rows the list has; at least those that have been seen, until `counted`."""
        self.newest = 0
        """The highest number that the list is known to have."""
        self._kept = kept

    @property
    def end(self) -> int:
        """Where in the list the first row after those in memory is."""
        return self.start + len(self.rows)

    def get(self, number: int) -> R | None:
        """Return the row at that place of the list, None where it is not in memory."""
        place = number - self.start
        return self.rows[place] if 0 <= place < len(self.rows) else None

    def place(self, seq: int) -> int | None:
        """Return where in the list the row of that number is, None where it is not in memory."""
        found = next((place for place, row in enumerate(self.rows) if row.seq == seq), None)
        return None if found is None else self.start + found

    # ---------------------------------------------------------------- what comes

    def begin(self, rows: Sequence[R]) -> None:
        """Take the first rows of a list, of which nothing else is known."""
        self.rows, self.start, self.total = list(rows), 0, len(rows)
        self.newest = rows[0].seq if rows else 0

    def finish(self, rows: Sequence[R]) -> None:
        """Take the last rows of the list in place of those in memory."""
        self.rows = list(rows)
        self.total = max(self.total, len(rows))
        self.start = self.total - len(rows)

    def counted(self, total: int) -> None:
        """Take in how many rows the list has; the rows in memory stay where they are."""
        self.total = max(total, self.end)

    def below(self, rows: Sequence[R], asked: int) -> None:
        """Take in what follows the last row; fewer than were asked for are the end of the list."""
        self.rows += rows
        self.total = self.end if len(rows) < asked else max(self.total, self.end)
        if (extra := len(self.rows) - self._kept) > 0:
            del self.rows[:extra]
            self.start += extra

    def above(self, rows: Sequence[R]) -> None:
        """Take in what stands before the first row."""
        fitting = rows[-self.start :] if self.start else ()
        self.rows[:0] = fitting
        self.start -= len(fitting)
        del self.rows[self._kept :]

    def missing(self, rows: Iterable[R]) -> list[R]:
        """Return those of the first rows of the list that belong between those in memory.

        They have not been in the list when it was read: what a filter asks for came true later.
        """
        if self.start:
            return []
        known = {row.seq for row in self.rows}
        last = self.rows[-1].seq if self.end < self.total else 0
        return [row for row in rows if row.seq > last and row.seq not in known]

    def arrived(self, rows: Sequence[R]) -> None:
        """Take in rows that are newer than all there were, or `missing`; they move the others down."""
        if self.start == 0:
            self.rows = sorted([*rows, *self.rows], key=lambda row: -row.seq)[: self._kept]
        else:
            self.start += len(rows)
        self.total += len(rows)
        self.newest = max([self.newest, *(row.seq for row in rows)])

    def renewed(self, rows: Iterable[R]) -> set[int]:
        """Take in what rows in memory say now; return the places of those that say something else."""
        now = {row.seq: row for row in rows}
        changed = set()
        for place, row in enumerate(self.rows):
            if (new := now.get(row.seq)) is not None and new != row:
                self.rows[place] = new
                changed.add(self.start + place)
        return changed
