"""The published prices of the optional package `genai-prices`: on this machine, nothing is fetched."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from tui.core.prices.price import Cost

if TYPE_CHECKING:
    from datetime import datetime

    from tui.core.prices.price import Tokens

_NAMES = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google": "google",
    "deepseek": "deepseek",
    "groq": "groq",
    "mistral": "mistral",
    "xai": "x-ai",
    "openrouter": "openrouter",
}
"""The vendors, by our name, whose prices it lists, by its own."""


def published_cost(vendor: str, model: str, tokens: Tokens, at: datetime) -> Cost | None:
    """Return what a call at that time costs by the list; None if vendor, model or a count is unknown.

    The first call imports the package, which takes half a second.
    """
    name = _NAMES.get(vendor)
    if name is None or tokens.input is None or tokens.output is None or (package := load()) is None:
        return None
    usage = package.Usage(
        input_tokens=tokens.input, output_tokens=tokens.output, cache_read_tokens=tokens.cached
    )
    try:
        found = package.calc_price(
            usage, model.removeprefix("models/"), provider_id=name, genai_request_timestamp=at
        )
    except Exception:  # noqa: BLE001 - an unknown model, odd counts: no answer is lost to arithmetic of others
        return None
    return Cost(found.total_price, "genai-prices", edition(), tokens.estimated)


@cache
def load() -> Any:
    """Return the package, or None where it is not installed."""
    try:
        import genai_prices
    except ImportError:
        return None
    return genai_prices


@cache
def edition() -> str:
    """Return the release of the list."""
    from importlib.metadata import version

    return version("genai-prices")
