"""Reading JSON that others wrote: every accessor answers with an empty value rather than failing."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from tui.core.providers.base import JsonObject, JsonValue

_INT64_DIGITS = 19
_MOST = 100_000_000
"""Tokens; the longest contexts of 2026 are of ten million."""


def parse(text: str | bytes) -> JsonValue:
    """Parse JSON; raises ValueError, also for bytes that are not UTF-8."""
    return cast("JsonValue", json.loads(text))


def dump(value: JsonValue) -> bytes:
    """Write JSON; raises ValueError or TypeError for what JSON cannot say (NaN, dates, lone surrogates)."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def mapping(value: JsonValue) -> JsonObject:
    """Give the object itself, or an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: JsonValue) -> list[JsonObject]:
    """Give the objects of a list, or an empty list for anything else."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def text(value: JsonValue) -> str:
    """Give the text itself, or an empty one for anything else."""
    return value if isinstance(value, str) else ""


def amount(value: JsonValue) -> float | None:
    """Give an amount of money: a finite number, 0 or more."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
        return float(value)
    return None


def count(value: JsonValue) -> int | None:
    """Give a number of things: a non-negative integer, also one written as a string (protobuf's int64).

    One that no answer can have is a mistake of the server's, and as good as none.
    """
    if isinstance(value, str) and value.isdecimal() and len(value) <= _INT64_DIGITS:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST:
        return value
    return None


def total(*parts: int | None) -> int | None:
    """Add up the known parts; None when none is known."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def merged(base: JsonObject, *others: JsonObject) -> dict[str, JsonValue]:
    """Lay objects over each other, key by key and at every depth; later ones win, nothing is shared."""
    result: dict[str, JsonValue] = {key: _plain(value) for key, value in base.items()}
    for other in others:
        for key, value in other.items():
            below = result.get(key)
            both = isinstance(below, Mapping) and isinstance(value, Mapping)
            result[key] = merged(mapping(below), mapping(value)) if both else _plain(value)
    return result


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        return merged(value)
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
