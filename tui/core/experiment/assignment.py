"""Which arm comes next: by the hash of a unit, or by blocks in which the weights hold exactly."""

from __future__ import annotations

from fractions import Fraction
from hashlib import sha256
from math import gcd, lcm
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST_BLOCK = 1_000
"""Weights whose block would be longer are rounded to a block of this length, and every arm is in it. Who has
less than a thousandth of the weights is served more often than it says: `activation.split` refuses that."""
LARGEST_PAIRING = 10


def sticky_arm(experiment: str, unit: str, weights: Sequence[float]) -> int:
    """Return the arm of a unit: the same one for as long as the weights are the same.

    The first 32 bits of SHA-256 of experiment and unit, as a share of 1, walk up the cumulated weights in
    the order of the arms. A change of weights moves only the units between the old and the new boundaries.
    """
    digest = sha256(f"{experiment}|{unit}".encode("utf-8", "surrogatepass")).hexdigest()
    place = int(digest[:8], 16) / 2**32 * sum(weights)
    for arm, weight in enumerate(weights):
        place -= weight
        if place < 0:
            return arm
    return max(arm for arm, weight in enumerate(weights) if weight)  # what rounding has left over


def block_arm(experiment: str, number: int, weights: Sequence[float]) -> int:
    """Return the arm of the `number`-th call, from 0: each block of calls is a permutation of the arms.

    The permutations follow from the experiment and the block, so that any process finds the same.
    """
    sizes = block_sizes(weights)
    block, place = divmod(number, sum(sizes))
    arms = [arm for arm, size in enumerate(sizes) for _ in range(size)]
    Random(f"{experiment}|{block}").shuffle(arms)
    return arms[place]


def block_sizes(weights: Sequence[float], largest: int = LARGEST_BLOCK) -> list[int]:
    """Return how often each arm is in a block: 1, 1 for equal weights, 7, 3 for 0.7 and 0.3."""
    exact = [Fraction(weight) for weight in weights]
    total = sum(exact)
    shares = [(weight / total).limit_denominator(10_000) for weight in exact]  # 0.7 is no exact float
    common = lcm(*(share.denominator for share in shares))
    sizes = [int(share * common) for share in shares]
    divisor = gcd(*sizes)
    sizes = [size // divisor for size in sizes]
    if sum(sizes) <= largest and all(size or not weight for size, weight in zip(sizes, exact, strict=True)):
        return sizes
    return [
        max(1, round(largest * share)) if weight else 0 for share, weight in zip(shares, exact, strict=True)
    ]


def pairing(share_a: float, share_b: float) -> tuple[int, int]:
    """Return how many answers of two arms make a block of the test: as many as their shares bring in."""
    if share_a <= 0 or share_b <= 0:
        return 1, 1
    sizes = block_sizes((share_a, share_b), LARGEST_PAIRING)
    return sizes[0], sizes[1]
