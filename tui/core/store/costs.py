"""What was spent: the costs of runs, added up exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Integer, and_, case, cast, func, not_, select

from tui.core.store.tables import RUNS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from tui.core.store.runs import CostSource

_PLACES = 12
"""Costs are kept as floats, and added up as whole numbers of 10⁻¹² USD, since sums of floats drift."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What the calls of a time cost; those of one provider and source, or all together."""

    calls: int
    usd: Decimal
    """The sum of the costs that are known."""
    unpriced: int
    """Calls that may have cost something, and nobody knows what."""
    estimated: bool
    """Whether any of the costs rests on estimated tokens."""
    provider: str = ""
    source: CostSource | None = None
    """Whose prices these were; None: of the calls without a price, and of several sources together."""


def spending(connection: Connection, since: datetime, until: datetime | None = None) -> list[Spending]:
    """Return what was spent on the runs asked for from `since` on and before `until`, by provider and source.

    A run that failed before anything of an answer came is a call, but not one that costs.
    """
    cost, priced = RUNS.c.cost, RUNS.c.cost.is_not(None)
    no_text, no_count = RUNS.c.first_token_s.is_(None), RUNS.c.tokens_out.is_(None)
    nothing_came = and_(RUNS.c.status == "failed", no_text, no_count)
    unknown = and_(not_(priced), RUNS.c.status != "running", not_(nothing_came))
    whole = cast(func.round(cost * 10**_PLACES), Integer)
    columns = (
        func.count(),
        func.coalesce(func.sum(whole), 0),
        func.coalesce(func.sum(case((unknown, 1), else_=0)), 0),
        func.coalesce(func.max(and_(priced, RUNS.c.usage_estimated)), False),
        RUNS.c.provider,
        RUNS.c.cost_source,
    )
    query = select(*columns).where(RUNS.c.created_at >= since.astimezone(UTC))
    if until is not None:
        query = query.where(RUNS.c.created_at < until.astimezone(UTC))
    query = query.group_by(RUNS.c.provider, RUNS.c.cost_source).order_by(RUNS.c.provider, RUNS.c.cost_source)
    return [
        Spending(calls, Decimal(total).scaleb(-_PLACES), unpriced, bool(estimated), provider, source)
        for calls, total, unpriced, estimated, provider, source in connection.execute(query)
    ]


def added_up(parts: Iterable[Spending]) -> Spending:
    """Return several together."""
    known = list(parts)
    return Spending(
        calls=sum(part.calls for part in known),
        usd=sum((part.usd for part in known), Decimal(0)),
        unpriced=sum(part.unpriced for part in known),
        estimated=any(part.estimated for part in known),
    )
