"""Three-way merge of texts, line by line: what only one side changed is taken, the rest is a conflict."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OURS = "<<<<<<<"
BASE = "|||||||"
MIDDLE = "======="
THEIRS = ">>>>>>>"
_MARKER = re.compile(rf"^({OURS}|{re.escape(BASE)}|{THEIRS})(?: |$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged text, with git's conflict markers where both sides changed the same lines."""

    text: str
    conflicts: int


def merge(base: str | None, mine: str, theirs: str, names: tuple[str, str] = ("mine", "theirs")) -> Merged:
    r"""Merge two texts that were made from `base`; lines end with \n.

    Without a base nobody knows who changed what, so that every difference is a conflict. The method is diff3
    (Khanna, Kunal and Pierce, "A Formal Investigation of Diff3", 2007): lines that all three have in common
    keep the texts in step, and the stretches between them are decided one by one.
    """
    left, right = _lines(mine), _lines(theirs)
    common = _lines(base) if base is not None else _in_common(left, right)
    pieces: list[str] = []
    conflicts = 0
    for old, ours, other in _stretches(common, left, right):
        if ours == other:
            pieces += ours
        elif base is not None and ours == old:
            pieces += other
        elif base is not None and other == old:
            pieces += ours
        else:
            conflicts += 1
            pieces += _conflict(ours, other, names)
    return Merged("".join(pieces), conflicts)


def marked_lines(text: str) -> list[int]:
    """Return the numbers, from 1, of the lines that are conflict markers; a rule of `=` alone is markdown."""
    return [text.count("\n", 0, found.start()) + 1 for found in _MARKER.finditer(text)]


def _lines(text: str) -> list[str]:
    # Not splitlines, which also splits at characters that end no line of a file.
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _in_common(left: Sequence[str], right: Sequence[str]) -> list[str]:
    return [line for start, _, length in _blocks(left, right) for line in left[start : start + length]]


def _blocks(one: Sequence[str], two: Sequence[str]) -> list[tuple[int, int, int]]:
    matcher = difflib.SequenceMatcher(None, one, two, autojunk=False)
    return [(block.a, block.b, block.size) for block in matcher.get_matching_blocks() if block.size]


def _partners(base: Sequence[str], side: Sequence[str]) -> dict[int, int]:
    return {a + step: b + step for a, b, size in _blocks(base, side) for step in range(size)}


def _stretches(
    base: Sequence[str], left: Sequence[str], right: Sequence[str]
) -> Iterator[tuple[Sequence[str], Sequence[str], Sequence[str]]]:
    """Yield what stands between the lines that all three have, and those lines, in order."""
    in_left, in_right = _partners(base, left), _partners(base, right)
    a = b = c = 0
    for place, line in enumerate(base):
        if place in in_left and place in in_right:
            here, there = in_left[place], in_right[place]
            yield base[a:place], left[b:here], right[c:there]
            yield [line], [line], [line]
            a, b, c = place + 1, here + 1, there + 1
    yield base[a:], left[b:], right[c:]


def _conflict(ours: Sequence[str], other: Sequence[str], names: tuple[str, str]) -> Iterator[str]:
    yield f"{OURS} {names[0]}\n"
    yield from _ended(ours)
    yield f"{MIDDLE}\n"
    yield from _ended(other)
    yield f"{THEIRS} {names[1]}\n"


def _ended(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines, the last one with a line break: a marker must stand on a line of its own."""
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n"
