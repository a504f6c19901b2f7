"""One limit a minute: its figures, how far it is used, and a view of that for any later moment."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui.core.quota.bucket import Bucket
from tui.core.quota.limits import Kind, Limits
from tui.core.quota.refunds import Refunds
from tui.core.quota.window import Window, WindowView

RESERVE = 0.2
"""The part of a burst that batch calls leave to interactive ones (Stripe's reserve for critical traffic)."""


@dataclass(frozen=True, slots=True)
class RateSpec:
    """What does not change while the rate is used."""

    kind: Kind
    limit: int
    bucket: Bucket
    strict: bool
    """Whether no more than `limit` may go in any 60 s."""
    reserve: int
    """Units that a batch call leaves."""

    @property
    def windowed(self) -> bool:
        """Whether the last 60 s are logged: if `strict`, and for a gauge that shows more than the burst."""
        return self.strict or (self.kind is Kind.REQUESTS and self.bucket.burst < self.limit)


def rate_specs(limits: Limits, factor: float = 1.0) -> list[RateSpec]:
    """Return the figures of each limit a minute, requests first, refilled at `factor` of its rate."""
    strict = limits.shape == "strict"
    return [
        RateSpec(kind, limit, Bucket.per_minute(limit, burst, factor), strict, int(RESERVE * burst))
        for kind, limit, burst in limits.rates()
    ]


RateFacts = tuple[RateSpec, int, WindowView | None]


@dataclass(slots=True)
class Rate:
    """How far a limit is used."""

    spec: RateSpec
    window: Window | None
    tat: int = 0
    taken: int = 0
    """All units ever taken."""
    refunds: Refunds = field(default_factory=Refunds)
    observed: int = 0
    """The take whose answer was the last one believed."""
    higher: int = 0
    """How many answers in a row stated more than our level."""

    @classmethod
    def fresh(cls, spec: RateSpec, number: int = 0) -> Rate:
        """Return an unused rate, after `number` takes."""
        return cls(spec, Window(first=number) if spec.windowed else None)

    def wait(self, now: int, cost: int, reserve: int) -> int:
        """Return the ns until `cost` units may be taken, leaving `reserve`."""
        spec = self.spec
        wait = spec.bucket.wait(self.tat, now, cost, reserve)
        if spec.strict and self.window is not None:
            return max(wait, self.window.view().wait(now, cost, max(cost, spec.limit - reserve)))
        return wait

    def take(self, at: int, number: int, units: int, *, keep: bool) -> None:
        """Take the units; `keep` says that an earlier take may still be given back."""
        bucket = self.spec.bucket
        if keep:
            self.refunds.saw(number, bucket.debt_ns(self.tat, at))
        else:
            self.refunds.clear(number)
        if units:
            self.tat = bucket.commit(self.tat, at, units)
            self.taken += units
        if self.window is not None:
            self.window.add(at, units)

    def settle(self, now: int, number: int, reserved: int, actual: int) -> None:
        """Make that take as large as it was, smaller only as far as that gives no false credit."""
        bucket, extra = self.spec.bucket, actual - reserved
        if extra > 0 and reserved:
            self.tat = bucket.charge(self.tat, extra)
        elif extra > 0:
            self.tat = bucket.commit(self.tat, now, extra)
        else:
            debt = bucket.debt_ns(self.tat, now)
            back = self.refunds.allowed(number, -extra * bucket.interval_ns, debt)
            self.refunds.give(back)
            self.tat -= back
        self.taken += extra
        if self.window is not None:
            self.window.change(number - 1, extra)

    def inherit(self, before: Rate, now: int, number: int) -> None:
        """Carry over what was used; a window that was not kept until now starts with what the bucket owes."""
        bucket, old = self.spec.bucket, before.spec.bucket
        self.tat = bucket.adopt(before.tat, now, old)
        self.taken, self.observed, self.higher = before.taken, before.observed, before.higher
        self.refunds = before.refunds
        self.refunds.scale(bucket.interval_ns, old.interval_ns)
        if self.window is not None and before.window is not None:
            self.window = before.window
        elif self.window is not None:
            owed = -(-bucket.debt_ns(self.tat, now) // bucket.interval_ns)
            self.window = Window(first=number - 1)
            self.window.add(now, min(self.spec.limit, owed))

    def observe(self, now: int, number: int, taken: int, remaining: int, *, calm: bool) -> int:
        """Believe that `remaining` units were left when take `number`, the `taken`-th unit, was answered.

        What was taken since is subtracted. Less than our level counts at once; more counts if nothing was
        taken since and nothing is in flight (`calm`), twice in a row, and only for a bucket. The caller
        ignores answers to takes before the last one believed. Returns the units to enter into the window,
        as if they had been taken now.
        """
        self.observed = number
        left = remaining - (self.taken - taken)
        bucket = self.spec.bucket
        level = bucket.level(self.tat, now)
        if left < level:
            self.higher = 0
            self.refunds.void = max(self.refunds.void, number)
            self.tat = bucket.lower(self.tat, now, left)
        elif left > level and calm and not self.spec.strict:
            self.higher += 1
            if self.higher >= 2:
                self.tat = bucket.raise_(self.tat, now, left)
        if self.window is None:
            return 0
        return max(0, self.spec.limit - self.window.view().used(now) - max(left, 0))

    def facts(self) -> RateFacts:
        """Return the state as it is now; reading it later needs no lock."""
        return self.spec, self.tat, None if self.window is None else self.window.view()


@dataclass(frozen=True, slots=True)
class RateView:
    """An immutable copy of a rate, to be evaluated at any later time (ns)."""

    spec: RateSpec
    tat: int
    window: WindowView | None

    def level(self, now: int) -> float:
        """Return what is left of the limit; negative while in debt."""
        if self.window is not None:
            return float(self.spec.limit - self.window.used(now))
        return self.spec.bucket.level(self.tat, now)

    def burst_now(self, now: int) -> float:
        """Return how many units may go at once."""
        level = self.spec.bucket.level(self.tat, now)
        if self.spec.strict and self.window is not None:
            level = min(level, self.spec.limit - self.window.used(now))
        return max(0.0, level)

    def eta(self, now: int, ahead: int, cost: int) -> int:
        """Return the ns until `cost` units may be taken when `ahead` units go first."""
        if not ahead + cost:
            return 0
        bucket = self.spec.bucket
        wait = bucket.wait(bucket.commit(self.tat, now, ahead), now, cost)
        if self.spec.strict and self.window is not None:
            wait = max(wait, self.window.eta(now, ahead, cost, self.spec.limit))
        return wait

    def full_in(self, now: int) -> int:
        """Return the ns until all of the limit is left."""
        full = self.spec.bucket.debt_ns(self.tat, now)
        return max(full, self.window.empty_in(now)) if self.window is not None else full
