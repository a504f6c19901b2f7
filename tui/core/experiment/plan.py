"""How many answers an effect takes to be seen, before the first call and while they come in."""

from __future__ import annotations

import math
from statistics import NormalDist

POWER = 0.8
"""The share of true effects of the planned size that are found by the planned number of answers."""


def fixed_size(rate: float, effect: float, alpha: float = 0.05, power: float = POWER) -> int:
    """Return the answers of each arm by which one look finds `rate` against `rate + effect`.

    Where that would be above 1, it is against `rate - effect`.

    The normal approximation of two proportions (Fleiss, Levin, Paik 2003, 4.14, without correction).
    """
    first, second = sorted((_within(rate), _within(rate + effect if rate + effect < 1 else rate - effect)))
    between, apart = (first + second) / 2, second - first
    z = NormalDist().inv_cdf
    under = z(1 - alpha / 2) * math.sqrt(2 * between * (1 - between))
    over = z(power) * math.sqrt(first * (1 - first) + second * (1 - second))
    return math.ceil(((under + over) / apart) ** 2)


SEQUENTIAL = 1.9
"""What it costs to be allowed to look after every answer: by this factor more answers for the same power.

Measured on the e-process of `sequence` for rates of .4 to .95 and effects of .05 to .45: 1.6 to 2.1. One test
in two is decided with 1.1 times the fixed number already.
"""
ASSUMED_RATE = 0.7
"""Of the control, before its own rate can be told."""
_TOLD_FROM = 20


def planned_size(rate: float, effect: float, alpha: float = 0.05) -> int:
    """Return the answers of each arm by which four of five effects of that size are found, looks included."""
    return math.ceil(SEQUENTIAL * fixed_size(rate, effect, alpha))


def assumed_rate(successes: int, n: int) -> float:
    """Return the rate to plan with: the control's, once it has 20 answers that count."""
    return successes / n if n >= _TOLD_FROM else ASSUMED_RATE


def _within(rate: float) -> float:
    return min(0.999, max(0.001, rate))
