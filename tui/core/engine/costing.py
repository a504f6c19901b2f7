"""What a call cost, by the prices in force while the engine runs."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

from tui.core.prices import published
from tui.core.prices.book import Call, PriceBook
from tui.core.prices.price import Tokens

if TYPE_CHECKING:
    from datetime import datetime

    from tui.core.prices.price import Cost
    from tui.core.prices.table import PriceTable
    from tui.core.providers.base import Provider, Usage


class Costing:
    """For the engine's loop; the prices of the settings may change meanwhile."""

    def __init__(self, stated: PriceTable) -> None:
        self._book = PriceBook(stated)
        self._prepared = False

    def change(self, stated: PriceTable) -> bool:
        """Use other prices from now on; False if they are the same."""
        changed = stated != self._book.stated
        self._book = PriceBook(stated)
        return changed

    def prepare(self) -> None:
        """Begin to import the published list, which is slow, beside a call that will need it."""
        if not self._prepared:
            self._prepared = True
            asyncio.get_running_loop().run_in_executor(None, published.load)

    def cost(
        self, provider: Provider, model: str, model_reported: str, usage: Usage, at: datetime
    ) -> Cost | None:
        """Return what a call at that time cost; None is unknown."""
        return self._book.cost(
            Call(
                provider=provider.name,
                vendor=provider.vendor,
                model=model,
                model_reported=model_reported,
                tokens=Tokens(usage.tokens_in, usage.tokens_out, usage.cached, usage.estimated),
                at=at,
                told_usd=None if usage.cost_usd is None else Decimal(str(usage.cost_usd)),
            )
        )
