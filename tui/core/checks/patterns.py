"""Regular expressions with a limit of time, since an answer may be made to keep one busy for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regex import Pattern

TIME_LIMIT_S = 1.0
"""For all that one check looks for in one answer."""


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


def search(pattern: Pattern[str], text: str, seconds: float = TIME_LIMIT_S) -> tuple[int, int] | None:
    """Return where the pattern is found first, other threads going on meanwhile. Raises OutOfTime."""
    try:
        found = pattern.search(text, timeout=seconds, concurrent=True)
    except TimeoutError:
        raise OutOfTime from None
    except (RecursionError, MemoryError):
        raise OutOfTime from None
    return found.span() if found else None
