"""What calls have cost together, in words: unknown is "n/a", and never 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.prices.dollars import dollars

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from tui.widgets.ink import Word


def spent(usd: Decimal, calls: int, unpriced: int, *, estimated: bool, ink: str = "text") -> Sequence[Word]:
    """Return the cost of so many calls, and of how many of them the price is not known; `usd` is in `ink`."""
    words: list[Word] = []
    priced = usd > 0 or unpriced < calls
    if calls and priced:
        words.append((f"  {dollars(usd, estimated=estimated)}", ink))
    if unpriced:
        words.append((f" + {unpriced:,} n/a" if priced else "  $ n/a", "muted"))
    return words
