"""Regular expressions with a limit of time, since an answer may be made to keep one busy for ever."""

from __future__ import annotations

import contextlib
import math
import re
import time
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regex import Pattern

MOST_PARTS = 20_000
"""A part takes about 300 bytes and 1.5 µs when a pattern is compiled: 6 MB and 30 ms for the largest."""
TIME_LIMIT_S = 1.0
"""For all that one check looks for in one answer."""
_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


class BadPattern(ValueError):
    """No regular expression; the message says why, without a full stop."""


class OutOfTime(Exception):
    """The pattern was still being looked for when its time was over."""


def compile_pattern(pattern: str) -> Pattern[str]:
    """Return the pattern as the package `regex` reads it: Python's own syntax and more.

    Raises BadPattern, and OutOfTime, since an answer may bring patterns too.
    """
    _left()
    return _compiled(pattern)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> Pattern[str]:
    import regex  # slow to import, and only needed where there is a pattern

    if _is_large(pattern):
        raise BadPattern(f"written out, its repetitions are more than {MOST_PARTS:,} parts")
    try:
        return regex.compile(pattern, cache_pattern=False)  # which would keep 500 of them
    except regex.error as error:
        raise BadPattern(str(error)) from error
    except (RecursionError, OverflowError, MemoryError):
        raise BadPattern("it is nested too deeply, or too large") from None


_TOKEN = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*(?:\]|\Z)|(?P<open>\((?:\?(?:[:=!>]|<[=!]))?)|(?P<close>\))|\{(?P<times>\d{1,9})(?:,\d*)?\}|.",
    re.DOTALL,
)
_VERBOSE = re.compile(r"\(\?[a-zA-Z0-9]*x")


def _is_large(pattern: str) -> bool:
    """Whether a pattern has too many parts when what has to be there n times is written out n times.

    That is how `regex` compiles `(…){n}`; what more may be there costs nothing.
    """
    if _VERBOSE.search(pattern):  # its comments may hold brackets: as if all repetitions were nested
        times = [max(1, int(found)) for found in re.findall(r"\{(\d{1,9})", pattern)]
        return len(times) > 100 or len(pattern) * math.prod(times) > MOST_PARTS
    outer: list[int] = []
    total = last = 0  # of the group, and of what a repetition would be about
    for token in _TOKEN.finditer(pattern):
        if token["open"]:
            outer.append(total)
            total = last = 0
        elif token["close"]:
            last = total
            total += outer.pop() if outer else 0
        elif token["times"]:
            more = last * (max(1, int(token["times"])) - 1)
            last, total = last + more, total + more
        else:
            total, last = total + 1, 1
        if total > MOST_PARTS:
            return True
    return total + sum(outer) > MOST_PARTS


@contextlib.contextmanager
def time_limit(seconds: float = TIME_LIMIT_S) -> Iterator[None]:
    """Let all searches within take no more than so long together."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def search(pattern: Pattern[str], text: str) -> tuple[int, int] | None:
    """Return where the pattern is found first, other threads going on meanwhile. Raises OutOfTime."""
    try:
        found = pattern.search(text, timeout=_left(), concurrent=True)
    except TimeoutError:
        raise OutOfTime from None
    except (RecursionError, MemoryError):
        raise OutOfTime from None
    return found.span() if found else None


def _left() -> float:
    """Return the seconds that are left. Raises OutOfTime."""
    ends_at = _ends_at.get()
    left = TIME_LIMIT_S if ends_at is None else ends_at - time.monotonic()
    if left <= 0:
        raise OutOfTime
    return left
