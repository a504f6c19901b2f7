"""How the providers write identifiers, times and durations."""

from __future__ import annotations

import hashlib
import json
import math
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

_DIGITS: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def opaque(length: int, *parts: object) -> str:
    """An identifier that looks random and is the same for the same parts."""
    number = int.from_bytes(hashlib.sha512(repr(parts).encode()).digest())
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(digits)


def go_duration(seconds: float) -> str:
    """Seconds as OpenAI writes them, a Go duration in whole milliseconds rounded up: `12ms`, `6m0s`."""
    milliseconds = math.ceil(round(seconds * 1000, 6))
    if milliseconds <= 0:
        return "0s"
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    second = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{second}"
    return f"{minutes}m{second}" if minutes else second


def rfc3339(when: float) -> str:
    """Unix seconds as Anthropic writes them: UTC, whole seconds, rounded up."""
    return datetime.fromtimestamp(math.ceil(when), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def http_date(when: float) -> str:
    """Unix seconds as in the header `Date`."""
    return format_datetime(datetime.fromtimestamp(when, UTC).replace(microsecond=0), usegmt=True)


def dumps(value: object) -> str:
    """JSON as the APIs send it: compact, and text as it is rather than escaped."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
