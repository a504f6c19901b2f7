"""The limits of one provider or model, checked once, when they are stated."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Literal, NamedTuple
from zoneinfo import ZoneInfo

from tui.core.quota.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterable

Shape = Literal["bucket", "strict"]
_LONGEST_MARGIN_NS = 10_000_000_000
_YEAR_S = 366 * 86_400.0
RESERVE = 0.2
"""The part of a burst that batch calls leave to interactive ones (Stripe's reserve for critical traffic)."""
PRUDENT_MARGIN_S = 0.5
"""What a new connection takes longer than one that is open: name, TCP and TLS, some 100 ms each."""
LARGEST = 1_000_000_000
"""The largest figure of any limit: the interval of one unit must stay well above a nanosecond."""


class Kind(IntEnum):
    """What a limit counts; the value is the place of that figure in a `Cost`."""

    REQUESTS = 0
    TOKENS = 1
    INPUT_TOKENS = 2
    OUTPUT_TOKENS = 3

    @property
    def label(self) -> str:
        """The limit per minute of that kind, in words."""
        return self.name.lower().replace("_", " ") + " per minute"


class Cost(NamedTuple):
    """What one call takes of each kind of limit."""

    requests: int
    tokens: int
    input_tokens: int
    output_tokens: int

    @classmethod
    def of(cls, requests: int = 1, input_tokens: int = 0, output_tokens: int = 0) -> Cost:
        """Return the cost; raises LimitError for what is not a whole number, or fewer than one request."""
        _check("requests", requests, 1)
        _check("input_tokens", input_tokens, 0)
        _check("output_tokens", output_tokens, 0)
        return cls(requests, input_tokens + output_tokens, input_tokens, output_tokens)

    def plus(self, other: Cost) -> Cost:
        """Return the sum of both."""
        return Cost(*(mine + its for mine, its in zip(self, other, strict=True)))

    def minus(self, other: Cost) -> Cost:
        """Return the difference of both."""
        return Cost(*(mine - its for mine, its in zip(self, other, strict=True)))


ONE = Cost(1, 0, 0, 0)
NOTHING = Cost(0, 0, 0, 0)


def turns_of_others(waiting: int, others: Iterable[int]) -> Cost:
    """Return what other processes take before the last of our waiting calls goes, since all take turns.

    Their calls are counted as one request each; `others` is how many wait in each of them.
    """
    return Cost(sum(min(waiting, theirs) for theirs in others), 0, 0, 0)


def cost_of(requests: int, input_tokens: int, output_tokens: int) -> Cost:
    """Return `Cost.of`, quickly for the plain case of one request."""
    if requests == 1 and input_tokens == 0 == output_tokens and type(requests) is int:
        return ONE
    return Cost.of(requests, input_tokens, output_tokens)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider allows; None is "no limit of that kind". Raises LimitError for impossible figures.

    `requests_per_minute` is never None, since all waiting is reckoned in it: LARGEST stands for no limit.

    `shape` "bucket" allows `burst` calls at once and `requests_per_minute` sustained, as OpenAI's server
    does; "strict" also never lets more than `requests_per_minute` go in any 60 seconds, for servers that
    look back over a rolling minute. `burst` is at most `requests_per_minute`; None is all of it for
    "bucket", and a fifth of it for "strict", where it bounds the longest pause (60 s x burst/limit).
    `requests_per_day` counts calendar days of `day_zone` (an IANA name). A call reaches the server up to
    `margin_s` seconds after it went; where delays stay within that, a server with these limits never refuses.
    """

    requests_per_minute: int = LARGEST
    shape: Shape = "bucket"
    burst: int | None = None
    tokens_per_minute: int | None = None
    input_tokens_per_minute: int | None = None
    output_tokens_per_minute: int | None = None
    requests_per_day: int | None = None
    day_zone: str = "UTC"
    max_in_flight: int | None = None
    margin_s: float = 0.0

    def __post_init__(self) -> None:
        _check("requests_per_minute", self.requests_per_minute, 1)
        for field in fields(self)[2:]:
            value = getattr(self, field.name)
            if field.name not in ("day_zone", "margin_s") and value is not None:
                _check(field.name, value, 1)
        if self.shape not in ("bucket", "strict"):
            raise LimitError("shape", f'shape must be "bucket" or "strict", not {self.shape!r}.')
        if self.burst is not None and self.burst > self.requests_per_minute:
            raise LimitError(
                "burst",
                f"burst must be at most requests_per_minute ({self.requests_per_minute}), not {self.burst}.",
            )
        zone(self.day_zone)
        if to_ns("margin_s", self.margin_s) > _LONGEST_MARGIN_NS:
            raise LimitError("margin_s", f"margin_s must be at most 10 seconds, not {self.margin_s!r}.")

    def figures(self) -> dict[str, object]:
        """Return what is limited, by name, and how; what has no limit is left out."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in found.items() if value not in (None, LARGEST)}

    @property
    def burst_size(self) -> int:
        """How many requests may go at once when nothing went before: B."""
        if self.burst is not None:
            return self.burst
        return self.requests_per_minute if self.shape == "bucket" else max(1, self.requests_per_minute // 5)

    def in_flight_of(self, factor: float, share: float) -> int | None:
        """Return how many calls may be in flight while that part of the limits is in force; None: any."""
        most = self.max_in_flight
        return None if most is None else max(1, int(most * factor * share))

    def with_prudent_margin(self) -> Limits:
        """Return the limits with the margin that a server over the network needs.

        Calls go at the full rate as long as the margin is no longer than (B-1) intervals, less the reserve of
        a batch call: a smaller burst has as much less of it, none if calls go one by one.
        """
        absorbed = (self.burst_size - 1 - int(RESERVE * self.burst_size)) * 60 / self.requests_per_minute
        return replace(self, margin_s=min(PRUDENT_MARGIN_S, absorbed))

    def rates(self) -> tuple[tuple[Kind, int, int], ...]:
        """Return kind, limit per minute and burst of each rate; requests come first.

        A token bucket holds a whole minute's tokens, since a burst is about requests; in the strict shape it
        holds the same share of its limit as the requests' bucket does.
        """
        found = [(Kind.REQUESTS, self.requests_per_minute, self.burst_size)]
        for kind, limit in (
            (Kind.TOKENS, self.tokens_per_minute),
            (Kind.INPUT_TOKENS, self.input_tokens_per_minute),
            (Kind.OUTPUT_TOKENS, self.output_tokens_per_minute),
        ):
            if limit is not None:
                share = limit * self.burst_size // self.requests_per_minute
                found.append((kind, limit, limit if self.shape == "bucket" else max(1, share)))
        return tuple(found)


def zone(name: str) -> ZoneInfo | None:
    """Return the zone of that IANA name, None for UTC (which needs no zone data); raises LimitError."""
    if name == "UTC":
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, TypeError, LookupError):
        raise LimitError(
            "day_zone", f'day_zone must name a time zone such as "America/Los_Angeles", not {name!r}.'
        ) from None


def to_ns(field: str, length: object) -> int:
    """Return a length of time given in seconds as ns, a year at most; raises LimitError."""
    if isinstance(length, bool) or not isinstance(length, (int, float)) or not 0 <= length < math.inf:
        raise LimitError(field, f"{field} must be a number of seconds, 0 or more, not {length!r}.")
    return int(min(length, _YEAR_S) * 1e9)


def _check(field: str, value: object, least: int) -> None:
    if type(value) is not int or not least <= value <= LARGEST:
        shown = f"{value:,}" if type(value) is int and abs(value) < 10**30 else repr(value)[:40]
        raise LimitError(field, f"{field} must be a whole number from {least} to {LARGEST:,}, not {shown}.")
