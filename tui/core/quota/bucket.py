"""The token bucket as a generic cell rate algorithm (GCRA), in integer nanoseconds and without side effects.

The state of a bucket is one number, the *theoretical arrival time* TAT: when the bucket will be full again.
It is the virtual scheduling algorithm of ITU-T I.371 (annex A) with the increment T = `interval_ns` and the
limit tau = (B-1)*T, here with units of any cost, and with debt. A bucket described by its level and this one
agree:

    level(t) = B - max(0, TAT - t)/T

so that nothing has to be refilled, no rounding accumulates, and reading changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

MINUTE_NS = 60_000_000_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """What does not change while a bucket is used: the time that one unit takes, and how many it holds.

    Every method takes the TAT (ns) and returns it changed, or what follows from it; `now` is in ns of the
    same clock.
    """

    interval_ns: int
    burst: int

    @classmethod
    def per_minute(cls, limit: int, burst: int, factor: float = 1.0) -> Bucket:
        """Return the bucket that refills at `limit * factor` a minute.

        T = ceil(60e9 / limit), rounded up so that the rate is never exceeded (0 < factor <= 1).
        """
        interval = -(-MINUTE_NS // limit)
        return cls(interval if factor >= 1.0 else int(interval / factor) + 1, burst)

    def debt_ns(self, tat: int, now: int) -> int:
        """Return the time until the bucket is full: max(0, TAT - t)."""
        return tat - now if tat > now else 0

    def level(self, tat: int, now: int) -> float:
        """Return the units left: B - max(0, TAT - t)/T; negative while in debt."""
        return self.burst - self.debt_ns(tat, now) / self.interval_ns

    def wait(self, tat: int, now: int, cost: int, reserve: int = 0) -> int:
        """Return the ns until `cost` units may be taken, leaving `reserve` (< B) units in the bucket.

        I.371 conforms a cell at t >= TAT - tau. For n units that is
        max(0, max(TAT,t) + min(n,B)*T - B*T - t) = max(0, debt - max(0, B-n)*T), with B lessened by the
        reserve. A cost above B waits for a full bucket and then borrows ("the next one pays", Guava's
        SmoothRateLimiter).
        """
        spare = self.burst - reserve - cost
        wait = tat - now - spare * self.interval_ns if spare > 0 else tat - now
        return wait if wait > 0 else 0

    def commit(self, tat: int, now: int, cost: int) -> int:
        """Return the TAT after taking `cost` units at `now`: max(TAT, t) + n*T (I.371)."""
        return (tat if tat > now else now) + cost * self.interval_ns

    def charge(self, tat: int, cost: int) -> int:
        """Return the TAT when a call that took some units turns out to have cost `cost` more: TAT + n*T.

        It is at least the TAT of a bucket that had known, since commit is monotone in TAT and never widens a
        gap.
        """
        return tat + cost * self.interval_ns

    def lower(self, tat: int, now: int, level: float) -> int:
        """Return the TAT at which no more than `level` units are left: max(TAT, t + (B - level)*T)."""
        return max(tat, now + self._debt_of(level))

    def raise_(self, tat: int, now: int, level: float) -> int:
        """Return the TAT at which at least `level` units are left, B at most: min(TAT, t + (B - level)*T)."""
        return min(tat, now + max(0, self._debt_of(level)))

    def adopt(self, tat: int, now: int, old: Bucket) -> int:
        """Return the TAT that owes as many units as `old` owes with `tat`: what was used stays used.

        t + ceil((TAT - t) * T/T_old).
        """
        if tat <= now or self.interval_ns == old.interval_ns:
            return tat
        return now - (-(tat - now) * self.interval_ns // old.interval_ns)

    def _debt_of(self, level: float) -> int:
        return int((self.burst - level) * self.interval_ns)
