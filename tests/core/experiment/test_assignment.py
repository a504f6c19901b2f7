"""Sticky units and permuted blocks."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.experiment.assignment import block_arm, block_sizes, pairing, sticky_arm

UNITS = [f"user-{number}" for number in range(4000)]


@pytest.mark.parametrize("weights", [[50, 50], [0.9, 0.1], [1, 2, 3], [0, 1, 1]])
def test_units_are_split_by_the_weights_within_sampling_error(weights: list[float]) -> None:
    served = Counter(sticky_arm("e1", unit, weights) for unit in UNITS)
    for arm, weight in enumerate(weights):
        share = weight / sum(weights)
        spread = (share * (1 - share) / len(UNITS)) ** 0.5
        assert served[arm] / len(UNITS) == pytest.approx(share, abs=3.5 * spread + 1e-12)


def test_a_unit_keeps_its_arm_and_another_test_mixes_anew() -> None:
    arms = [sticky_arm("e1", unit, [1, 1]) for unit in UNITS]
    assert arms == [sticky_arm("e1", unit, [50.0, 50.0]) for unit in UNITS], "only the shares matter"
    others = [sticky_arm("e2", unit, [1, 1]) for unit in UNITS]
    assert 0.45 < sum(a == b for a, b in zip(arms, others, strict=True)) / len(UNITS) < 0.55


def test_a_ramp_moves_only_the_units_at_the_boundary() -> None:
    before = [sticky_arm("e1", unit, [90, 10]) for unit in UNITS]
    after = [sticky_arm("e1", unit, [70, 30]) for unit in UNITS]
    moves = Counter(zip(before, after, strict=True))
    assert moves[1, 0] == 0, "nobody who has the new arm loses it"
    assert moves[0, 1] / len(UNITS) == pytest.approx(0.2, abs=0.025)


@given(st.lists(st.sampled_from([1.0, 2, 3, 5, 10]), min_size=2, max_size=4), st.integers(0, 50))
def test_every_block_has_each_arm_as_often_as_it_should(weights: list[float], block: int) -> None:
    sizes = block_sizes(weights)
    length = sum(sizes)
    served = Counter(block_arm("e", block * length + place, weights) for place in range(length))
    assert [served[arm] for arm in range(len(weights))] == sizes


def test_blocks_are_balanced_at_tiny_numbers_and_not_predictable() -> None:
    order = [block_arm("e", number, [50, 50]) for number in range(200)]
    assert all(set(order[at : at + 2]) == {0, 1} for at in range(0, 200, 2))
    assert 35 < order[::2].count(0) < 65


@pytest.mark.parametrize(
    ("weights", "sizes"),
    [([50, 50], [1, 1]), ([0.7, 0.3], [7, 3]), ([1, 2, 1], [1, 2, 1]), ([99, 1], [99, 1]), ([1, 0], [1, 0]),
     ([1 / 3, 1 / 3, 1 / 3], [1, 1, 1]), ([1e-5, 1e-5], [1, 1]), ([1, 1e-5], [1000, 1]),
     ([0.99999, 0.00001], [1000, 1]), ([2, 1e-300, 0], [1000, 1, 0])],
)  # fmt: skip
def test_blocks_are_as_short_as_the_weights_allow(weights: list[float], sizes: list[int]) -> None:
    assert block_sizes(weights) == sizes


def test_a_block_of_the_test_follows_the_shares() -> None:
    assert [pairing(0.5, 0.5), pairing(0.9, 0.1), pairing(0.25, 0.75)] == [(1, 1), (9, 1), (1, 3)]
    assert pairing(0.0, 1.0) == (1, 1)
    assert pairing(0.99999, 0.00001) == (10, 1)
