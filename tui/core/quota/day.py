"""A limit a calendar day: which day it is for a provider, and when the next one begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tui.core.quota.limits import zone

if TYPE_CHECKING:
    from tui.core.quota.limits import Limits


@dataclass(frozen=True, slots=True)
class Today:
    """A day's number (the proleptic Gregorian ordinal, as of `date.toordinal`) and when it ends."""

    number: int
    ends: datetime


def today(limits: Limits, wall_s: float) -> Today:
    """Return the day of the limits' zone at `wall_s` (seconds since the epoch)."""
    there = zone(limits.day_zone) or UTC
    date = datetime.fromtimestamp(wall_s, there).date()
    return Today(date.toordinal(), datetime.combine(date + timedelta(days=1), time.min, there))


class DayFacts(NamedTuple):
    """The requests left today and on a day of which none are used, and when today ends (ns of our clock)."""

    left: int
    whole: int
    ends_ns: int


@dataclass(slots=True)
class DayCount:
    """The requests of the latest day that saw any; a clock that goes back grants no day twice."""

    number: int = 0
    used: int = 0
    shared: tuple[int, int] = (0, 0)
    """The day, and what was used of it, when this process went on alone: the rest is divided."""

    def used_on(self, number: int) -> int:
        """Return the requests used on that day."""
        return self.used if number <= self.number else 0

    def left(self, number: int, most: int, share: float) -> int:
        """Return the requests left on that day, 0 or more, to a process whose own is that share of `most`."""
        used = self.used_on(number)
        shared = self.shared[1] if self.shared[0] == number else 0
        own = most if share >= 1.0 else shared + int((most - shared) * share)
        return max(0, own - used)

    def go_alone(self) -> None:
        """Note that from now on only a share of what is left is this process's own."""
        self.shared = self.number, self.used

    def add(self, number: int, requests: int) -> None:
        """Count requests of that day."""
        self.used = self.used_on(number) + requests
        self.number = max(self.number, number)
