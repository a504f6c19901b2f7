"""Giving back, against the brute force of running everything again without what was given back."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tui.core.quota.bucket import Bucket
from tui.core.quota.refunds import Refunds

SECOND = 1_000_000_000


@dataclass
class Take:
    at: int
    cost: int
    back: bool = False


def run_without(bucket: Bucket, takes: list[Take]) -> int:
    tat = 0
    for take in takes:
        if not take.back:
            tat = bucket.commit(tat, take.at, take.cost)
    return tat


events = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "back"]),
        st.integers(0, 8 * SECOND),
        st.integers(1, 6),
        st.integers(0, 30),
    ),
    max_size=40,
)


@given(st.integers(1, 12), events)
def test_nothing_given_back_is_credit_that_time_would_not_have_brought(
    burst: int, script: list[tuple[str, int, int, int]]
) -> None:
    bucket = Bucket(SECOND, burst)
    refunds, takes, tat, now = Refunds(), [], 0, 0
    for what, pause, cost, which in script:
        now += pause
        if what == "take":
            takes.append(Take(now, cost))
            refunds.saw(len(takes), bucket.debt_ns(tat, now))
            tat = bucket.commit(tat, now, cost)
        elif takes and not takes[which % len(takes)].back:
            number = which % len(takes)
            takes[number].back = True
            debt = bucket.debt_ns(tat, now)
            amount = refunds.allowed(number + 1, takes[number].cost * SECOND, debt)
            refunds.give(amount)
            tat -= amount
        assert bucket.debt_ns(tat, now) >= bucket.debt_ns(run_without(bucket, takes), now)


@given(st.integers(2, 12), st.integers(1, 5))
def test_what_is_given_back_at_once_returns_wholly(burst: int, cost: int) -> None:
    bucket, refunds = Bucket(SECOND, burst), Refunds()
    refunds.saw(1, 0)
    tat = bucket.commit(0, 0, cost)
    assert refunds.allowed(1, cost * SECOND, bucket.debt_ns(tat, 0)) == cost * SECOND


def test_a_take_whose_difference_was_lost_to_the_brim_returns_nothing() -> None:
    bucket, refunds = Bucket(SECOND, 5), Refunds()
    refunds.saw(1, 0)
    tat = bucket.commit(0, 0, 3)
    later = 10 * SECOND
    refunds.saw(2, bucket.debt_ns(tat, later))
    tat = bucket.commit(tat, later, 5)
    assert refunds.allowed(1, 3 * SECOND, bucket.debt_ns(tat, later)) == 0


@given(st.lists(st.integers(0, 100), min_size=1, max_size=4000), st.data())
def test_shortening_the_memory_is_never_more_generous(debts: list[int], data: st.DataObject) -> None:
    refunds = Refunds()
    for number, debt in enumerate(debts, 1):
        refunds.saw(number, debt)
    number = data.draw(st.integers(0, len(debts)))
    least = min(debts[number:], default=1000)
    assert refunds.allowed(number, 1000, 1000) <= least


def test_a_long_climb_is_remembered_in_bounded_space() -> None:
    refunds = Refunds()
    for number in range(1, 10_000):
        refunds.saw(number, number)
    assert len(refunds.debts) <= 1024
    assert refunds.allowed(9_000, 10**6, 10**6) <= 9_001
    assert refunds.allowed(9_990, 10**6, 10**6) == 9_991
