"""What went to a provider in a stretch of time, divided into slots of equal length."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC
from statistics import median
from typing import TYPE_CHECKING

from sqlalchemy import select

from tui.core.store.tables import ATTEMPTS, RUNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_REFUSED = "rate_limit"
_ANSWERED = "ok"
_CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Slot:
    """The requests sent in one slot, and the cost of the runs that were asked for in it."""

    calls: int = 0
    refused: int = 0
    """Those answered 429."""
    failed: int = 0
    """Those that ended in any other error; what the user has cancelled is none."""
    latency_s: float | None = None
    """The median time from sending to the end of the answer; None if none was answered."""
    usd: float | None = None
    """The costs that are known; None if none is."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """The slots, oldest first, and what they come to together."""

    slots: tuple[Slot, ...]
    total: Slot
    p95_s: float | None
    """The time within which 19 of 20 answers were complete; None if none was answered."""


def traffic(
    connection: Connection, provider: str, since: datetime, until: datetime, slots: int = 60
) -> Traffic:
    """Return what was sent to a provider from `since` on and before `until` (aware), in `slots` slots."""
    begin, end = since.astimezone(UTC), until.astimezone(UTC)
    length = (end - begin) / slots

    def slot_of(moment: datetime) -> int:
        return min(slots - 1, max(0, int((moment - begin) / length)))

    columns = (ATTEMPTS.c.started_at, ATTEMPTS.c.ended_at, ATTEMPTS.c.status)
    sent = ATTEMPTS.c.provider == provider, ATTEMPTS.c.started_at >= begin, ATTEMPTS.c.started_at < end
    calls: list[list[tuple[float, str]]] = [[] for _ in range(slots)]
    for started, ended, status in connection.execute(select(*columns).where(*sent)):
        calls[slot_of(started)].append(((ended - started).total_seconds(), status))
    asked = RUNS.c.provider == provider, RUNS.c.created_at >= begin, RUNS.c.created_at < end
    costs: list[list[float]] = [[] for _ in range(slots)]
    for created, cost in connection.execute(select(RUNS.c.created_at, RUNS.c.cost).where(*asked)):
        if cost is not None:
            costs[slot_of(created)].append(cost)
    every = [call for found in calls for call in found]
    return Traffic(
        slots=tuple(_slot(found, spent) for found, spent in zip(calls, costs, strict=True)),
        total=_slot(every, [cost for spent in costs for cost in spent]),
        p95_s=_share(_times(every), 0.95),
    )


def _slot(calls: Sequence[tuple[float, str]], costs: Sequence[float]) -> Slot:
    times = _times(calls)
    count = Counter(status for _, status in calls)
    return Slot(
        calls=len(calls),
        refused=count[_REFUSED],
        failed=len(calls) - count[_REFUSED] - count[_CANCELLED] - len(times),
        latency_s=median(times) if times else None,
        usd=sum(costs) if costs else None,
    )


def _times(calls: Iterable[tuple[float, str]]) -> list[float]:
    return sorted(time for time, status in calls if status == _ANSWERED)


def _share(ordered: Sequence[float], share: float) -> float | None:
    """Return the least of the values that at least `share` of them do not exceed (nearest rank)."""
    if not ordered:
        return None
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
