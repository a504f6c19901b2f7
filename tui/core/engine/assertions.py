"""What the checks of a case say of a run: its outcome, and why, where no judge has to be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.checks.base import Evidence
from tui.core.checks.rubric import Rubric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.cases.document import Check
    from tui.core.engine.events import RunState
    from tui.core.store.runs import Outcome

SOURCE = "assertion"
_NOTE = 300  # characters of reasons that go with the outcome


def outcome_of(checks: Sequence[Check], state: RunState) -> tuple[Outcome, str] | None:
    """Return the outcome of a finished run, and the reasons of what did not pass; None if nobody can tell.

    That is the case without checks, and where only a judge could speak for the answer. What a check cannot
    tell excludes the run, unless another has failed.
    """
    answer = Evidence(
        text=str(state.transcript),
        finish=state.finish or "other",
        tokens_out=state.usage.tokens_out,
        total_s=state.total_s,
        usd=None if state.cost is None else state.cost.usd,
    )
    tests = [test for check in checks if (test := check.make()) is not None]
    findings = [test(answer) for test in tests if not isinstance(test, Rubric)]
    verdicts = {finding.verdict for finding in findings}
    note = " ".join(finding.reason for finding in findings if finding.verdict != "pass")[:_NOTE]
    if "fail" in verdicts:
        return "failure", note
    if not findings or len(findings) < len(tests):
        return None
    return ("excluded", note) if "unknown" in verdicts else ("success", "")
