"""What the checks said of one cell: as a line below the grid, and as the beginning of the opened answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.text import printable
from tui.widgets.matrix.table import look_of, standing
from tui.widgets.reading.text_view import Line, plain_lines, word_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.core.checks.base import Verdict
    from tui.core.engine.matrix.grid import CellState
    from tui.widgets.ink import Word

_VERDICTS: Mapping[Verdict, Word] = {
    "pass": ("✓ passed ", "success"),
    "fail": ("✗ failed ", "error"),
    "unknown": ("– unknown", "muted"),
}
_KIND = 14


def said(where: str, states: Sequence[CellState], *, running: bool) -> tuple[tuple[Word, ...], ...]:
    """Return how the cell at the cursor stands, and below the first reason for it."""
    sign, ink, name = look_of(standing(states), running=running)
    if not states:
        return ()
    reason = next((why for state in states if (why := first_reason(state))), "")
    return ((f"{sign} {name}", ink), (f"  {where}", "muted")), ((f"  {reason}", "text"),)


def first_reason(state: CellState) -> str:
    """Return what speaks against an answer, or why it does not count; empty if nothing does."""
    if state.against:
        first = state.against[0]
        more = f" And {len(state.against) - 1} more." if len(state.against) > 1 else ""
        return f"{first.kind}: {first.finding.reason}{more}"
    return state.reason


def check_lines(state: CellState) -> list[Line]:
    """Return each check with its verdict and its reason."""
    sign, ink, name = look_of(state.status, running=True)
    passed = sum(one.finding.verdict == "pass" for one in state.found)
    title = f"{sign} {name}"
    lines = [word_line([(title, ink), (f"  {passed} of {len(state.found)} checks passed", "muted")])]
    if state.reason and not state.found:
        lines += plain_lines(state.reason, "text")
    for one in state.found:
        verdict, verdict_ink = _VERDICTS[one.finding.verdict]
        line = f"  (line {one.line} of the case file)" if one.line else ""
        judge = "  asked a judge" if one.judge_run else ""
        lines.append(
            word_line(
                [
                    (f"{verdict}  ", verdict_ink),
                    (f"{printable(one.kind):<{_KIND}} ", "strong"),
                    (printable(one.finding.reason), "text"),
                    (f"{line}{judge}", "faint"),
                ],
                indent=len(verdict) + _KIND + 3,
            )
        )
    return [*lines, *plain_lines("")]
