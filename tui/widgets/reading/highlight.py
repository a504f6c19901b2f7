"""Light colouring of markdown, line by line, so that a growing text never has to be read again."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

FENCE = re.compile(r"\s*(```|~~~)")
HEADING = re.compile(r"\s{0,3}#{1,6}\s")
LIST = re.compile(r"\s*([-*+]|\d{1,3}[.)])\s")
RULE = re.compile(r"\s{0,3}([-*_])(\s*\1){2,}\s*$")
_INLINE = re.compile(r"(?P<strong>\*\*(?=\S).+?(?<=\S)\*\*)|(?P<code>`[^`]+`)")


class Span(NamedTuple):
    """A stretch of a line, by offsets, and its ink."""

    start: int
    end: int
    ink: str


def markdown_spans(line: str, *, in_code: bool) -> tuple[list[Span], bool]:
    """Return the spans of one line, and whether the next line is inside a code fence."""
    if FENCE.match(line):
        return [Span(0, len(line), "muted")], not in_code
    if in_code:
        return [Span(0, len(line), "code")], True
    if HEADING.match(line):
        return [Span(0, len(line), "heading")], False
    if RULE.match(line):
        return [Span(0, len(line), "faint")], False
    spans = []
    if bullet := LIST.match(line):
        spans.append(Span(*bullet.span(1), "accent"))
    spans += [Span(*found.span(), found.lastgroup or "text") for found in _INLINE.finditer(line)]
    return spans, False


def overlay(below: Iterable[Span], above: Iterable[Span], length: int) -> list[Span]:
    """Return spans that cover a line of `length` without overlap: `above` wins over `below`."""
    inks = ["text"] * length
    for layer in (below, above):
        for start, end, ink in layer:
            inks[max(0, start) : min(end, length)] = [ink] * (min(end, length) - max(0, start))
    spans: list[Span] = []
    start = 0
    for ink, stretch in groupby(inks):
        end = start + len(list(stretch))
        spans.append(Span(start, end, ink))
        start = end
    return spans
