"""The figures of a run as every surface writes them: when, how much, how long."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from tui.core.prices.dollars import dollars

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

UNKNOWN = "—"

Local: TypeAlias = "Callable[[datetime], datetime]"
"""Turns a time into the user's own time zone."""


def local_time(moment: datetime) -> datetime:
    """Return a time in the machine's time zone."""
    return moment.astimezone()


def when(moment: datetime, now: datetime, local: Local) -> str:
    """Return `14:05:09` of today, `Nov 24 14:05` of this year, else `2025-11-24`; `now` is local."""
    there = local(moment)
    if there.date() == now.date():
        return f"{there:%H:%M:%S}"
    return f"{there:%b %d %H:%M}" if there.year == now.year else f"{there:%Y-%m-%d}"


def money(cost: float | None, *, estimated: bool) -> str:
    """Return a cost in USD; `~` marks one whose tokens are an estimate."""
    return "n/a" if cost is None else dollars(Decimal(repr(cost)), estimated=estimated)


def tokens(tokens_in: int | None, tokens_out: int | None, *, estimated: bool) -> str:
    """Return the sum in at most seven cells; `~` marks an estimate."""
    if tokens_in is None and tokens_out is None:
        return UNKNOWN
    total = (tokens_in or 0) + (tokens_out or 0)
    about = "~" if estimated else ""
    if total < 100_000:
        return f"{about}{total:,}"
    return f"{about}{total / 1e3:.0f}k" if total < 999_500 else f"{about}{total / 1e6:.1f}M"


def duration(seconds: float | None) -> str:
    """Return seconds with one decimal, without a unit."""
    return UNKNOWN if seconds is None else f"{seconds:,.1f}"
