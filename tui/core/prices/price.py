"""The price of a model's tokens, and what a call costs at it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

Source: TypeAlias = Literal["settings", "genai-prices", "provider"]

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens; without `cached_input`, what was read from a cache costs like the rest."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None
    as_of: str = ""
    """The day on which it was looked up, as YYYY-MM-DD; empty: not said."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a call is billed for; None is unknown. `input` includes `cached`, `output` includes reasoning."""

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    estimated: bool = False
    """Whether this is our estimate rather than the provider's count."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call cost, and who says so."""

    usd: Decimal
    source: Source
    as_of: str = ""
    """The day of that price, or the edition of the list; empty: unknown."""
    estimated: bool = False
    """Whether the tokens were our estimate rather than the provider's count."""


def cost_at(price: Price, tokens: Tokens) -> Decimal | None:
    """Return usage × price in USD, exactly; None where a count is unknown, since a part is not the cost."""
    if tokens.input is None or tokens.output is None:
        return None
    read = min(tokens.cached or 0, tokens.input)
    cached_price = price.input if price.cached_input is None else price.cached_input
    total = (tokens.input - read) * price.input + read * cached_price + tokens.output * price.output
    return total / _MILLION
