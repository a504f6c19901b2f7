"""Markdown lines as they are read: marked or without their marks, one at a time, so that a text may grow.

No line needs another but for the code fences, so what is on the screen already is never parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len

from tui.widgets.reading.highlight import FENCE, HEADING, LIST, RULE, Span, markdown_spans, overlay

_QUOTE = re.compile(r"\s{0,3}((?:>\s?)+)")
_TABLE = re.compile(r"\s*\|")
_CLOSING = re.compile(r"\s+#+\s*$")
_INLINE = re.compile(
    r"\\(?P<escaped>[\\`*_{}\[\]()#+.!|~>-])"
    r"|(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|\*\*(?=[^\s*]|\*\S)(?P<strong>.+?)(?<=\S)\*\*(?!\*)"
    r"|(?<!\w)__(?=\S)(?P<strong_>.+?)(?<=\S)__(?!\w)"
    r"|(?<![\w*])\*(?=[^\s*])(?P<em>[^*]+)(?<=\S)\*(?![\w*])"
    r"|(?<!\w)_(?=[^\s_])(?P<em_>[^_]+)(?<=\S)_(?!\w)"
)
_LONGEST = 20_000
"""Characters of a line from which on its marks stay: looking for pairs takes too long."""


class Read(NamedTuple):
    """A line as it is shown."""

    text: str
    spans: list[Span]
    """They cover the text without overlap."""
    indent: int
    """Cells by which its further rows are indented when it is wrapped."""
    in_code: bool
    """Whether the next line is inside a code fence."""


Reader: TypeAlias = Callable[[str, bool], Read]
"""Reads a line, told whether it is inside a code fence."""


def marked(line: str, in_code: bool) -> Read:
    """Read a line with every character it has, coloured."""
    spans, in_code = markdown_spans(line, in_code=in_code)
    return Read(line, overlay(spans, (), len(line)), 0, in_code)


def muted(line: str, in_code: bool) -> Read:
    """Read a line as it is, in one quiet ink."""
    return Read(line, [Span(0, len(line), "muted")], 0, in_code)


def unmarked(line: str, in_code: bool) -> Read:
    """Read a line without the marks of headings, lists, quotes, emphasis and code; a table stays as it is."""
    if FENCE.match(line):
        language = "" if in_code else line.strip().lstrip("`~").strip()
        return Read(language, [Span(0, len(language), "faint")], 0, not in_code)
    if in_code:
        text = f"  {line}"
        return Read(text, [Span(0, len(text), "code")], 2, True)
    if _TABLE.match(line) or len(line) > _LONGEST:
        return marked(line, False)
    if RULE.match(line):
        return Read("─" * 24, [Span(0, 24, "faint")], 0, False)
    if heading := HEADING.match(line):
        ink = "heading" if heading[0].count("#") <= 2 else "strong"
        return _joined(_inline(_CLOSING.sub("", line[heading.end() :]), ink), 0)
    if quote := _QUOTE.match(line):
        bars = "▏ " * quote[1].count(">")
        return _joined([(bars, "faint"), *_inline(line[quote.end() :], "muted")], len(bars))
    if bullet := LIST.match(line):
        sign = "•" if bullet[1] in "-*+" else bullet[1]
        begin = f"{line[: bullet.start(1)]}{sign} "
        return _joined([(begin, "accent"), *_inline(line[bullet.end() :], "text")], cell_len(begin))
    return _joined(_inline(line, "text"), 0)


def _joined(pieces: list[tuple[str, str]], indent: int) -> Read:
    spans: list[Span] = []
    length = 0
    for text, ink in pieces:
        if text:
            spans.append(Span(length, length + len(text), ink))
            length += len(text)
    return Read("".join(text for text, _ in pieces), spans, indent, False)


def _inline(text: str, ink: str) -> list[tuple[str, str]]:
    """Return pieces with their inks; what has no partner is left as it is."""
    pieces: list[tuple[str, str]] = []
    end = 0
    for found in _INLINE.finditer(text):
        pieces.append((text[end : found.start()], ink))
        end = found.end()
        if found["escaped"]:
            pieces.append((found["escaped"], ink))
        elif found["code"]:
            pieces.append((found["code"], "code"))
        elif strong := found["strong"] or found["strong_"]:
            pieces += _inline(strong, "strong" if ink in ("text", "muted") else ink)
        else:
            emphasis = found["em"] or found["em_"]
            pieces += _inline(emphasis, "emphasis" if ink in ("text", "muted") else ink)
    return [*pieces, (text[end:], ink)]
