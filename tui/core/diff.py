"""The difference of two texts, line by line and, where a line was changed, word by word."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Sign = Literal[" ", "-", "+"]

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_ALIKE = 0.4
"""How alike (0 to 1) two lines must be for their words to be compared; below, every word would be marked."""


class DiffLine(NamedTuple):
    """One line of a difference."""

    sign: Sign
    """In both texts, only in the old one, or only in the new one."""
    text: str
    old: int | None
    """Its number in the old text, from 1; None if it is not there."""
    new: int | None
    """Its number in the new text, from 1; None if it is not there."""
    changed: tuple[tuple[int, int], ...] = ()
    """The stretches, by offsets, in which it differs from the line it replaces or is replaced by."""


class Gap(NamedTuple):
    """Lines that are the same in both texts and left out, between two changes."""

    lines: int


def diff_lines(old: str, new: str) -> list[DiffLine]:
    """Return all lines of both texts in order: what went before what came in its place.

    Lines are matched by difflib (Ratcliff and Obershelp) without its guess at "popular" lines, which would
    leave blank lines unmatched. A missing line break at the end of a text is no difference.
    """
    before, after = old.splitlines(), new.splitlines()
    found: list[DiffLine] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [DiffLine(" ", before[i], i + 1, j1 + i - i1 + 1) for i in range(i1, i2)]
        else:
            marks = _marks(before[i1:i2], after[j1:j2])
            found += [DiffLine("-", before[i], i + 1, None, marks[0][i - i1]) for i in range(i1, i2)]
            found += [DiffLine("+", after[j], None, j + 1, marks[1][j - j1]) for j in range(j1, j2)]
    return found


def folded(lines: Sequence[DiffLine], context: int = 3) -> Iterator[DiffLine | Gap]:
    """Give the lines within `context` lines of a change, and a Gap for each stretch that is left out."""
    changes = [place for place, line in enumerate(lines) if line.sign != " "]
    near = {place for change in changes for place in range(change - context, change + context + 1)}
    hidden = 0
    for place, line in enumerate(lines):
        if place in near:
            if hidden:
                yield Gap(hidden)
                hidden = 0
            yield line
        else:
            hidden += 1
    if hidden:
        yield Gap(hidden)


def counts(lines: Sequence[DiffLine]) -> tuple[int, int]:
    """Return how many lines came, and how many went."""
    return sum(line.sign == "+" for line in lines), sum(line.sign == "-" for line in lines)


_Spans = tuple[tuple[int, int], ...]


def _marks(old: Sequence[str], new: Sequence[str]) -> tuple[list[_Spans], list[_Spans]]:
    """Compare the first old line with the first new one, and so on, word by word."""
    left: list[_Spans] = [()] * len(old)
    right: list[_Spans] = [()] * len(new)
    for place, (before, after) in enumerate(zip(old, new, strict=False)):
        words, others = _WORD.findall(before), _WORD.findall(after)
        matcher = difflib.SequenceMatcher(None, words, others, autojunk=False)
        if matcher.ratio() >= _ALIKE:
            codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
            left[place] = _stretches(words, [(code[1], code[2]) for code in codes])
            right[place] = _stretches(others, [(code[3], code[4]) for code in codes])
    return left, right


def _stretches(words: Sequence[str], ranges: Sequence[tuple[int, int]]) -> _Spans:
    offsets = [0]
    for word in words:
        offsets.append(offsets[-1] + len(word))
    return tuple((offsets[start], offsets[end]) for start, end in ranges if end > start)
