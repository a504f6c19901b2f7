"""The sliding window against a plain list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.core.quota.model import MINUTE, Model, most_in_any
from tui.core.quota.bucket import Bucket
from tui.core.quota.window import Window

takes = st.lists(st.tuples(st.integers(0, MINUTE // 2), st.integers(0, 9)), max_size=60)


def used(log: list[tuple[int, int]], now: int) -> int:
    return sum(units for at, units in log if at > now - MINUTE)


@given(takes, st.integers(0, 2 * MINUTE))
def test_used_is_the_sum_of_the_last_minute(script: list[tuple[int, int]], later: int) -> None:
    window, log, now = Window(), [], 0
    for pause, units in script:
        now += pause
        window.add(now, units)
        log.append((now, units))
    view = window.view()
    assert view.used(now) == used(log, now)
    assert view.used(now + later) == used(log, now + later)
    assert used(log, now + view.empty_in(now)) == 0


@given(st.integers(1, 12), st.integers(1, 12), takes)
def test_strict_is_exact_and_never_exceeds_the_limit(
    limit: int, burst: int, script: list[tuple[int, int]]
) -> None:
    bucket = Bucket.per_minute(limit, min(limit, burst))
    model = Model(bucket.interval_ns, bucket.burst, limit)
    window, tat, now, grants = Window(), 0, 0, []
    for pause, units in script:
        cost = 1 + units % limit
        now += pause
        model.advance(now)
        wait = max(bucket.wait(tat, now, cost), window.view().wait(now, cost, limit))
        assert now + wait == model.go_at(cost)
        now += wait
        model.advance(now)
        model.take(cost)
        tat = bucket.commit(tat, now, cost)
        window.add(now, cost)
        grants.append((now, cost))
    assert most_in_any(MINUTE, grants) <= limit


@given(takes, st.integers(0, 59), st.integers(-3, 9))
def test_a_change_is_that_entry_with_another_amount(
    script: list[tuple[int, int]], which: int, amount: int
) -> None:
    window, log, now = Window(), [], 0
    for pause, units in script:
        now += pause
        window.add(now, units)
        log.append((now, units))
    before, was = window.view(), used(log, now)
    if which < len(log):
        log[which] = log[which][0], log[which][1] + amount
    window.change(which, amount)
    assert window.view().used(now) == used(log, now)
    assert before.used(now) == was, "a view taken earlier changed"


def test_it_forgets_what_no_minute_needs() -> None:
    window = Window()
    view = window.view()
    for second in range(100_000):
        window.add(second * 1_000_000_000, 1)
    assert len(window.lists[0]) <= 1024
    assert window.view().used(99_999 * 1_000_000_000) == 60
    assert view.used(0) == 0
    window.change(99_999, 5)
    window.change(3, 5)
    assert window.view().used(99_999 * 1_000_000_000) == 65


@given(st.integers(1, 8), st.integers(0, 20), st.lists(st.integers(0, MINUTE // 4), max_size=20))
def test_the_eta_behind_others_is_when_a_simulation_arrives(
    limit: int, ahead: int, pauses: list[int]
) -> None:
    window, now = Window(), 0
    for pause in pauses:
        now += pause
        now += window.view().wait(now, 1, limit)
        window.add(now, 1)
    eta = window.view().eta(now, ahead, 1, limit)
    at = now
    for _ in range(ahead):
        at += window.view().wait(at, 1, limit)
        window.add(at, 1)
    assert now + eta == at + window.view().wait(at, 1, limit)
