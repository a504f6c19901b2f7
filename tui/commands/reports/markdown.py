"""A finished matrix as Markdown, for a comment on a change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui.commands.reports.table import WORDS
from tui.commands.reports.tally import reasons, title
from tui.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.commands.reports.tally import Report

_SIGNS = {"pass": "✓", "fail": "✗", "excluded": "–"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~-])")


def markdown(report: Report) -> str:
    """Return the text: a sum, a table of all cells, and the reasons of what did not pass."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield "## Penstock"
    yield ""
    yield _plain(report.sentence)
    yield ""
    yield "| prompt | case | provider | result | seconds |"
    yield "|---|---|---|---|--:|"
    for name, cells in report.groups.items():
        for cell, state in cells:
            word = f"{_SIGNS.get(state.status, '')} {WORDS.get(state.status, state.status)}".strip()
            standing = report.standing.get(cell.position)
            took = "" if state.total_s is None else f"{state.total_s:.1f}"
            cell_words = [name, title(cell), cell.request.provider]
            result = f"{word} ({standing})" if standing else word
            yield f"| {' | '.join(map(_plain, cell_words))} | {result} | {took} |"
    told = [(cell, state) for cell, state in report.own if state.status in ("fail", "excluded")]
    if told:
        yield ""
        yield "### What did not pass"
        yield ""
    for cell, state in told:
        where = f"{cell.arm.row.name} {cell.arm.label}, {title(cell)}, {cell.request.provider}"
        yield f"- **{_plain(where)}** ({_plain(report.place(cell))})"
        for reason in reasons(state):
            yield f"  - {_plain(reason)}"


def _plain(text: str) -> str:
    """Return foreign text so that Markdown shows it as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(printable(text).split()))
