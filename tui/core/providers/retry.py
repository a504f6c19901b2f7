"""Whether and when to send a request again: one policy for all providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from tui.core.providers.errors import Kind, ProviderError

RETRIES = 2
"""How often a request is sent again by default, as in the vendors' own SDKs."""

MOST_RETRIES = 5
"""More than these would only make a vendor's trouble worse."""

LONGEST_WAIT_S = 120.0
"""A vendor that asks for more than this is reported rather than waited for, as in OpenAI's own SDK."""

_FIRST_S: dict[Kind, float] = {"rate_limit": 2.0, "overloaded": 2.0}
_USUAL_FIRST_S = 0.5
_LONGEST_BACKOFF_S = 30.0
_SPREAD = 0.2


def next_delay(
    error: ProviderError,
    attempt: int,
    random: Random,
    *,
    retries: int = RETRIES,
    longest_s: float = LONGEST_WAIT_S,
) -> float | None:
    """Give the seconds to wait before the next attempt, or None when there should be none.

    `attempt` counts from 1, the attempt that failed with `error`. A wait that the vendor asked for is never
    shortened, only spread a little upwards, since all who were told the same would come back at the same
    moment. Without one the wait doubles with every attempt, and half of it is left to chance.
    """
    if not error.retryable or attempt > retries:
        return None
    told = error.retry_after_s
    if told is None:
        backoff = min(_FIRST_S.get(error.kind, _USUAL_FIRST_S) * 2.0 ** (attempt - 1), _LONGEST_BACKOFF_S)
        return backoff * (1.0 - random.random() / 2)
    if told > longest_s:
        return None
    return told + random.random() * max(_SPREAD * told, _USUAL_FIRST_S)
