"""A quota per day that is used up: of what, and when it comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tui.core.providers.failure import is_daily

if TYPE_CHECKING:
    from tui.core.providers.base import Provider
    from tui.core.providers.failure import Failure


@dataclass(frozen=True, slots=True)
class SpentDay:
    """`rest_s` seconds until calls make sense again; `of_model`: only those to the model asked for."""

    rest_s: float
    back: datetime
    """When that is, in the zone of this machine."""
    midnight: str
    """Where that is midnight, if it is the end of a calendar day; empty: the vendor named the wait."""
    known: bool
    """Whether the vendor's day is known to end then; else it is the day in UTC, in want of better."""
    of_model: bool


_LONGEST_S = 32 * 86_400
"""Seconds; no budget is for longer than a month, and who names more means nothing by it."""


def spent_day(
    failure: Failure, provider: Provider, model: str, told_s: float | None, now: float | None
) -> SpentDay | None:
    """Return what to make of a refusal; None if it is about no day, or nobody knows when that ends.

    `told_s` is the wait that was named with it, `now` the time of day in seconds since the epoch (None: not
    known). A vendor whose day has a zone names the wait of the minute even then (Google; providers.md 6).
    """
    if not is_daily(failure) or now is None:
        return None
    of_model = any("PerModel" in quota for quota in failure.quotas) or bool(
        model and model in failure.message
    )
    if told_s is not None and not provider.day_zone:
        told_s = min(told_s, _LONGEST_S)
        return SpentDay(told_s, _local(now + told_s), "", True, of_model)
    zone = _zone(provider.day_zone)
    if zone is None:
        return None
    there = datetime.fromtimestamp(now, zone)
    ends = datetime.combine(there.date() + timedelta(days=1), time.min, zone).timestamp()
    where = provider.day_zone.rpartition("/")[2].replace("_", " ") or "UTC"
    return SpentDay(ends - now, _local(ends), where, bool(provider.day_zone), of_model)


def _zone(name: str) -> tzinfo | None:
    """Return the zone, UTC for none; None where this machine has no data of it."""
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        return None


def _local(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone()
