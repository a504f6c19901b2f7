"""What the rate-limit headers say, in every format in which vendors write them; a bad header says nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui.core.providers.waits import duration

if TYPE_CHECKING:
    from collections.abc import Mapping

Dimension: TypeAlias = Literal["requests", "requests_per_day", "tokens", "input_tokens", "output_tokens"]


@dataclass(frozen=True, slots=True)
class Observation:
    """One limit as the vendor sees it; None where it did not say. `reset_s` is seconds until it is full."""

    dimension: Dimension
    limit: int | None
    remaining: int | None
    reset_s: float | None


_FAMILIES: tuple[tuple[str, Dimension], ...] = (
    # OpenAI, and those who speak like it; tokens are counted for the organisation and for the project.
    ("x-ratelimit-{}-requests", "requests"),
    ("x-ratelimit-{}-tokens", "tokens"),
    ("x-ratelimit-{}-project-tokens", "tokens"),
    # Anthropic
    ("anthropic-ratelimit-requests-{}", "requests"),
    ("anthropic-ratelimit-tokens-{}", "tokens"),
    ("anthropic-ratelimit-input-tokens-{}", "input_tokens"),
    ("anthropic-ratelimit-output-tokens-{}", "output_tokens"),
    # Mistral
    ("x-ratelimit-{}-req-minute", "requests"),
    ("x-ratelimit-{}-tokens-minute", "tokens"),
    # OpenRouter
    ("x-ratelimit-{}", "requests"),
)

_PARTS = ("limit", "remaining", "reset")
_EPOCH_MS = re.compile(r"\d{13}")


def observations(
    headers: Mapping[str, str], now: float, *, requests: Dimension = "requests"
) -> tuple[Observation, ...]:
    """Read every limit that the headers speak of; never raises.

    `headers` have lower-case names; `now` is the time of day in seconds since the epoch. Groq writes its
    limit per day where OpenAI writes the one per minute: for such a vendor set `requests`.
    """
    found = []
    for pattern, dimension in _FAMILIES:
        limit, remaining, reset = (headers.get(pattern.format(part)) for part in _PARTS)
        seen = Observation(
            dimension=requests if dimension == "requests" else dimension,
            limit=_count(limit),
            remaining=_count(remaining),
            reset_s=_reset(reset, now),
        )
        if seen.limit is not None or seen.remaining is not None:
            found.append(seen)
    return tuple(found)


def _count(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\d{1,15}", text.strip()) else None


def _reset(text: str | None, now: float) -> float | None:
    """Read a Go duration, an RFC 3339 time or epoch milliseconds.

    A bare small integer, as Azure sends it, has no known unit and is left alone.
    """
    if not text:
        return None
    text = text.strip()
    if _EPOCH_MS.fullmatch(text):
        return max(0.0, int(text) / 1000 - now)
    span = duration(text)
    if span is not None:
        return span
    if not re.match(r"\d{4}-\d\d-\d\d[Tt ]", text):
        return None
    try:
        then = datetime.fromisoformat(text)
        return max(0.0, then.timestamp() - now) if then.tzinfo else None
    except (ValueError, OverflowError):
        return None
