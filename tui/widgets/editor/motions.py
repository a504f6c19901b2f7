"""The light normal mode: where vim's motions lead in a text, as a pure function of text and place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Place = tuple[int, int]
"""Line and column, both from 0."""

_WORD = re.compile(r"\w+|[^\w\s]+")


def _left(lines: Sequence[str], at: Place) -> Place:
    return at[0], max(0, at[1] - 1)


def _right(lines: Sequence[str], at: Place) -> Place:
    return at[0], min(len(lines[at[0]]), at[1] + 1)


def _word(lines: Sequence[str], at: Place) -> Place:
    """Return the beginning of the next word; an empty line counts as one."""
    line, column = at
    for found in _WORD.finditer(lines[line]):
        if found.start() > column:
            return line, found.start()
    for number in range(line + 1, len(lines)):
        if found_there := _WORD.search(lines[number]):
            return number, found_there.start()
        if not lines[number]:
            return number, 0
    return len(lines) - 1, len(lines[-1])


def _back(lines: Sequence[str], at: Place) -> Place:
    """Return the beginning of this word, or of the one before."""
    line, column = at
    if starts := [found.start() for found in _WORD.finditer(lines[line]) if found.start() < column]:
        return line, starts[-1]
    for number in range(line - 1, -1, -1):
        if starts := [found.start() for found in _WORD.finditer(lines[number])]:
            return number, starts[-1]
        if not lines[number]:
            return number, 0
    return 0, 0


def _end(lines: Sequence[str], at: Place) -> Place:
    """Return the last character of this word, or of the next one."""
    line, column = at
    for number in range(line, len(lines)):
        for found in _WORD.finditer(lines[number]):
            if number > line or found.end() - 1 > column:
                return number, found.end() - 1
    return len(lines) - 1, len(lines[-1])


def _first_word(lines: Sequence[str], at: Place) -> Place:
    line = lines[at[0]]
    return at[0], len(line) - len(line.lstrip())


MOTIONS: Mapping[str, Callable[[Sequence[str], Place], Place]] = {
    "h": _left,
    "l": _right,
    "w": _word,
    "b": _back,
    "e": _end,
    "0": lambda lines, at: (at[0], 0),
    "^": _first_word,
    "$": lambda lines, at: (at[0], len(lines[at[0]])),
    "gg": lambda lines, at: (0, 0),
    "G": lambda lines, at: (len(lines) - 1, 0),
}
"""What a character, or two, does to the place of the cursor. `j` and `k` go by rows of the screen instead."""

PREFIXES = frozenset("gd")
"""Characters that mean something only with the next one."""
