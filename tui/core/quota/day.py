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
    """The requests used today, and when today ends (ns of the quota's clock)."""

    used: int
    ends_ns: int


@dataclass(slots=True)
class DayCount:
    """The requests of the latest day that saw any; a clock that goes back grants no day twice."""

    number: int = 0
    used: int = 0

    def used_on(self, number: int) -> int:
        """Return the requests used on that day."""
        return self.used if number <= self.number else 0

    def facts(self, limits: Limits, wall_s: float, now: int) -> DayFacts:
        """Return what was used today, while it is `wall_s` by the wall clock and `now` by ours."""
        day = today(limits, wall_s)
        return DayFacts(self.used_on(day.number), now + int((day.ends.timestamp() - wall_s) * 1e9))

    def add(self, number: int, requests: int) -> None:
        """Count requests of that day."""
        self.used = self.used_on(number) + requests
        self.number = max(self.number, number)
