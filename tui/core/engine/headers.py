"""What the headers of an answer say about the limits a minute, in the terms of the quota."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.providers.rate import observations
from tui.core.quota.limits import Kind
from tui.core.quota.observation import Observation

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS = {
    "requests": Kind.REQUESTS,
    "tokens": Kind.TOKENS,
    "input_tokens": Kind.INPUT_TOKENS,
    "output_tokens": Kind.OUTPUT_TOKENS,
}


def observed(headers: Mapping[str, str], now: float, *, daily: bool = False) -> tuple[Observation, ...]:
    """Return what is said of each kind, the least where it is said twice (as of organisation and project).

    `headers` have lower-case names; `now` is in seconds since the epoch. What concerns a day is left out,
    which is what the figures for requests do at a vendor that states these `daily`.
    """
    found: dict[Kind, Observation] = {}
    for one in observations(headers, now, requests="requests_per_day" if daily else "requests"):
        kind = _KINDS.get(one.dimension)
        if kind is not None:
            said = Observation(kind, one.limit, one.remaining, one.reset_s)
            found[kind] = _least(found[kind], said) if kind in found else said
    return tuple(found.values())


def _least(one: Observation, other: Observation) -> Observation:
    return Observation(
        one.kind,
        _smaller(one.limit, other.limit),
        _smaller(one.remaining, other.remaining),
        None if one.reset_s is None or other.reset_s is None else max(one.reset_s, other.reset_s),
    )


def _smaller(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)
