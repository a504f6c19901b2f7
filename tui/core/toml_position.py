"""Where a key stands in a TOML text, so that a refused value can be named by line and column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_TABLE = re.compile(r"""^\s*\[{1,2}\s*((?:"[^"]*"|'[^']*'|[^\]"'])+?)\s*\]{1,2}\s*(?:\#.*)?$""")
_KEY = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def find_key(text: str, path: Sequence[str]) -> tuple[int, int] | None:
    """Return (line, column), both from 1, of the key at `path`, or of its nearest parent that is written.

    Inline tables are found at their key. Returns None when no part of `path` is in the text.
    """
    best: tuple[int, tuple[int, int]] | None = None
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _TABLE.match(line):
            table = _parts(header[1])
            here, column = table, header.start(1) + 1
        elif key := _KEY.match(line):
            here, column = table + _parts(key[1]), key.start(1) + 1
        else:
            continue
        if here and tuple(path[: len(here)]) == here and (best is None or len(here) > best[0]):
            best = (len(here), (number, column))
    return best[1] if best else None


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
