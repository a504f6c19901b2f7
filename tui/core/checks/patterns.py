"""Regular expressions with a limit of time, since an answer may be made to keep one busy for ever."""

from __future__ import annotations

import contextlib
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regex import Pattern

TIME_LIMIT_S = 1.0
"""For all that one check looks for in one answer."""
_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


class BadPattern(ValueError):
    """No regular expression; the message says why, without a full stop."""


class OutOfTime(Exception):
    """The pattern was still being looked for when its time was over."""


def compile_pattern(pattern: str) -> Pattern[str]:
    """Return the pattern as the package `regex` reads it: Python's own syntax and more. Raises BadPattern."""
    import regex  # slow to import, and only needed where there is a pattern

    try:
        return regex.compile(pattern)
    except regex.error as error:
        raise BadPattern(str(error)) from error
    except (RecursionError, OverflowError, MemoryError):
        raise BadPattern("it is nested too deeply, or too large") from None


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
    ends_at = _ends_at.get()
    left = TIME_LIMIT_S if ends_at is None else ends_at - time.monotonic()
    if left <= 0:
        raise OutOfTime
    try:
        found = pattern.search(text, timeout=left, concurrent=True)
    except TimeoutError:
        raise OutOfTime from None
    except (RecursionError, MemoryError):
        raise OutOfTime from None
    return found.span() if found else None
