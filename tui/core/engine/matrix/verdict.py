"""What the checks make of an answer, and what all of that means for its run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.checks.base import Evidence, Finding
from tui.core.checks.rubric import Rubric
from tui.core.engine.matrix.grid import Found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.cases.document import Check
    from tui.core.checks.base import Test
    from tui.core.engine.events import RunState
    from tui.core.store.matrices import CellStatus
    from tui.core.store.runs import Outcome

NOT_ASKED = Finding("unknown", "The judge was not asked, since another check has failed.")
ASSERTION, JUDGE = "assertion", "judge"
_NOTE = 300  # characters of reasons that go with the rating


def evidence(state: RunState) -> Evidence:
    """Return a finished run as the checks look at it."""
    return Evidence(
        text=str(state.transcript),
        finish=state.finish or "other",
        tokens_out=None if state.usage.estimated else state.usage.tokens_out,
        total_s=state.total_s,
        usd=None if state.cost is None else state.cost.usd,
    )


def examine(
    tests: Sequence[tuple[Check, Test | Rubric]], answer: Evidence
) -> tuple[list[Found], list[tuple[int, Rubric]]]:
    """Make all checks that need nobody; return what they find, and the judges still to be asked, by place.

    After a failure no judge has to be asked: his word would change nothing, and cost something.
    """
    found = [
        Found(check.kind, NOT_ASKED if isinstance(test, Rubric) else test(answer), check.line)
        for check, test in tests
    ]
    if any(one.finding.verdict == "fail" for one in found):
        return found, []
    return found, [(place, test) for place, (_, test) in enumerate(tests) if isinstance(test, Rubric)]


def settle(found: Sequence[Found]) -> tuple[CellStatus, Outcome | None, str]:
    """Return the state of a cell, the outcome of its run, and who says so: all checks passed is a success.

    What is unknown counts neither for nor against the prompt, unless another check has failed.
    """
    if not found:
        return "unchecked", None, ""
    against = [one for one in found if one.finding.verdict == "fail"]
    if against:
        return "fail", "failure", JUDGE if all(one.kind == JUDGE for one in against) else ASSERTION
    source = JUDGE if any(one.kind == JUDGE for one in found) else ASSERTION
    if any(one.finding.verdict == "unknown" for one in found):
        return "excluded", "excluded", source
    return "pass", "success", source


def note(found: Sequence[Found]) -> str:
    """Return what is written down with the rating: the reasons of what did not pass."""
    reasons = [one.finding.reason for one in found if one.finding.verdict != "pass"]
    text = " ".join(reason for reason in reasons if reason != NOT_ASKED.reason)
    return text if len(text) <= _NOTE else text[: _NOTE - 1] + "…"


def as_record(one: Found) -> dict[str, object]:
    """Return a finding as a plain JSON object."""
    record: dict[str, object] = {
        "kind": one.kind,
        "verdict": one.finding.verdict,
        "reason": one.finding.reason,
        "line": one.line,
    }
    return record | ({"judge_run": one.judge_run} if one.judge_run else {})


def from_record(record: dict[str, object]) -> Found:
    """Read what `as_record` wrote."""
    verdict = record.get("verdict")
    line = record.get("line")
    return Found(
        kind=str(record.get("kind", "")),
        finding=Finding(
            verdict if verdict in ("pass", "fail") else "unknown",
            str(record.get("reason", "")),
        ),
        line=line if isinstance(line, int) else 0,
        judge_run=str(record.get("judge_run", "")),
    )
