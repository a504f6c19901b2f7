"""The gauge of one quota: an immutable picture that answers for any later moment without asking again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from tui.core.quota.brake import NEVER
from tui.core.quota.limits import LARGEST, NOTHING, Kind, turns_of_others
from tui.core.quota.rate import RateView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.quota.day import DayFacts
    from tui.core.quota.ledger import Ledger
    from tui.core.quota.limits import Cost, Limits
    from tui.core.quota.rate import RateFacts

Source = Literal["local", "shared", "server"]


class Standing(NamedTuple):
    """The part of a snapshot that a plain take or the end of a call does not change."""

    limits: Limits
    hold_until: int
    hold_reason: str
    factor: float
    share: float
    stated: Mapping[Kind, int]
    source: Source
    problem: str
    seen_ns: int
    place_at: int | None
    others_waiting: tuple[int, ...]

    @classmethod
    def of(cls, ledger: Ledger, place_at: int | None, now: int) -> Standing:
        """Return it as that ledger has it."""
        meter = ledger.meter
        brake = meter.brake
        return cls(
            limits=meter.limits,
            hold_until=brake.until,
            hold_reason=brake.reason,
            factor=brake.factor,
            share=meter.share,
            stated=meter.stated,
            source=ledger.source,
            problem=ledger.problem,
            seen_ns=ledger.seen_ns,
            place_at=place_at,
            others_waiting=meter.others_waiting(now),
        )


Facts = tuple[Standing, tuple["RateFacts", ...], tuple[int, "Cost", "Cost", "Cost"], int, "DayFacts | None"]
"""What a snapshot is made of: the standing facts, the rates, who waits and for what, the calls in flight
elsewhere, and the day if it has a limit. (Those in flight here are read as they are: a number needs no copy.)

Published as one object, so that a thread never sees half a change."""


@dataclass(frozen=True, slots=True)
class QuotaSnapshot:
    """What a limiter knew when something other than the time changed last.

    `now` is always in ns of `tui.core.quota.clock.now_ns`; results are in units (requests) or seconds.
    Nothing here locks, waits or changes anything, and everything may be used from any thread.
    """

    name: str
    limits: Limits
    capacity: int
    """What the gauge is drawn of: the requests a minute."""
    rates: tuple[RateView, ...]
    """The state of each limit a minute; requests come first."""
    waiting: int
    in_flight: int
    hold_until_ns: int | None
    hold_reason: str
    source: Source
    head: Cost
    """What the call that goes next takes; one request if nobody waits."""
    ahead_of_last: Cost
    """What all the waiting calls take but the last one."""
    last: Cost
    """What the call that goes last takes."""
    factor: float
    """The part of the rate in use: below 1 after refusals that our own figures did not explain."""
    share: float
    """The part of all limits, `capacity` too, that is this process's own: below 1 if it lost the others."""
    stated: Mapping[Kind, int]
    """The limits a minute that the server has stated; those below ours are in force."""

    problem: str
    """Why the quota is not shared though it should be, as a sentence; else empty."""
    seen_ns: int
    """When the state was last exchanged with those it is shared with; 0 if it is not meant to be shared."""
    place_at: int | None
    """When the first in line goes, if its place among all processes is taken already (ns)."""
    others_waiting: tuple[int, ...]
    """How many calls wait in each of the other processes that share the quota."""
    day: DayFacts | None
    """What is left of the requests a day, if these have a limit: of a process alone, of its part."""

    @classmethod
    def of(cls, name: str, facts: Facts, running: int) -> QuotaSnapshot:
        """Make a snapshot of what a limiter published, with so many of its own calls in flight."""
        standing, rates, (waiting, head, ahead, last), elsewhere, day = facts
        held = standing.hold_until > NEVER // 2
        return cls(
            name=name,
            limits=standing.limits,
            capacity=rates[0][0].limit,
            rates=tuple(map(RateView.of, rates)),
            waiting=waiting,
            in_flight=running + elsewhere,
            hold_until_ns=standing.hold_until if held else None,
            hold_reason=standing.hold_reason,
            source=standing.source,
            head=head,
            ahead_of_last=ahead,
            last=last,
            factor=standing.factor,
            share=standing.share,
            stated=standing.stated,
            problem=standing.problem,
            seen_ns=standing.seen_ns,
            place_at=standing.place_at,
            others_waiting=standing.others_waiting,
            day=day,
        )

    def level(self, now: int) -> float:
        """Return the requests left of `capacity`; negative while in debt.

        The level of the bucket where it holds the whole limit (B = L); otherwise L less what the last 60 s
        used.
        """
        return self.rates[0].level(now)

    def burst_now(self, now: int) -> float:
        """Return how many requests may go at once, 0 or more: the mark on a gauge whose burst is below L."""
        today = self.day_left(now)
        at_once = self.rates[0].burst_now(now) if self.hold_in(now) <= 0 else 0.0
        return at_once if today is None else min(at_once, today)

    def day_left(self, now: int) -> int | None:
        """Return the requests left today, 0 or more; None without a limit a day."""
        if self.day is None:
            return None
        return self.day.left if now < self.day.ends_ns else self.day.whole

    def day_ends_in(self, now: int) -> float:
        """Return the seconds until another day's requests are there; 0 without a limit a day."""
        return max(0, self.day.ends_ns - now) / 1e9 if self.day is not None else 0.0

    @property
    def unlimited(self) -> bool:
        """Whether neither we nor the server, as far as it has said, limit the requests a minute."""
        return min(self.limits.requests_per_minute, self.stated.get(Kind.REQUESTS, LARGEST)) == LARGEST

    def reading(self, now: int) -> tuple[int, int] | None:
        """Return what a gauge shows: the requests left, and of how many.

        Where these are unlimited, it is the free places among those for calls in flight, None if there are
        any number of them.
        """
        most = self.limits.max_in_flight
        if not self.unlimited:
            return self.left(now), self.capacity
        return None if most is None else (max(0, most - self.in_flight), most)

    @property
    def _most_in_flight(self) -> int | None:
        """How many calls may be running at once here and now; None if any number."""
        return self.limits.in_flight_of(self.factor, self.share)

    @property
    def in_flight_full(self) -> bool:
        """Whether the next call waits for a running one to end, whatever the rates say."""
        most = self._most_in_flight
        return most is not None and self.in_flight >= most

    @property
    def places(self) -> int:
        """How many more calls may be running at once, behind all that wait; LARGEST if any number."""
        if (most := self._most_in_flight) is None:
            return LARGEST
        return max(0, most - self.in_flight - self.waiting - sum(self.others_waiting))

    def next_in(self, now: int) -> float:
        """Return the seconds until the first of the waiting calls goes, or one request if nobody waits."""
        if self.place_at is not None:
            return max(0, self.place_at - now) / 1e9
        return self._first_room(now, NOTHING, self.head)

    def eta(self, now: int) -> float:
        """Return the seconds until the last of the waiting calls goes; 0 if nobody waits."""
        if self.place_at is not None and self.waiting == 1:
            return self.next_in(now)
        if not self.waiting:
            return 0.0
        if self.place_at is None:
            return self._first_room(now, self.ahead_of_last, self.last)
        ahead = self.ahead_of_last.minus(self.head)  # the first of each process has its place already
        others = turns_of_others(
            self.waiting - 1, [waiting - 1 for waiting in self.others_waiting if waiting]
        )
        return self._first_room(now, ahead.plus(others), self.last)

    def eta_of(self, now: int, ahead: Cost, last: Cost) -> float:
        """Return the seconds until the last of more calls goes, if they queue up now behind all that wait.

        `ahead` is what all of them take but the last one. What other processes have waiting is not counted.
        """
        if self.waiting:
            ahead = ahead.plus(self.ahead_of_last).plus(self.last)
        return self._first_room(now, ahead, last)

    def age(self, now: int) -> float:
        """Return the seconds since the state was exchanged with the others; 0 if it is not shared."""
        return max(0, now - self.seen_ns) / 1e9 if self.seen_ns else 0.0

    def full_in(self, now: int) -> float:
        """Return the seconds until `level` is `capacity` again if nothing goes meanwhile."""
        return self.rates[0].full_in(now) / 1e9

    def hold_in(self, now: int) -> float:
        """Return the seconds until the provider's or the user's hold ends; 0 without one."""
        return max(0, self.hold_until_ns - now) / 1e9 if self.hold_until_ns is not None else 0.0

    def left(self, now: int) -> int:
        """Return the whole requests left, 0 or more: the number beside the gauge."""
        return max(0, math.floor(self.level(now) + 1e-9))

    def _first_room(self, now: int, ahead: Cost, cost: Cost) -> float:
        start = max(now, self.hold_until_ns or now)
        today = self.day_left(now)
        if self.day is not None and today is not None and ahead.requests + cost.requests > today:
            start = max(start, self.day.ends_ns)
        wait = max(rate.eta(start, ahead[rate.spec.kind], cost[rate.spec.kind]) for rate in self.rates)
        return (start - now + wait) / 1e9
