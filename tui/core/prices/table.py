"""The prices that the settings state: `[prices."provider/model"]`, names or patterns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TypeAlias

from tui.core.prices.price import Price

PriceTable: TypeAlias = Mapping[str, Price]
"""Prices by `provider/model`, in which `*`, `?` and `[…]` stand for other characters."""

_FIGURES = ("input", "output", "cached_input")
_KNOWN = (*_FIGURES, "as_of")


class PriceError(ValueError):
    """A price that cannot be meant; `field` is the figure at fault, empty where it is the whole."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def read_price(figures: object) -> Price:
    """Return the price that a table means, without conversions: a figure in quotes is a mistake.

    Raises PriceError.
    """
    if isinstance(figures, Price):
        return figures
    if not isinstance(figures, Mapping):
        raise PriceError("", "a price is a table: input and output in USD per million tokens")
    for name in figures:
        if name not in _KNOWN:
            raise PriceError(name, f"a price has no {name!r}; it has {', '.join(_KNOWN)}")
    for name in ("input", "output"):
        if name not in figures:
            raise PriceError("", f"the price lacks {name!r}, in USD per million tokens")
    amounts = {name: _amount(name, figures[name]) for name in _FIGURES if name in figures}
    return Price(**amounts, as_of=_day(figures.get("as_of")))


def find_price(table: PriceTable, provider: str, model: str) -> Price | None:
    """Return the price of a model: by its full name, else by the last pattern that fits; None: not stated."""
    name = f"{provider}/{model}"
    if name in table:
        return table[name]
    fitting = [price for pattern, price in table.items() if fnmatchcase(name, pattern)]
    return fitting[-1] if fitting else None


def _amount(name: str, figure: object) -> Decimal:
    if isinstance(figure, bool) or not isinstance(figure, int | float):
        raise PriceError(name, f"{name} is a number of USD per million tokens, not {figure!r}")
    amount = Decimal(str(figure))  # the shortest decimal that means this float is what was written
    if not amount.is_finite() or amount < 0:
        raise PriceError(name, f"{name} must not be {figure}: it is in USD per million tokens, 0 or more")
    return amount


def _day(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, date):
        raise PriceError("as_of", f"as_of is a day, written without quotes like 2026-01-31, not {value!r}")
    return value.isoformat()[:10]
