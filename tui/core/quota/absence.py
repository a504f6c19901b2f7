"""What a process takes while it has lost the others, and how that is entered when it finds them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui.core.quota.brake import NEVER

if TYPE_CHECKING:
    from tui.core.quota.bucket import Bucket
    from tui.core.quota.limits import Kind
    from tui.core.quota.meter import Meter
    from tui.core.quota.rate import Rate


_NEW_NS = 1_000_000_000
"""A hold that ends so much later than before is another one, whatever the clocks have been corrected by."""


class Count(NamedTuple):
    """How much was taken: the units of each rate, the requests of the day of that number; and a new hold."""

    units: tuple[int, ...]
    day: int = 0
    requests: int = 0
    hold_until: int = NEVER
    hold_reason: str = ""

    @classmethod
    def of(cls, meter: Meter) -> Count:
        """Return all that was ever taken, and today."""
        return cls(meter.taken(), meter.day.number, meter.day.used)

    def less(self, other: Count) -> Count:
        """Return the difference, 0 or more; a rate that `other` does not have counts whole."""
        units = other.units + (0,) * len(self.units)
        today = self.requests - (other.requests if other.day == self.day else 0)
        return Count(
            tuple([max(0, ours - theirs) for ours, theirs in zip(self.units, units, strict=False)]),
            self.day,
            max(0, today),
        )


class Absence:
    """The time during which a meter is this process's own; it begins and ends any number of times.

    While nothing was ever heard of the others, `assumed` processes are taken to share the limits.
    """

    def __init__(self, assumed: int = 1) -> None:
        self.heard = False
        """Whether the others' state was ever read."""
        self.words = ""
        """What the absence means for the rate, as a sentence."""
        self._assumed = assumed
        self._kept: Count | None = None
        """What was taken that the others know of, while they do not know of all."""
        self._before: dict[Kind, tuple[int, Bucket]] = {}
        """The TAT of each rate, and the bucket it belongs to, when the absence began."""
        self._hold = NEVER
        """The end of the hold that the others know of."""

    def begin(self, meter: Meter, now: int, kept: Count | None = None) -> None:
        """Go on at this process's share of the rate; `kept` is what the others know of."""
        if self._kept is None:
            self._kept, self._hold = kept or Count.of(meter), meter.brake.until
        if meter.share == 1.0:
            self._before = {rate.spec.kind: (rate.tat, rate.spec.bucket) for rate in meter.rates}
        seen = 1 + len(meter.processes)
        processes = seen if self.heard else max(seen, self._assumed)
        self.words = words(processes, seen=self.heard)
        keep_to(meter, now, 1.0 / processes)

    @property
    def pending(self) -> bool:
        """Whether the others do not know yet of what may have been taken."""
        return self._kept is not None

    def told(self) -> None:
        """Note that the others know of everything, since they have this process's state."""
        self._kept = None

    def end(self, meter: Meter, now: int) -> None:
        """Count with the others again, whose state is not read yet: what it was, and what was taken since."""
        if meter.share == 1.0:
            return
        alone = self._alone(meter, now)
        keep_to(meter, now, 1.0)
        for rate, count in zip(meter.rates, alone.units, strict=True):
            if (before := self._before.get(rate.spec.kind)) is not None:
                bucket = rate.spec.bucket
                rate.tat = bucket.commit(bucket.adopt(before[0], now, before[1]), now, count)

    def taken(self, meter: Meter, now: int) -> Count:
        """Return, once, what the others do not know of, less the units that time has brought back."""
        alone, self._kept = self._alone(meter, now), None
        brake = meter.brake
        if alone is NOTHING_ALONE or brake.until < self._hold + _NEW_NS:
            return alone
        return alone._replace(hold_until=brake.until, hold_reason=brake.reason)

    def _alone(self, meter: Meter, now: int) -> Count:
        if self._kept is None:
            return NOTHING_ALONE
        alone = Count.of(meter).less(self._kept)
        owed = [min(count, _owed(rate, now)) for count, rate in zip(alone.units, meter.rates, strict=True)]
        return alone._replace(units=tuple(owed))


NOTHING_ALONE = Count(())


def words(processes: int, *, seen: bool) -> str:
    """Return, as a sentence, what is left of each limit for one of so many processes."""
    if processes > 1:
        why = f"{processes} processes were seen" if seen else f"{processes} processes are assumed"
        return f"This process keeps to 1/{processes} of each limit, since {why}."
    return (
        f"This process goes on at the full limits, since no other one {'was seen' if seen else 'is assumed'}."
    )


def keep_to(meter: Meter, now: int, share: float) -> None:
    """Make that part of the limits this process's own, of what is left as of what comes.

    Each of P processes that do so at once has 1/P of the level then, and of the rate: T' = T*P and B' = B/P
    with the TAT unchanged, so that together they stay within B + w/T in every window w. Nobody gets units
    back that were taken before.
    """
    if meter.share != share:
        tats, slowed = {rate.spec.kind: rate.tat for rate in meter.rates}, meter.brake.slowed
        meter.share = share
        meter.day.go_alone()
        meter.respecify(now)
        meter.brake.slowed = slowed
        for rate in meter.rates:
            rate.tat = tats[rate.spec.kind]
            rate.refunds.clear(meter.number + 1)


def enter(meter: Meter, now: int, alone: Count) -> None:
    """Enter what was taken meanwhile into the state of the others."""
    if any(alone.units):
        for rate, count in zip(meter.rates, alone.units, strict=True):
            rate.tat = rate.spec.bucket.commit(rate.tat, now, count)
        meter.enter(now, alone.units)
    meter.brake.hold(alone.hold_until, alone.hold_reason)
    if alone.requests and alone.day >= meter.day.number:
        meter.day.add(alone.day, alone.requests)


def _owed(rate: Rate, now: int) -> int:
    bucket = rate.spec.bucket
    return -(-bucket.debt_ns(rate.tat, now) // bucket.interval_ns)
