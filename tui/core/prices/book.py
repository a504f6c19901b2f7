"""Whose price counts for a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.core.prices.price import Cost, cost_at
from tui.core.prices.published import published_cost
from tui.core.prices.table import PriceTable, find_price

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from tui.core.prices.price import Tokens


@dataclass(frozen=True, slots=True)
class Call:
    """What has to be known of a call to price it."""

    provider: str
    vendor: str
    """Whose published prices hold; empty: nobody's."""
    model: str
    """The model that was asked for."""
    model_reported: str
    """The model that answered, by its own account; empty: it gave none."""
    tokens: Tokens
    at: datetime
    told_usd: Decimal | None = None
    """What the provider itself says that it charged."""


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Prices a call by the first of three that knows it.

    The settings come first: whoever writes a price there has a contract, a discount or a currency that nobody
    else can know of. Then the provider's own bill, which is a fact. The published list is last, being a
    calculation that may be older than the model.
    """

    stated: PriceTable = field(default_factory=dict)

    def cost(self, call: Call) -> Cost | None:
        """Return what a call cost; None is unknown, which is not nothing."""
        return self._stated_cost(call) or _told_cost(call) or _published_cost(call)

    def _stated_cost(self, call: Call) -> Cost | None:
        for model in (call.model, call.model_reported):
            if model and (price := find_price(self.stated, call.provider, model)):
                usd = cost_at(price, call.tokens)
                return None if usd is None else Cost(usd, "settings", price.as_of, call.tokens.estimated)
        return None


def _told_cost(call: Call) -> Cost | None:
    return None if call.told_usd is None else Cost(call.told_usd, "provider", call.at.date().isoformat())


def _published_cost(call: Call) -> Cost | None:
    # What answered is what is billed; a router's or an alias's own name may be on no list.
    for model in (call.model_reported, call.model):
        if model and (cost := published_cost(call.vendor, model, call.tokens, call.at)):
            return cost
    return None
