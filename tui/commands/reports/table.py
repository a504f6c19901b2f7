"""A finished matrix as a table for the terminal: a row a case, a column a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tui.commands.reports.tally import heading, reasons, title
from tui.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui.commands.reports.tally import Report
    from tui.core.engine.matrix.grid import CellState, CellStatus
    from tui.core.engine.matrix.plan import Cell

WORDS: dict[CellStatus, str] = {
    "pass": "pass",
    "fail": "FAIL",
    "excluded": "excluded",
    "unchecked": "no check",
    "waiting": "not done",
}
Paint: TypeAlias = "Callable[[str, str], str]"
"""Gives a text the colour that goes with a word."""


def lines(report: Report, paint: Paint) -> Iterator[str]:
    """Yield the table of each revision, what failed and why, and a sum."""
    for name, cells in report.groups.items():
        yield from _table(name, cells, paint)
        yield ""
    yield from _failures(report, paint)
    yield report.sentence


def _table(name: str, cells: Sequence[tuple[Cell, CellState]], paint: Paint) -> Iterator[str]:
    providers = list(dict.fromkeys(cell.request.provider for cell, _ in cells))
    cases = list(dict.fromkeys(cell.case.name for cell, _ in cells))
    rows = [[printable(name), *map(printable, providers)]]
    for case in cases:
        mine = [(cell, state) for cell, state in cells if cell.case.name == case]
        row = [_word([state for cell, state in mine if cell.request.provider == name]) for name in providers]
        rows.append([f"  {printable(case)}", *row])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        first, *words = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield "  ".join([first, *(paint(word.strip(), word) for word in words)]).rstrip()


def _word(states: Sequence[CellState]) -> str:
    """Return how the repeats of a case went: one word, or how many of them passed."""
    if not states:
        return ""
    if len({state.status for state in states}) == 1:
        return WORDS.get(states[0].status, states[0].status)
    passed = sum(state.status == "pass" for state in states)
    failed = sum(state.status == "fail" for state in states)
    others = len(states) - passed - failed
    return f"{passed}/{passed + failed}" + (f" ({others} excluded)" if others else "")


def _failures(report: Report, paint: Paint) -> Iterator[str]:
    told = False
    for cell, state in report.own:
        if state.status not in ("fail", "excluded"):
            continue
        told = True
        standing = report.standing.get(cell.position, "")
        word = WORDS[state.status] + (f" ({standing})" if standing else "")
        what = f"{heading(cell)} {cell.request.provider}, {title(cell)}"
        yield f"{paint(WORDS[state.status], word)}  {printable(what)}  {printable(report.place(cell))}"
        for reason in reasons(state):
            yield f"      {printable(reason)}"
    if told:
        yield ""
