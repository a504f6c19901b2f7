"""How a test came to where it is: rates and their difference with their bands, from the first answer on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.core.experiment.rates import Interval
from tui.core.experiment.sequence import TwoRates, rate_band

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.experiment.sequence import Block

_GRID = 40
_NULLS = [step / _GRID for step in range(-_GRID, _GRID + 1)]
_LOOKS = frozenset(round(1.1**step) for step in range(160))
"""After how many outcomes a rate is looked at, whatever is shown: each of the first 14, then a tenth more."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value after `n` answers of an arm, or `n` blocks of two, with what no look had refuted by then."""

    n: int
    value: float
    band: Interval


def rate_course(outcomes: Sequence[bool], alpha: float, points: int) -> list[Point]:
    """Return an arm's rate after evenly spaced numbers of outcomes, the last of them after all.

    What was refuted at one of _LOOKS stays so; which points are wanted changes no band.
    """
    found, successes, low, high = [], 0, 0.0, 1.0
    wanted = _steps(len(outcomes), points)
    for n, outcome in enumerate(outcomes, 1):
        successes += outcome
        if n not in wanted and n not in _LOOKS:
            continue
        band = rate_band(successes, n, alpha)
        least, most = max(low, band.low), min(high, band.high)
        if n in _LOOKS:
            low, high = least, most
        if n in wanted:
            found.append(Point(n, successes / n, Interval(min(least, most), max(least, most))))
    return found


def difference_course(blocks: Sequence[Block], alpha: float, points: int, now: Interval) -> list[Point]:
    """Return the difference of two arms after evenly spaced numbers of blocks.

    The last band is `now`, the interval of `sequence.compare`. Those before it reach to the next refuted one
    of a grid of differences that are each tested all along: they hold that interval, and a fortieth more.
    """
    bar = -math.log(alpha)
    tests = [(null, TwoRates(null)) for null in _NULLS]
    wanted, found = _steps(len(blocks), points), []
    successes_a = n_a = successes_b = n_b = 0
    for number, block in enumerate(blocks, 1):
        for _, test in tests:
            test.add(*block)
        # One stays, so that there is a band even after a run of luck that refuted every one.
        tests = [one for one in tests if one[1].log_max < bar] or tests[:1]
        successes_a, n_a = successes_a + block[0], n_a + block[1]
        successes_b, n_b = successes_b + block[2], n_b + block[3]
        if number in wanted:
            low, high = max(-1.0, tests[0][0] - 1 / _GRID), min(1.0, tests[-1][0] + 1 / _GRID)
            band = Interval(low, high) if number < len(blocks) else now
            found.append(Point(number, successes_b / n_b - successes_a / n_a, band))
    return found


def _steps(whole: int, points: int) -> set[int]:
    count = min(points, whole)
    return {round(whole * (step + 1) / count) for step in range(count)}
