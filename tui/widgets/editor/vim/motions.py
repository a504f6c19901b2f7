"""Where vim's motions lead in a text, as pure functions of the text and a place.

What the names mean is from vim's own documentation (motion.txt); a motion that cannot go as far as it is
asked goes as far as it can.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Place: TypeAlias = tuple[int, int]
"""Line and column, both from 0."""
Lines: TypeAlias = "Sequence[str]"
Kind: TypeAlias = Literal["before", "through", "lines"]
"""What an operator takes with the motion: up to its end, its last character too, or whole lines."""

_WORD = re.compile(r"\w+|[^\w\s]+")
_LONG_WORD = re.compile(r"\S+")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Motion:
    """Goes from a place to another one; without a count for None."""

    go: Callable[[Lines, Place, int | None], Place]
    kind: Kind = "before"


def found(lines: Lines, at: Place, key: str, character: str, count: int) -> Place | None:
    """Return the place of the `count`-th `character` in the line, for f F t T; None if there are too few."""
    line, column = at
    text = lines[line]
    ahead, near = key in "ft", key in "tT"
    for _ in range(count):
        column = text.find(character, column + 1) if ahead else text.rfind(character, 0, max(0, column))
        if column < 0:
            return None
    return line, column + (-1 if ahead else 1) * near


def column_of_text(text: str) -> int:
    """Return where a line's text begins, behind its white space."""
    return len(text) - len(text.lstrip())


def _times(step: Callable[[Lines, Place], Place]) -> Callable[[Lines, Place, int | None], Place]:
    def go(lines: Lines, at: Place, count: int | None) -> Place:
        for _ in range(count or 1):
            further = step(lines, at)
            if further == at:
                break
            at = further
        return at

    return go


def _sideways(step: int) -> Callable[[Lines, Place, int | None], Place]:
    def go(lines: Lines, at: Place, count: int | None) -> Place:
        return at[0], max(0, min(len(lines[at[0]]), at[1] + step * (count or 1)))

    return go


def _rows(step: int) -> Callable[[Lines, Place, int | None], Place]:
    def go(lines: Lines, at: Place, count: int | None) -> Place:
        return max(0, min(len(lines) - 1, at[0] + step * (count or 1))), at[1]

    return go


def _word(pattern: re.Pattern[str]) -> Callable[[Lines, Place], Place]:
    """Return the step to the beginning of the next word; an empty line counts as one."""

    def step(lines: Lines, at: Place) -> Place:
        line, column = at
        for match in pattern.finditer(lines[line]):
            if match.start() > column:
                return line, match.start()
        for number in range(line + 1, len(lines)):
            if match_there := pattern.search(lines[number]):
                return number, match_there.start()
            if not lines[number]:
                return number, 0
        return len(lines) - 1, len(lines[-1])

    return step


def _back(pattern: re.Pattern[str]) -> Callable[[Lines, Place], Place]:
    """Return the step to the beginning of this word, or of the one before."""

    def step(lines: Lines, at: Place) -> Place:
        line, column = at
        if starts := [m.start() for m in pattern.finditer(lines[line]) if m.start() < column]:
            return line, starts[-1]
        for number in range(line - 1, -1, -1):
            if starts := [match.start() for match in pattern.finditer(lines[number])]:
                return number, starts[-1]
            if not lines[number]:
                return number, 0
        return 0, 0

    return step


def _end(pattern: re.Pattern[str]) -> Callable[[Lines, Place], Place]:
    """Return the step to the last character of this word, or of the next one."""

    def step(lines: Lines, at: Place) -> Place:
        line, column = at
        for number in range(line, len(lines)):
            for match in pattern.finditer(lines[number]):
                if number > line or match.end() - 1 > column:
                    return number, match.end() - 1
        return len(lines) - 1, len(lines[-1])

    return step


def _end_before(lines: Lines, at: Place) -> Place:
    line, column = at
    for number in range(line, -1, -1):
        ends = [match.end() - 1 for match in _WORD.finditer(lines[number])]
        ends = [end for end in ends if number < line or end < column]
        if ends:
            return number, ends[-1]
        if not lines[number] and number < line:
            return number, 0
    return 0, 0


def _paragraph(step: int) -> Callable[[Lines, Place], Place]:
    """Return the step to the next empty line behind text, or the one before."""

    def go(lines: Lines, at: Place) -> Place:
        number = at[0]
        while 0 <= number < len(lines) and not lines[number]:
            number += step
        while 0 <= number < len(lines) and lines[number]:
            number += step
        if number < 0:
            return 0, 0
        return (number, 0) if number < len(lines) else (len(lines) - 1, len(lines[-1]))

    return go


def _line(last: bool) -> Callable[[Lines, Place, int | None], Place]:
    def go(lines: Lines, at: Place, count: int | None) -> Place:
        usual = len(lines) if last else 1
        number = min(count or usual, len(lines)) - 1
        return number, column_of_text(lines[number])

    return go


def _line_end(lines: Lines, at: Place, count: int | None) -> Place:
    number = min(at[0] + (count or 1) - 1, len(lines) - 1)
    return number, max(0, len(lines[number]) - 1)


def _partner(lines: Lines, at: Place, _count: int | None) -> Place:
    """Return the place of the bracket that belongs to the one here, or to the next in the line."""
    line, column = at
    start = next((n for n, c in enumerate(lines[line]) if n >= column and c in "()[]{}"), None)
    if start is None:
        return at
    here = lines[line][start]
    closes = {close: opens for opens, close in _BRACKETS.items()}
    partner, ahead = (_BRACKETS[here], True) if here in _BRACKETS else (closes[here], False)
    depth = 0
    for number, place, character in _characters(lines, (line, start), ahead=ahead):
        depth += (character == here) - (character == partner)
        if depth == 0:
            return number, place
    return at


def _characters(lines: Lines, at: Place, *, ahead: bool) -> Iterator[tuple[int, int, str]]:
    line, column = at
    numbers = range(line, len(lines)) if ahead else range(line, -1, -1)
    for number in numbers:
        text = lines[number]
        first = column if number == line else 0 if ahead else len(text) - 1
        for place in range(first, len(text)) if ahead else range(first, -1, -1):
            yield number, place, text[place]


MOTIONS: Mapping[str, Motion] = {
    "h": Motion(_sideways(-1)),
    "l": Motion(_sideways(1)),
    "j": Motion(_rows(1), "lines"),
    "k": Motion(_rows(-1), "lines"),
    "w": Motion(_times(_word(_WORD))),
    "W": Motion(_times(_word(_LONG_WORD))),
    "b": Motion(_times(_back(_WORD))),
    "B": Motion(_times(_back(_LONG_WORD))),
    "e": Motion(_times(_end(_WORD)), "through"),
    "E": Motion(_times(_end(_LONG_WORD)), "through"),
    "ge": Motion(_times(_end_before), "through"),
    "0": Motion(lambda lines, at, count: (at[0], 0)),
    "^": Motion(lambda lines, at, count: (at[0], column_of_text(lines[at[0]]))),
    "$": Motion(_line_end, "through"),
    "gg": Motion(_line(last=False), "lines"),
    "G": Motion(_line(last=True), "lines"),
    "{": Motion(_times(_paragraph(-1))),
    "}": Motion(_times(_paragraph(1))),
    "%": Motion(_partner, "through"),
}
"""By what is typed for them; f F t T and ; , are `found`."""
