"""A sliding window: what was taken in the last 60 s, as a log that others may read while it grows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from tui.core.quota.bucket import MINUTE_NS

WINDOW_NS = MINUTE_NS
_LONGEST = 1024


Log = tuple[list[int], list[int], int]
"""The times (ns, ascending), the totals (units taken up to and including that entry), and how many of both.

The lists are those of the `Window`, which only ever appends to them: the first entries stay what they are.
"""


class WindowView(NamedTuple):
    """The log as it was at one moment; see `Log`."""

    times: list[int]
    totals: list[int]
    size: int

    def used(self, now: int) -> int:
        """Return the units taken in (now - W, now], and any that are reserved for later."""
        return self._end() - self._before(now)

    def wait(self, now: int, cost: int, limit: int) -> int:
        """Return the ns until `cost` units (at most `limit`) fit into the window.

        t_k + W - t for the least k with S - (n_1 + .. + n_k) + n <= L: the sliding log's own definition.
        """
        times, totals, size = self
        if not size:
            return 0
        before = self._before(now)
        excess = totals[size - 1] - before + cost - limit
        if excess <= 0:
            return 0
        entry = bisect_left(totals, before + excess, 0, size)
        return times[entry] + WINDOW_NS - now

    def eta(self, now: int, ahead: int, cost: int, limit: int) -> int:
        """Return the ns until `cost` units fit when `ahead` others go first, each as soon as it may.

        Every L units further back is one window later: go(k) = go(k - L) + W.
        """
        windows, rest = divmod(ahead + cost - 1, limit)
        return windows * WINDOW_NS + self.wait(now, rest + 1, limit)

    def empty_in(self, now: int) -> int:
        """Return the ns until nothing is in the window any more."""
        return max(0, self.times[self.size - 1] + WINDOW_NS - now) if self.size else 0

    def _end(self) -> int:
        return self.totals[self.size - 1] if self.size else 0

    def _before(self, now: int) -> int:
        gone = bisect_right(self.times, now - WINDOW_NS, 0, self.size)
        return self.totals[gone - 1] if gone else 0


@dataclass(slots=True)
class Window:
    """The log itself. Entries keep the number they were given, until they are forgotten."""

    lists: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))
    """Times and totals, as in `WindowView`: appended to, or both replaced at once, never changed in place."""
    first: int = 0
    """The number of the oldest entry kept."""

    def log(self) -> Log:
        """Return the log as it is now."""
        times, totals = self.lists
        return times, totals, len(times)

    def view(self) -> WindowView:
        """Return the log as it is now, to be asked."""
        return WindowView(*self.log())

    def surely_fits(self, cost: int, limit: int) -> bool:
        """Return whether `cost` units fit even if no entry is old enough to be forgotten."""
        totals = self.lists[1]
        return not totals or totals[-1] + cost <= limit

    def add(self, at: int, cost: int) -> None:
        """Append what was taken at `at` (ns; when the last was if that is later), under the next number."""
        times, totals = self.lists
        if len(times) >= _LONGEST and times[_LONGEST // 2] <= at - WINDOW_NS:
            self.forget(at)
            times, totals = self.lists
        totals.append((totals[-1] if totals else 0) + cost)
        times.append(max(at, times[-1]) if times else at)

    def change(self, number: int, amount: int) -> None:
        """Make that entry `amount` units larger (or smaller); nothing if it is forgotten."""
        place = number - self.first
        times, totals = self.lists
        if 0 <= place < len(times):
            self.lists = times[:], totals[:place] + [total + amount for total in totals[place:]]

    def shift(self, by: int) -> None:
        """Move every entry `by` ns, because the clock was moved."""
        times, totals = self.lists
        self.lists = [time + by for time in times], totals[:]

    def forget(self, now: int) -> None:
        """Drop the entries that are older than a minute."""
        times, totals = self.lists
        if times and times[0] <= now - WINDOW_NS:
            gone = bisect_right(times, now - WINDOW_NS)
            base = totals[gone - 1]
            self.first += gone
            self.lists = times[gone:], [total - base for total in totals[gone:]]
