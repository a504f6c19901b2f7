"""Days of the calendar where the user is, by the rules of the time zone: not every day has 24 hours."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo


def aware(naive: datetime, zone: tzinfo | None = None) -> datetime:
    """Return a time of the calendar of `zone`, that of the machine for None, as an aware one."""
    return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)


def day_start(day: date, zone: tzinfo | None = None) -> datetime:
    """Return when a day begins in `zone`, that of the machine for None."""
    return aware(datetime.combine(day, time.min), zone)
