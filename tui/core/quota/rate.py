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


RateFacts = tuple[RateSpec, int, WindowView | None]


@dataclass(slots=True)
class Rate:
    """How far a limit is used."""

    spec: RateSpec
    window: Window | None
    tat: int = 0
    refunds: Refunds = field(default_factory=Refunds)

    @classmethod
    def fresh(cls, spec: RateSpec) -> Rate:
        """Return an unused rate."""
        return cls(spec, Window() if spec.windowed else None)

    def wait(self, now: int, cost: int, reserve: int) -> int:
        """Return the ns until `cost` units may be taken, leaving `reserve`."""
        spec = self.spec
        wait = spec.bucket.wait(self.tat, now, cost, reserve)
        if spec.strict and self.window is not None:
            wait = max(wait, self.window.view().wait(now, cost, max(cost, spec.limit - reserve)))
        return wait

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


def rate_specs(limits: Limits) -> list[RateSpec]:
    """Return the figures of each limit a minute; requests come first."""
    strict = limits.shape == "strict"
    return [
        RateSpec(kind, limit, Bucket.per_minute(limit, burst), strict, int(RESERVE * burst))
        for kind, limit, burst in limits.rates()
    ]
