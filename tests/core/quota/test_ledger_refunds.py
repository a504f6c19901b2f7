"""What several processes on one file give back is never credit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.quota.ledgers import SECOND, START, open_limiter, take_all
from tests.core.quota.loop import VirtualLoop
from tui.core.quota.limits import NOTHING, Cost, Limits
from tui.core.quota.meter import Meter
from tui.core.quota.record import dump, load

if TYPE_CHECKING:
    from pathlib import Path

scripts = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["take", "take", "back"]),
        st.integers(0, 8 * SECOND),
        st.integers(1, 6),
        st.integers(0, 30),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=300)
@given(st.integers(1, 12), scripts)
def test_what_several_processes_give_back_is_never_credit_that_time_would_not_have_brought(
    burst: int, script: list[tuple[int, str, int, int, int]]
) -> None:
    """Against the brute force of running all the takes again without those that were given back."""
    limits = Limits(60, burst=burst)
    bucket = Meter(limits).rates[0].spec.bucket
    meters, last, record, now = [Meter(limits) for _ in range(3)], -1, ("", b""), START
    takes: list[tuple[int, int, int, int]] = []
    given_back: set[int] = set()
    for process, what, pause, cost, which in script:
        now += pause
        meter = meters[process]
        if last not in (-1, process):
            load(meter, *record, now, str(process))
        mine = [take for take in takes if take[0] == process and take[1] not in given_back]
        if what == "take":
            takes.append((process, meter.take(now, Cost.of(cost)), now, cost))
        elif mine:
            _, number, _, units = mine[which % len(mine)]
            given_back.add(number)
            meter.settle(now, number, Cost.of(units), NOTHING)
        record, last = dump(meter, now, str(process)), process
        without = 0
        for _, number, at, units in takes:
            without = without if number in given_back else bucket.commit(without, at, units)
        assert bucket.debt_ns(meter.rates[0].tat, now) >= bucket.debt_ns(without, now)


def test_what_another_process_has_taken_meanwhile_does_not_stop_giving_back(tmp_path: Path) -> None:
    loop = VirtualLoop()
    one, other = (open_limiter(loop, tmp_path / "limits.db", Limits(60)) for _ in range(2))
    assert take_all(other) == 60
    loop.now_ns += 20 * SECOND
    grants = [one.try_acquire() for _ in range(15)]
    loop.now_ns += 1 * SECOND
    assert other.try_acquire() is not None
    for grant in grants:
        assert grant is not None
        grant.release(sent=False)
    other.refresh()
    assert other.snapshot().level(loop.now_ns) == pytest.approx(20)
    one.close()
    other.close()
    loop.close()
