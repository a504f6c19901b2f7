"""Finding words in lines: small letters find capitals too, a capital in the query means itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Match(NamedTuple):
    """Where a query was found: the line, and the offsets in it."""

    line: int
    start: int
    end: int


def find(lines: Sequence[str], query: str) -> list[Match]:
    """Return every place of `query`, taken literally, in order; none for an empty query."""
    if not query:
        return []
    pattern = re.compile(re.escape(query), 0 if query != query.lower() else re.IGNORECASE)
    return [
        Match(number, *found.span()) for number, line in enumerate(lines) for found in pattern.finditer(line)
    ]
