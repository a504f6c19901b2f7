"""One limit a minute: its figures, how far it is used, and a view of that for any later moment."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui.core.quota.bucket import Bucket
from tui.core.quota.limits import RESERVE, Kind, Limits
from tui.core.quota.refunds import Refunds
from tui.core.quota.window import Log, Window, WindowView


@dataclass(frozen=True, slots=True)
class RateSpec:
    """What does not change while the rate is used."""

    kind: Kind
    limit: int
    """This process's share of the limit, if it has lost the others."""
    whole: int
    """The limit, which no single call may exceed."""
    bucket: Bucket
    strict: bool
    """Whether no more than `limit` may go in any 60 s."""
    reserve: int
    """Units that a batch call leaves."""
    margin_ns: int
    """How much later than it goes a call may reach the server."""

    @property
    def windowed(self) -> bool:
        """Whether the last 60 s are logged: if `strict`, and for a gauge that shows more than the burst."""
        return self.strict or (self.kind is Kind.REQUESTS and self.bucket.burst < self.limit)


def rate_specs(limits: Limits, factor: float = 1.0, share: float = 1.0) -> list[RateSpec]:
    """Return the figures of each limit a minute, requests first, refilled at `factor` of its rate.

    Of limit, burst and rate only a `share` is this process's own, but at least one unit.
    """
    strict, margin = limits.shape == "strict", int(limits.margin_s * 1e9)
    return [
        RateSpec(
            kind,
            max(1, int(limit * share)),
            limit,
            Bucket.per_minute(limit, own, factor * share),
            strict,
            int(RESERVE * own),
            margin,
        )
        for kind, limit, burst in limits.rates()
        for own in (max(1, int(burst * share)),)
    ]


RateFacts = tuple[RateSpec, int, int, Log | None]


@dataclass(slots=True)
class Rate:
    """How far a limit is used."""

    spec: RateSpec
    window: Window | None
    tat: int = 0
    full_at: int = 0
    """When the bucket was last full, or what is left was last stated, plus the margin."""
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
        spec, window = self.spec, self.window
        at = _as_of(spec, self.full_at, now) if self.full_at > now else now
        wait = spec.bucket.wait(self.tat, at, cost, reserve)
        if wait:
            wait += at - now
        if spec.strict and window is not None:
            most = max(cost, spec.limit - reserve)
            if not window.surely_fits(cost, most):
                return max(wait, window.view().wait(now, cost, most))
        return wait

    def take(self, at: int, number: int, units: int, keep: bool) -> int:
        """Take the units and return all that were ever taken.

        `keep` says that an earlier take may still be given back.

        They are taken as of the latest moment at which the server may see them: TAT := max(TAT, t + m) +
        n*T. Of calls i to j it sees no more than B + max(0, t_j - t_i - m)/T then, whatever the delays
        within m; and its window forgets each call no later than ours.
        """
        bucket = self.spec.bucket
        full = self.tat <= at
        at += self.spec.margin_ns
        if full:
            self.full_at = at
        if keep:
            self.refunds.saw(number, bucket.debt_ns(self.tat, at))
        else:
            self.refunds.clear(number)
        if units:
            self.tat = bucket.commit(self.tat, at, units)
            self.taken += units
        if self.window is not None:
            self.window.add(at, units)
        return self.taken

    def settle(self, now: int, number: int, reserved: int, actual: int) -> None:
        """Make that take as large as it was, smaller only as far as that gives no false credit."""
        bucket, extra = self.spec.bucket, actual - reserved
        if extra > 0 and reserved:
            self.tat = bucket.charge(self.tat, extra)
        elif extra > 0:
            self.tat = bucket.commit(self.tat, now + self.spec.margin_ns, extra)
        else:
            debt = bucket.debt_ns(self.tat, now + self.spec.margin_ns)
            back = self.refunds.allowed(number, -extra * bucket.interval_ns, debt)
            self.refunds.give(back)
            self.tat -= back
        self.taken += extra
        if self.window is not None:
            self.window.change(number - 1, extra)

    def inherit(self, before: Rate, now: int, number: int) -> None:
        """Carry over what was used; a window that was not kept until now starts with what the bucket owes.

        The margin is a time, not a use: it is the same at any rate.
        """
        bucket, old = self.spec.bucket, before.spec.bucket
        now += before.spec.margin_ns
        self.tat, self.full_at = bucket.adopt(before.tat, now, old), before.full_at
        self.taken, self.observed, self.higher = before.taken, before.observed, before.higher
        self.refunds = before.refunds
        self.refunds.scale(bucket.interval_ns, old.interval_ns)
        if self.window is not None and before.window is not None:
            self.window = before.window
        elif self.window is not None:
            owed = -(-bucket.debt_ns(self.tat, now) // bucket.interval_ns)
            self.window = Window(first=number - 1)
            self.window.add(now, min(self.spec.limit, owed))

    def forgive(self, now: int) -> None:
        """Owe no more than the limit, since a server with this limit cannot have let more go."""
        bucket = self.spec.bucket
        self.tat = bucket.raise_(self.tat, now + self.spec.margin_ns, 0)

    def observe(self, now: int, number: int, at: int, left: int, *, calm: bool) -> int:
        """Believe that `left` units were left by what the server counted when take `number` of `at` came.

        That was within the margin after `at`, whenever the answer arrives: time has brought back units since.
        Less than our level counts at once; more counts if nothing was taken since and nothing is in flight
        (`calm`), twice in a row, and only for a bucket, of whose burst as much is missing as of the limit.
        The caller ignores answers to takes before the last one believed. Returns the units to enter into the
        window, as if they had been taken now.
        """
        self.observed = number
        counted = min(at, now) + self.spec.margin_ns
        now += self.spec.margin_ns
        bucket = self.spec.bucket
        tat = bucket.lower(self.tat, counted, left)
        if tat > self.tat:
            self.higher = 0
            self.refunds.void = max(self.refunds.void, number)
            self.tat, self.full_at = tat, counted
        elif (
            calm
            and not self.spec.strict
            and (room := left - self.spec.limit + bucket.burst) > bucket.level(self.tat, now)
        ):
            self.higher += 1
            if self.higher >= 2:
                self.tat = bucket.raise_(self.tat, now, room)
        if self.window is None:
            return 0
        return max(0, self.spec.limit - self.window.view().used(counted) - max(left, 0))

    def facts(self) -> RateFacts:
        """Return the state as it is now; reading it later needs no lock."""
        window = self.window
        return self.spec, self.tat, self.full_at, None if window is None else window.log()

    def shift(self, by: int) -> None:
        """Move all times by `by` ns, because the clock was moved."""
        self.tat += by
        self.full_at += by
        if self.window is not None:
            self.window.shift(by)


@dataclass(frozen=True, slots=True)
class RateView:
    """An immutable copy of a rate, to be evaluated at any later time (ns)."""

    spec: RateSpec
    tat: int
    full_at: int
    window: WindowView | None

    @classmethod
    def of(cls, facts: RateFacts) -> RateView:
        """Make the copy of what a rate has told."""
        spec, tat, full_at, log = facts
        return cls(spec, tat, full_at, None if log is None else WindowView(*log))

    def level(self, now: int) -> float:
        """Return what is left of the limit, not counting the margin; negative while in debt."""
        now += self.spec.margin_ns
        if self.window is not None:
            return float(self.spec.limit - self.window.used(now))
        return self.spec.bucket.level(self.tat, now)

    def burst_now(self, now: int) -> float:
        """Return how many units may go at once."""
        level = self.spec.bucket.level(self.tat, _as_of(self.spec, self.full_at, now))
        if self.spec.strict and self.window is not None:
            level = min(level, self.spec.limit - self.window.used(now))
        return max(0.0, level)

    def eta(self, now: int, ahead: int, cost: int) -> int:
        """Return the ns until `cost` units may be taken when `ahead` units go first."""
        if not ahead + cost:
            return 0
        bucket = self.spec.bucket
        tat = bucket.commit(self.tat, now + self.spec.margin_ns, ahead) if ahead else self.tat
        at = _as_of(self.spec, self.full_at, now)
        wait = bucket.wait(tat, at, cost)
        if wait:
            wait += at - now
        if self.spec.strict and self.window is not None:
            wait = max(wait, self.window.eta(now, ahead, cost, self.spec.limit))
        return wait

    def full_in(self, now: int) -> int:
        """Return the ns until all of the limit is left, not counting the margin."""
        now += self.spec.margin_ns
        full = self.spec.bucket.debt_ns(self.tat, now)
        return max(full, self.window.empty_in(now)) if self.window is not None else full


def _as_of(spec: RateSpec, full_at: int, now: int) -> int:
    """Return the time at which the bucket is to be judged.

    Within the margin after it was full, no more than B may have gone since, whatever the time: a burst may
    go at once, though its first call may reach the server after its last. So may what a server has left.
    """
    return full_at if now < full_at <= now + spec.margin_ns else now
