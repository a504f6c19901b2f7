"""The sample-ratio alarm: whether the traffic was split as it was asked to be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ALARM = 0.001
"""Below this p-value the split is broken: it is looked at often, so a usual 0.05 would cry wolf."""


def sample_ratio_p(counts: Sequence[int], weights: Sequence[float]) -> float:
    """Return the p-value of Pearson's χ² test of the counts against the weights; 1 without any counts."""
    total, whole = sum(counts), sum(weights)
    shares = [
        (count, total * weight / whole) for count, weight in zip(counts, weights, strict=True) if weight
    ]
    if not total or len(shares) < 2:
        return 1.0
    chi2 = sum((count - expected) ** 2 / expected for count, expected in shares)
    return chi2_tail(chi2, len(shares) - 1)


def chi2_tail(chi2: float, freedom: int) -> float:
    """Return the probability of a larger χ², by the recurrence in its degrees of freedom (A&S 26.4)."""
    if chi2 <= 0:
        return 1.0
    half = chi2 / 2
    if freedom % 2:
        tail, term = math.erfc(math.sqrt(half)), math.sqrt(half / math.pi) * 2 * math.exp(-half)
        start = 3
    else:
        tail, term = math.exp(-half), half * math.exp(-half)
        start = 4
    for degrees in range(start, freedom + 1, 2):
        tail += term
        term *= chi2 / degrees
    return min(1.0, tail)
