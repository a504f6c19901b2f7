"""How long a vendor asked us to wait, out of the half dozen ways of saying so."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.providers.failure import Failure

_UNIT_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ms|us|µs|ns|h|m|s)")
_DURATION = re.compile(rf"(?:{_PART.pattern})+")
_IN_WORDS = re.compile(rf"(?:try again|retry) in ((?:{_PART.pattern})+)")


def told_wait(headers: Mapping[str, str], failure: Failure, now: float) -> float | None:
    """Give the seconds to wait before the next try; None when the vendor did not say.

    `headers` have lower-case names; `now` is the time of day in seconds since the epoch. The most exact way
    wins: `retry-after-ms`, then `retry-after` (seconds, or an HTTP date as of RFC 9110), then the later of
    Google's RetryInfo (which it cuts to whole seconds) and the words of the message ("Please try again in
    6m0s").
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    header = headers.get("retry-after", "")
    for seconds in (_number(header), _until(header, headers.get("date", ""), now)):
        if seconds is not None:
            return seconds
    in_words = _IN_WORDS.search(failure.message)
    said = (duration(failure.delay), duration(in_words[1] if in_words else ""))
    return max((seconds for seconds in said if seconds is not None), default=None)


def duration(text: str) -> float | None:
    """Read a Go duration such as `12ms`, `6m0s` or `1h2m3.5s` as seconds; None for anything else."""
    if not _DURATION.fullmatch(text):
        return None
    return sum(float(number) * _UNIT_S[unit] for number, unit in _PART.findall(text))


def _number(text: str) -> float | None:
    """Read a plain non-negative decimal; `inf`, `nan` and exponents are not something a server means."""
    return float(text) if re.fullmatch(r"\d{1,12}(\.\d*)?", text.strip()) else None


def _until(text: str, date: str, now: float) -> float | None:
    """Measure from the server's own clock where it sent one: ours may be wrong."""
    when = _http_date(text)
    if when is None:
        return None
    sent = _http_date(date)
    return max(0.0, when - (now if sent is None else sent))


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
