"""What vim's operators take: the stretch of a motion, some lines, a word, what stands in brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.widgets.editor.vim.motions import column_of_text

if TYPE_CHECKING:
    from tui.widgets.editor.vim.motions import Kind, Lines, Place

_PIECES = re.compile(r"\w+|[^\w\s]+|\s+")
_LONG_PIECES = re.compile(r"\S+|\s+")
_PAIRS = {"(": "()", ")": "()", "b": "()", "[": "[]", "]": "[]", "{": "{}", "}": "{}", "B": "{}", "<": "<>",
          ">": "<>"}  # fmt: skip
OBJECTS = frozenset(kind + what for kind in "ia" for what in ("w", "W", "p", '"', "'", "`", *_PAIRS))
"""What can be typed in place of a motion; `i` takes the inside, `a` what surrounds it too."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a text, without the character at `end`; of whole lines both columns are 0 and the end."""

    start: Place
    end: Place
    lines: bool = False


def whole_lines(lines: Lines, first: int, last: int) -> Stretch:
    """Return the stretch of some lines, without the line break behind the last one."""
    last = min(last, len(lines) - 1)
    return Stretch((first, 0), (last, len(lines[last])), lines=True)


def stretch(lines: Lines, at: Place, to: Place, kind: Kind) -> Stretch:
    """Return what an operator takes with a motion from `at` to `to`."""
    start, end = sorted((at, to))
    if kind == "lines":
        return whole_lines(lines, start[0], end[0])
    if kind == "through":
        return Stretch(start, (end[0], min(end[1] + 1, len(lines[end[0]]))))
    if end[0] > start[0] and end[1] == 0:
        # As vim has it: a line's break is not taken, and whole lines are taken as such.
        if start[1] <= column_of_text(lines[start[0]]):
            return whole_lines(lines, start[0], end[0] - 1)
        return Stretch(start, (end[0] - 1, len(lines[end[0] - 1])))
    return Stretch(start, (end[0], min(end[1], len(lines[end[0]]))))


def words_ahead(lines: Lines, at: Place, to: Place) -> Stretch:
    """Return what an operator takes with `w`: the last word's line is not left."""
    if to[0] > at[0] and to[1] <= column_of_text(lines[to[0]]):
        last = max(at[0], to[0] - 1)
        return Stretch(at, (last, len(lines[last])))
    return stretch(lines, at, to, "before")


def as_lines(lines: Lines, piece: Stretch) -> Stretch:
    """Return what `d` takes: whole lines where a piece of several leaves nothing but blanks of them."""
    (first, left), (last, right) = piece.start, piece.end
    blank = not lines[first][:left].strip() and not lines[last][right:].strip()
    return whole_lines(lines, first, last) if first < last and blank else piece


def text_object(lines: Lines, at: Place, name: str) -> Stretch | None:
    """Return the word, paragraph, or bracketed or quoted piece around a place; None where there is none."""
    around, what = name[0] == "a", name[1]
    if what in "wW":
        return _word(lines[at[0]], at, _PIECES if what == "w" else _LONG_PIECES, around=around)
    if what == "p":
        return _paragraph(lines, at[0], around=around)
    if what in _PAIRS:
        return _bracketed(lines, at, *_PAIRS[what], around=around)
    return _quoted(lines[at[0]], at, what, around=around)


def _word(line: str, at: Place, pieces: re.Pattern[str], *, around: bool) -> Stretch | None:
    spans = [match.span() for match in pieces.finditer(line)]
    here = next((n for n, (start, end) in enumerate(spans) if start <= at[1] < end), None)
    if here is None:
        return None
    start, end = spans[here]
    if around and here + 1 < len(spans) and (line[start].isspace() or line[end].isspace()):
        end = spans[here + 1][1]
    elif around and here > 0 and line[start - 1].isspace():
        start = spans[here - 1][0]
    return Stretch((at[0], start), (at[0], end))


def _paragraph(lines: Lines, at: int, *, around: bool) -> Stretch:
    empty = not lines[at].strip()
    first = last = at
    while first > 0 and (not lines[first - 1].strip()) == empty:
        first -= 1
    while last + 1 < len(lines) and (not lines[last + 1].strip()) == empty:
        last += 1
    while around and last + 1 < len(lines) and (not lines[last + 1].strip()) != empty:
        last += 1
    return whole_lines(lines, first, last)


def _quoted(line: str, at: Place, quote: str, *, around: bool) -> Stretch | None:
    places = [number for number, character in enumerate(line) if character == quote]
    for start, end in zip(places[::2], places[1::2], strict=False):
        if end >= at[1]:
            if not around:
                return Stretch((at[0], start + 1), (at[0], end))
            rest = line[end + 1 :]
            behind = len(rest) - len(rest.lstrip())
            before = 0 if behind else start - len(line[:start].rstrip())
            return Stretch((at[0], start - before), (at[0], end + 1 + behind))
    return None


def _bracketed(lines: Lines, at: Place, opens: str, closes: str, *, around: bool) -> Stretch | None:
    text = "\n".join(lines)
    place = sum(len(line) + 1 for line in lines[: at[0]]) + at[1]
    start = _opening(text, place, opens, closes)
    if start is None:  # none around the cursor: the next one in the line, as vim does since its version 9
        ahead = lines[at[0]].find(opens, at[1])
        start = None if ahead < 0 else place - at[1] + ahead
    end = None if start is None else _closing(text, start + 1, opens, closes)
    if start is None or end is None:
        return None
    if around:
        return Stretch(_place(text, start), _place(text, end + 1))
    return Stretch(_place(text, start + 1), _place(text, end))


def _opening(text: str, place: int, opens: str, closes: str) -> int | None:
    depth = 0
    for number in range(place, -1, -1):
        character = text[number : number + 1]
        if character == opens and depth == 0:
            return number
        depth += (character == closes and number != place) - (character == opens)
    return None


def _closing(text: str, place: int, opens: str, closes: str) -> int | None:
    depth = 0
    for number in range(place, len(text)):
        if text[number] == closes and depth == 0:
            return number
        depth += (text[number] == opens) - (text[number] == closes)
    return None


def _place(text: str, offset: int) -> Place:
    return text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1)
