"""Everything one account has used: several rates, taken from all together or not at all.

A meter is plain state and arithmetic. It knows neither who waits nor what time it is; `now` is passed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.quota.rate import Rate, RateFacts, rate_specs
from tui.core.quota.window import Window

if TYPE_CHECKING:
    from tui.core.quota.limits import Cost, Kind, Limits


class Meter:
    """The rates of an account and the number of takes so far."""

    __slots__ = ("number", "rates")

    def __init__(self, limits: Limits) -> None:
        self.rates = [Rate.fresh(spec) for spec in rate_specs(limits)]
        self.number = 0

    def shift(self, by: int) -> None:
        """Move everything by `by` ns, because the clock was moved: no time has passed."""
        for rate in self.rates:
            rate.tat += by
            if rate.window is not None:
                rate.window.shift(by)

    def over_limit(self, cost: Cost) -> tuple[Kind, int] | None:
        """Return the first kind, with its limit, of which `cost` is more than a whole minute allows."""
        for rate in self.rates:
            if cost[rate.spec.kind] > rate.spec.limit:
                return rate.spec.kind, rate.spec.limit
        return None

    def wait(self, now: int, cost: Cost, *, reserve: bool = False) -> int:
        """Return the ns until all rates have room for `cost`; with `reserve`, as a batch call."""
        wait = 0
        for rate in self.rates:
            units = cost[rate.spec.kind]
            if units:
                wait = max(wait, rate.wait(now, units, rate.spec.reserve if reserve else 0))
        return wait

    def take(self, at: int, cost: Cost, *, keep: bool = True) -> int:
        """Take `cost` from every rate at `at` and return the number of the take.

        The caller has made sure that there is room. `keep` says that earlier takes may still be given back.
        """
        self.number = number = self.number + 1
        for rate in self.rates:
            units = cost[rate.spec.kind]
            bucket = rate.spec.bucket
            if keep:
                rate.refunds.saw(number, bucket.debt_ns(rate.tat, at))
            elif rate.refunds.debts:
                rate.refunds.clear()
            if units:
                rate.tat = bucket.commit(rate.tat, at, units)
            if rate.window is not None:
                rate.window.add(at, units)
        return number

    def settle(self, now: int, number: int, reserved: Cost, actual: Cost) -> None:
        """Correct that take from what was reserved to what it really cost."""
        for rate in self.rates:
            bucket = rate.spec.bucket
            extra = actual[rate.spec.kind] - reserved[rate.spec.kind]
            if extra > 0:
                rate.tat = bucket.charge(rate.tat, extra)
            elif extra < 0:
                debt = bucket.debt_ns(rate.tat, now)
                back = rate.refunds.allowed(number, -extra * bucket.interval_ns, debt)
                rate.refunds.give(back)
                rate.tat -= back
            if extra and rate.window is not None:
                rate.window.change(number - 1, extra)

    def reconfigure(self, now: int, limits: Limits) -> None:
        """Change the limits; what was used stays used."""
        old = {rate.spec.kind: rate for rate in self.rates}
        self.rates = [Rate.fresh(spec) for spec in rate_specs(limits)]
        for rate in self.rates:
            if rate.window is not None:
                rate.window.first = self.number
            before = old.get(rate.spec.kind)
            if before is None:
                rate.refunds.void = self.number
            else:
                _inherit(rate, before, now, self.number)

    def facts(self) -> tuple[RateFacts, ...]:
        """Return the state of every rate."""
        return tuple([rate.facts() for rate in self.rates])


def _inherit(rate: Rate, before: Rate, now: int, number: int) -> None:
    """Carry over what was used; a window that was not kept until now starts with what the bucket owes."""
    bucket, old = rate.spec.bucket, before.spec.bucket
    rate.tat = bucket.adopt(before.tat, now, old)
    rate.refunds = before.refunds
    rate.refunds.scale(bucket.interval_ns, old.interval_ns)
    if rate.window is not None and before.window is not None:
        rate.window = before.window
    elif rate.window is not None:
        owed = -(-bucket.debt_ns(rate.tat, now) // bucket.interval_ns)
        rate.window = Window(first=number - 1)
        rate.window.add(now, min(rate.spec.limit, owed))
