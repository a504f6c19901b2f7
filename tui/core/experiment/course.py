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

_NULLS = [step / 40 for step in range(-40, 41)]


@dataclass(frozen=True, slots=True)
class Point:
    """A value after `n` answers of an arm, or `n` blocks of two, with what no look had refuted by then."""

    n: int
    value: float
    band: Interval


def rate_course(outcomes: Sequence[bool], alpha: float, points: int) -> list[Point]:
    """Return an arm's rate after evenly spaced numbers of outcomes, the last of them after all."""
    found, successes, low, high = [], 0, 0.0, 1.0
    wanted = _steps(len(outcomes), points)
    for n, outcome in enumerate(outcomes, 1):
        successes += outcome
        if n in wanted:
            band = rate_band(successes, n, alpha)
            low, high = max(low, band.low), min(high, band.high)  # what was refuted once stays so
            found.append(Point(n, successes / n, Interval(min(low, high), max(low, high))))
    return found


def difference_course(blocks: Sequence[Block], alpha: float, points: int) -> list[Point]:
    """Return the difference of two arms after evenly spaced numbers of blocks, to a fortieth.

    The band is that of `sequence.compare`, on a grid of differences that are each tested all along.
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
            band = Interval(tests[0][0], tests[-1][0])
            found.append(Point(number, successes_b / n_b - successes_a / n_a, band))
    return found


def _steps(whole: int, points: int) -> set[int]:
    count = min(points, whole)
    return {round(whole * (step + 1) / count) for step in range(count)}
