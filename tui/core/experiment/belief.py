"""What one may believe of the arms after what was seen: a reading, and never a reason to stop.

Each rate has the Beta(1 + successes, 1 + failures) distribution. Who stops when "the best with 95 %" appears
finds a winner among equals in most tests.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

Counts = tuple[int, int]
"""Successes and failures."""

_POINTS = 600
_SPREADS = 7.0
FLOOR = 0.01
"""The share that optimising leaves to each arm at least, so that none is given up for good."""


def chances_of_best(arms: Sequence[Counts]) -> list[float]:
    """Return for each arm the probability that its rate is the highest, by quadrature; they sum to 1."""
    if len(arms) < 2:
        return [1.0] * len(arms)
    low, high = _range(arms)
    step = (high - low) / _POINTS
    points = [low + step * (index + 0.5) for index in range(_POINTS)]
    densities = [_density(counts, points) for counts in arms]
    below = [_cumulated(density) for density in densities]
    chances = [
        sum(
            here * math.prod(other[point] for rival, other in enumerate(below) if rival != arm)
            for point, here in enumerate(density)
        )
        for arm, density in enumerate(densities)
    ]
    total = sum(chances)
    return [chance / total for chance in chances]


def expected_loss(arms: Sequence[Counts], arm: int) -> float:
    """Return the mean of what the best of the other rates has more than this one, 0 where it has less."""
    low, high = _range(arms)
    step = (high - low) / _POINTS
    points = [low + step * (index + 0.5) for index in range(_POINTS)]
    below = [_cumulated(_density(counts, points)) for counts in arms]
    # E[max(X - Y, 0)] is the integral of P(Y < t < X), whatever X and Y are.
    rivals = [math.prod(other[point] for index, other in enumerate(below) if index != arm)
              for point in range(_POINTS)]  # fmt: skip
    return step * sum(own * (1 - rival) for own, rival in zip(below[arm], rivals, strict=True))


def thompson(arms: Sequence[Counts], random: Random) -> int:
    """Return the arm to serve next: a rate is drawn for each, and the highest wins (Thompson 1933).

    Every arm keeps a share of FLOOR. This optimises the traffic; it does not test.
    """
    if random.random() < FLOOR * len(arms):
        return random.randrange(len(arms))
    draws = [random.betavariate(1 + successes, 1 + failures) for successes, failures in arms]
    return draws.index(max(draws))


def _range(arms: Sequence[Counts]) -> tuple[float, float]:
    """Return where the distributions have all but a billionth of their mass, as for normal ones."""
    ends = []
    for successes, failures in arms:
        a, b = successes + 1, failures + 1
        mean, spread = a / (a + b), math.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
        ends.append((mean - _SPREADS * spread, mean + _SPREADS * spread))
    return max(0.0, min(low for low, _ in ends)), min(1.0, max(high for _, high in ends))


def _density(counts: Counts, points: Sequence[float]) -> list[float]:
    """Return the density at evenly spaced points, scaled so that it sums to 1."""
    successes, failures = counts
    logs = [successes * math.log(p) + failures * math.log1p(-p) for p in points]
    top = max(logs)
    values = [math.exp(value - top) for value in logs]
    total = sum(values)
    return [value / total for value in values]


def _cumulated(density: Sequence[float]) -> list[float]:
    """Return the mass below each point, half of its own included."""
    found, total = [], 0.0
    for mass in density:
        found.append(total + mass / 2)
        total += mass
    return found
