"""A meter looked at from outside, for several tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.quota.limits import Cost

if TYPE_CHECKING:
    from tui.core.quota.meter import Meter

SECOND = 1_000_000_000
START = 1_000 * SECOND
MINUTE = 60 * SECOND


def level(meter: Meter, now: int, place: int = 0) -> float:
    rate = meter.rates[place]
    return rate.spec.bucket.level(rate.tat, now)


def burst(meter: Meter, now: int) -> int:
    """How many requests go at once, by taking them from a meter that is thrown away afterwards."""
    taken = 0
    while meter.wait(now, Cost.of()) == 0:
        meter.take(now, Cost.of())
        taken += 1
    return taken
