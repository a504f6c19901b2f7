"""Evidence that may be looked at after every answer: e-processes, and the intervals that belong to them.

An e-process bets against a hypothesis and starts with 1. While the hypothesis is true its mean is never above
1, however the looks and the stop are chosen, so it reaches 1/α with probability α at most (Ville 1939).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tui.core.experiment.rates import Interval

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Block: TypeAlias = tuple[int, int, int, int]
"""Successes and trials of the first arm, then of the second."""

_BISECTIONS = 12
_LEAST = 1e-9
_WIDEST = 1 - 1e-6


class TwoRates:
    """The exact test that two arms differ by `null` (second minus first), block by block.

    A block holds some answers of each arm, usually one. Turner, Ly, Grünwald 2024
    (doi 10.1016/j.jspi.2023.106116) for `null` 0; for others Turner, Grünwald 2023 (arXiv 2203.09785). The
    bet of a block is the ratio of its likelihood under the rates (s + 1)/(n + 2) of earlier blocks to that
    under the pair of rates, `null` apart, which is nearest to those. At this nearest pair the weighted slopes
    of the two factors cancel, so that their weighted mean is 1 wherever the truth lies on the line, and
    their product has a mean of 1 at most.
    """

    __slots__ = ("_n_a", "_n_b", "_near", "_null", "_s_a", "_s_b", "log_e", "log_max")

    def __init__(self, null: float = 0.0) -> None:
        self._null = null = max(-_WIDEST, min(_WIDEST, null))
        self._s_a = self._n_a = self._s_b = self._n_b = 0
        self._near = 0.5 - null / 2
        self.log_e = 0.0
        """The logarithm of the evidence as it is now."""
        self.log_max = 0.0
        """The logarithm of the most that it ever was."""

    def add(self, s_a: int, n_a: int, s_b: int, n_b: int) -> None:
        """Take in one block: successes and trials of the first arm, then of the second, each trial once."""
        rate_a, rate_b = (self._s_a + 1) / (self._n_a + 2), (self._s_b + 1) / (self._n_b + 2)
        if self._null:
            null_a = self._near = _nearest(rate_a, rate_b, n_a, n_b, self._null, self._near)
            null_b = null_a + self._null
        else:
            null_a = null_b = (n_a * rate_a + n_b * rate_b) / (n_a + n_b)
        bet = (rate_a / null_a) ** s_a * ((1 - rate_a) / (1 - null_a)) ** (n_a - s_a)
        bet *= (rate_b / null_b) ** s_b * ((1 - rate_b) / (1 - null_b)) ** (n_b - s_b)
        self.log_e += math.log(bet)
        if self.log_e > self.log_max:
            self.log_max = self.log_e
        self._s_a += s_a
        self._n_a += n_a
        self._s_b += s_b
        self._n_b += n_b

    @property
    def answers(self) -> tuple[int, int]:
        """How many trials of each arm were in the blocks so far."""
        return self._n_a, self._n_b

    @property
    def difference(self) -> float:
        """The second arm's rate minus the first's, in the blocks so far."""
        return self._s_b / self._n_b - self._s_a / self._n_a


def _nearest(rate_a: float, rate_b: float, n_a: int, n_b: int, null: float, start: float) -> float:
    """Return the first rate of the pair, `null` apart, nearest to the given (weighted Kullback-Leibler).

    The derivative of the distance rises from minus to plus infinity between the ends: Newton's steps, and
    half of what is left wherever one would leave it.
    """
    low, high = max(0.0, -null), min(1.0, 1.0 - null)
    at = start if low < start < high else (low + high) / 2
    for _ in range(60):
        other = at + null
        slope = n_a * ((1 - rate_a) / (1 - at) - rate_a / at) + n_b * (
            (1 - rate_b) / (1 - other) - rate_b / other
        )
        if slope > 0:
            high = at
        else:
            low = at
        bend = n_a * ((1 - rate_a) / (1 - at) ** 2 + rate_a / at**2) + n_b * (
            (1 - rate_b) / (1 - other) ** 2 + rate_b / other**2
        )
        step = at - slope / bend
        following = step if low < step < high else (low + high) / 2
        if abs(following - at) < 1e-9:
            return following
        at = following
    return at


@dataclass(frozen=True, slots=True)
class Compared:
    """Two arms against each other; differences are the second arm's rate minus the first's."""

    blocks: int
    """How many complete blocks there are."""
    answers: tuple[int, int]
    """How many answers of each arm are in them."""
    difference: float | None
    """As found in them; None while there is none."""
    interval: Interval
    """Holds the true difference, at every look together, with probability 1 - alpha."""
    log_e: float
    log_e_max: float
    """Logarithms of the evidence against no difference: now, and at its highest."""
    better: int
    """1 once the second arm is found to be better, -1 once the first is, 0 before."""

    @property
    def p(self) -> float:
        """The always-valid p-value."""
        return min(1.0, math.exp(-self.log_e_max))


def compare(blocks: Sequence[Block], alpha: float) -> Compared:
    """Return what the blocks say about two arms; 0 is outside of the interval just when one is better."""
    test, bar, better = TwoRates(), -math.log(alpha), 0
    for block in blocks:
        test.add(*block)
        if not better and test.log_max >= bar:
            better = 1 if test.difference > 0 else -1
    found = test.difference if blocks else None
    interval = _differences(blocks, bar, found or 0.0, better)
    return Compared(len(blocks), test.answers, found, interval, test.log_e, test.log_max, better)


def _differences(blocks: Sequence[Block], bar: float, found: float, better: int) -> Interval:
    """Return the differences that no look has refuted: their e-processes have stayed below the bar."""

    def stands(null: float) -> bool:
        test = TwoRates(null)
        for block in blocks:
            test.add(*block)
            if test.log_max >= bar:
                return False
        return True

    if not better:
        return Interval(_last(stands, 0.0, -1.0), _last(stands, 0.0, 1.0))
    if found * better <= 0 or not stands(found):  # after a rare run of luck; all that is sure is the side
        return Interval(_LEAST, 1.0) if better > 0 else Interval(-1.0, -_LEAST)
    inner, outer = _last(stands, found, 0.0), _last(stands, found, float(better))
    return Interval(inner, outer) if better > 0 else Interval(outer, inner)


def rate_band(successes: int, n: int, alpha: float) -> Interval:
    """Return the rates that an even bet over all of them has not refuted yet (Robbins 1970).

    The e-process against a rate p is B(s + 1, f + 1) / (p^s (1 - p)^f); the band holds the true rate at
    every n together with probability 1 - alpha.
    """
    if not n:
        return Interval(0.0, 1.0)
    failures, rate = n - successes, successes / n
    bar = math.lgamma(successes + 1) + math.lgamma(failures + 1) - math.lgamma(n + 2) + math.log(alpha)

    def stands(p: float) -> bool:
        likelihood = successes * math.log(p) if successes else 0.0
        return likelihood + (failures * math.log1p(-p) if failures else 0.0) > bar

    low = _last(stands, rate, 0.0) if successes else 0.0
    return Interval(low, _last(stands, rate, 1.0) if failures else 1.0)


def _last(stands: Callable[[float], bool], inside: float, outside: float) -> float:
    """Return how far from `inside` towards `outside` the values stand, to a 4,000th of the way."""
    for _ in range(_BISECTIONS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if stands(middle) else (inside, middle)
    return inside


class Paired:
    """The test that of cases which both arms answered as many went well under one only as under the other.

    Cases that both did well, or neither, say nothing of the difference. The bet is an even one over all
    chances that such a case goes to the second arm: E = 2^m b! c! / (m + 1)!, with m = b + c. At a fixed
    number of cases its twin is McNemar's test.
    """

    __slots__ = ("first", "log_e", "log_max", "second")

    def __init__(self) -> None:
        self.first = 0
        """Cases that went well under the first arm only."""
        self.second = 0
        """Cases that went well under the second arm only."""
        self.log_e = 0.0
        self.log_max = 0.0

    def add(self, first: bool, second: bool) -> None:
        """Take in one case, once, with whether it went well under each arm."""
        if first == second:
            return
        if first:
            self.first += 1
        else:
            self.second += 1
        own = self.first if first else self.second
        self.log_e += math.log(2 * own / (self.first + self.second + 1))
        if self.log_e > self.log_max:
            self.log_max = self.log_e

    @property
    def p(self) -> float:
        """The always-valid p-value."""
        return min(1.0, math.exp(-self.log_max))
