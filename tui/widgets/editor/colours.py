"""The colours of a whole prompt file: its front matter, the markdown below, the placeholders in both."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from tui.core.prompts.template import placeholders
from tui.widgets.reading.highlight import Span, markdown_spans, overlay

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_DELIMITER = re.compile(r"---[ \t]*")
_KEY = re.compile(r"\s*(?:-\s+)*(?P<key>[\w.\- ]*?\w|\"[^\"]*\"|'[^']*')(?P<colon>:)(?=\s|$)")
_FLOW_KEY = re.compile(r"(?<=[{,])\s*(?P<key>[\w.-]+)(?P<colon>:)(?=\s)")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
_SCALAR = re.compile(r"(?P<head>\s*(?:-\s+)*)(?P<key>.*?)(?:(?<=\s)|^)[|>][-+0-9]{0,2}\s*(?:#.*)?$")
_INDENT = re.compile(r"\s*")
_CONSTANT = re.compile(r"(?<=[:\s\[,{-])(?:true|false|null|~|-?\d+(?:\.\d+)?)(?=\s*(?:$|[,\]}#]))")


def yaml_spans(line: str) -> list[Span]:
    """Return the spans of one line of front matter."""
    texts = [Span(*found.span(), "value") for found in _TEXT.finditer(line)]
    spans = [Span(*found.span(), "accent") for found in _CONSTANT.finditer(line)]
    keys = [*([found] if (found := _KEY.match(line)) else []), *_FLOW_KEY.finditer(line)]
    for found in keys:
        spans += [Span(*found.span("key"), "code"), Span(*found.span("colon"), "muted")]
    spans += texts
    if (comment := _COMMENT.search(line)) and not any(
        text.start <= comment.start() < text.end for text in texts
    ):
        spans.append(Span(*comment.span(), "muted"))
    return spans


def in_block_scalar(lines: Sequence[str], number: int) -> bool:
    """Return whether a line of front matter, from 0, is plain text below a `key: |` or `key: >-`.

    Only lines above it are looked at, and those only as far as they may be its parents.
    """
    indent = _indent(lines[number])
    for line in reversed(lines[:number]):
        if indent == 0:
            return False
        if not line.strip() or _indent(line) >= indent:
            continue
        if opening := _SCALAR.match(line):
            # `- key: |` stands as far right as its key, `- |` as its dash
            head = opening["head"]
            return indent > (len(head) if opening["key"] else len(head.rstrip()) - 1)
        indent = _indent(line)
    return False


def _indent(line: str) -> int:
    found = _INDENT.match(line)
    return found.end() if found else 0


class Colours:
    """Knows of each line where it stands: in the front matter, in a code fence, or in the prompt's text.

    Only lines that are asked for are looked at closely.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._body = _body_line(lines)
        self._turns: list[int] = []
        """The lines of the body behind which code begins, ends, begins again."""
        for number, line in enumerate(lines):
            if ("```" in line or "~~~" in line) and number >= self._body:
                code = bool(len(self._turns) % 2)
                if markdown_spans(line, in_code=code)[1] != code:
                    self._turns.append(number)

    def place(self, number: int) -> str:
        """Return where a line, from 0, stands; one that says the same in the same place looks the same."""
        if number >= self._body:
            return "code" if bisect_left(self._turns, number) % 2 else "text"
        return "scalar" if in_block_scalar(self._lines, number) else "front matter"

    def spans(self, number: int, declared: Collection[str]) -> list[Span]:
        """Return the spans of a line, from 0, without overlap."""
        line, place = self._lines[number], self.place(number)
        if number < self._body:
            below = _front_matter_spans(line, plain=place == "scalar")
        else:
            below = markdown_spans(line, in_code=place == "code")[0]
        marks = [
            Span(found.start, found.end, "variable" if found.declared else "undeclared")
            for found in placeholders(line, declared)
        ]
        return overlay(below, marks, len(line))


def _front_matter_spans(line: str, *, plain: bool) -> list[Span]:
    if _DELIMITER.fullmatch(line):
        return [Span(0, len(line), "muted")]
    return [] if plain else yaml_spans(line)


def _body_line(lines: Sequence[str]) -> int:
    """Return the first line, from 0, that is not front matter; one that never closes has the whole file."""
    if not lines or not _DELIMITER.fullmatch(lines[0]):
        return 0
    for number in range(1, len(lines)):
        if _DELIMITER.fullmatch(lines[number]):
            return number + 1
    return len(lines)
