"""A gate for CI: a claim about two versions, which the evidence bears out, refutes, or leaves open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from tui.core.experiment.evidence import Evidence

Passed: TypeAlias = Literal["passed", "failed", "open"]

_CLAIM = re.compile(
    r"\s*(?:v(?P<arm>\d{1,9})\s+)?(?P<kind>not-worse-than|better-than)\s+v(?P<control>\d{1,9})"
    r"(?:\s+by\s+(?P<by>0?\.\d{1,9}|0|(?:\d{1,3}(?:\.\d{0,9})?|\.\d{1,9})%))?\s*"
)


class GateError(ValueError):
    """The claim cannot be read, or is about versions that take no part; the message says how to write it."""


@dataclass(frozen=True, slots=True)
class Gate:
    """That a version's rate is above another's, or not below it by as much as `margin`."""

    kind: Literal["not-worse-than", "better-than"]
    control: int
    margin: float
    version: int | None = None
    """None: every other version in the split."""


def parse_gate(text: str) -> Gate:
    """Read `not-worse-than v1 by 0.02`, `better-than v1`, or `v3 better-than v1 by 5%`. Raises GateError."""
    found = _CLAIM.fullmatch(text)
    if not found:
        raise GateError(f"{text!r} is no gate: write `not-worse-than v1 by 0.02`, or `better-than v1`.")
    by = found["by"] or "0"
    margin = float(by.rstrip("%")) / (100 if by.endswith("%") else 1)
    kind: Literal["not-worse-than", "better-than"] = (
        "better-than" if found["kind"] == "better-than" else "not-worse-than"
    )
    return Gate(kind, int(found["control"]), margin, int(found["arm"]) if found["arm"] else None)


def check_gate(gate: Gate, evidence: Evidence) -> tuple[Passed, str]:
    """Return whether the always-valid intervals bear the claim out, and that in a sentence.

    Raises GateError where the control of the gate is not that of the test.
    """
    against = [one for one in evidence.versus if gate.version in (None, one.arm.version)]
    if not against or any(one.control.version != gate.control for one in against):
        known = ", ".join(f"v{one.arm.version}" for one in evidence.open_arms)
        raise GateError(f"The gate compares versions that the test does not: its arms are {known}.")
    floor = gate.margin if gate.kind == "better-than" else -gate.margin
    results: list[Passed] = []
    sentences = []
    for one in against:
        low, high = one.compared.interval.low, one.compared.interval.high
        results.append("passed" if low > floor else "failed" if high < floor else "open")
        sentences.append(f"v{one.arm.version} − v{gate.control} is {low:+.3f} to {high:+.3f}")
    worst: Passed = "failed" if "failed" in results else "open" if "open" in results else "passed"
    words = {"passed": "holds", "failed": "does not hold", "open": "is not decided yet"}
    return worst, f"The gate {words[worst]}: {'; '.join(sentences)}, and {floor:+.3f} is asked for."
