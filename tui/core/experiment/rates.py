"""Success rates and what they may be in truth, judged once: no rule here may be looked at again and again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both included."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@cache
def normal_quantile(alpha: float) -> float:
    """Return z such that a standard normal is beyond ±z with probability `alpha`; 1.96 for 0.05."""
    return NormalDist().inv_cdf(1 - alpha / 2)


def wilson(successes: int, n: int, alpha: float = 0.05) -> Interval:
    """Return the score interval of a rate (Wilson 1927), which covers it with probability 1 - alpha.

    Preferred over Wald's by Brown, Cai, DasGupta 2001: it is right for small n and for rates near 0 and 1.
    Without any trial it is 0 to 1.
    """
    if not n:
        return Interval(0.0, 1.0)
    z, rate = normal_quantile(alpha), successes / n
    scale = 1 + z * z / n
    centre = (rate + z * z / (2 * n)) / scale
    half = z / scale * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    # At the ends the exact value is 0 or 1, which rounding misses.
    low = 0.0 if not successes else max(0.0, centre - half)
    return Interval(low, 1.0 if successes == n else min(1.0, centre + half))


def newcombe(successes: tuple[int, int], n: tuple[int, int], alpha: float = 0.05) -> Interval:
    """Return the score interval of the second rate minus the first (Newcombe 1998, method 10)."""
    if not all(n):
        return Interval(-1.0, 1.0)
    first, second = (wilson(s, of, alpha) for s, of in zip(successes, n, strict=True))
    a, b = successes[0] / n[0], successes[1] / n[1]
    low = b - a - math.hypot(b - second.low, first.high - a)
    return Interval(low, b - a + math.hypot(second.high - b, a - first.low))
