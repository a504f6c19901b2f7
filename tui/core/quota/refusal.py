"""Why a call cannot go at all, or not for so long that its caller should know now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tui.core.quota.day import today
from tui.core.quota.errors import QuotaError, QuotaExhausted, TooLarge
from tui.core.quota.limits import ONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.quota.limits import Cost
    from tui.core.quota.meter import Meter

LONG_HOLD_NS = 120_000_000_000
"""A longer hold is an error for the caller rather than a wait (as the OpenAI SDK treats Retry-After)."""


def refusal(name: str, wall: Callable[[], float], meter: Meter, cost: Cost, now: int) -> QuotaError | None:
    """Return the error of a call of that cost, None if it may wait for its turn."""
    over = None if cost is ONE else meter.over_limit(cost)
    if over is not None:
        kind, limit = over
        return TooLarge(name, kind.label, cost[kind], limit)
    hold = meter.brake.until - now
    if hold > LONG_HOLD_NS:
        until = datetime.fromtimestamp(wall(), UTC).astimezone() + timedelta(microseconds=hold // 1000)
        return QuotaExhausted(name, until, meter.brake.reason)
    most = meter.limits.requests_per_day
    if most is not None:
        day = today(meter.limits, wall())
        left = meter.left_on(day.number)
        if left is not None and cost.requests > left:
            whose = "all" if meter.share >= 1.0 else "this process's part of the"
            return QuotaExhausted(name, day.ends, f"{whose} {most:,} requests of the day are used")
    return None
