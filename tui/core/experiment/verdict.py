"""The one verdict on a test, in words, from the evidence that is safe to look at."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui.core.experiment.ratio import ALARM

if TYPE_CHECKING:
    from tui.core.experiment.evidence import ArmFigures, Decider, Evidence, Versus

Kind: TypeAlias = Literal["broken", "better", "same", "undecided", "alone"]


@dataclass(frozen=True, slots=True)
class Pace:
    """What one more answer takes."""

    usd: float | None = None
    """USD of a call; None: unknown."""
    per_minute: float | None = None
    """How many calls go in a minute at the present quota; None: nobody limits them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a test has come to, and which version to promote, if it says so."""

    kind: Kind
    sentence: str
    winner: int | None = None
    """The id of the better arm."""

    @property
    def safe_to_stop(self) -> bool:
        """Whether more answers would change nothing that matters."""
        return self.kind in ("better", "same")


def judge(evidence: Evidence, pace: Pace) -> Verdict:
    """Return the verdict: nothing but the always-valid comparisons, the alarm and the plan decide it.

    "better": the test that the rules name has reached its bar for an arm against the control. "same": the
    interval of each difference lies within the effect that matters, or as many answers have come as would
    have shown such an effect four times in five.
    """
    running = evidence.open_arms
    if len(running) < 2:
        return Verdict("alone", "There is nothing to compare: give two active versions a weight each.")
    if evidence.split_p < ALARM:
        served = ", ".join(f"{one.arm.label} {one.served}" for one in running)
        return Verdict(
            "broken",
            f"Broken: the traffic is not split as asked ({served}; p {evidence.split_p:.1g}). "
            "Find out which answers are missing before you believe any figure.",
        )
    by_arm = {one.arm.id: one for one in running}
    by = evidence.rules.by
    winners = [one for one in evidence.versus if better_of(one, by) > 0]
    if winners:
        best = max(winners, key=lambda one: by_arm[one.arm.id].rate or 0.0)
        return _better(by_arm[best.arm.id], f"than {_name(by_arm[best.control.id])}")
    if all(better_of(one, by) < 0 for one in evidence.versus):
        others = " and ".join(_name(by_arm[one.arm.id]) for one in evidence.versus)
        return _better(running[0], f"than {others}")
    return _by_cases(evidence) if by == "cases" else _undecided(evidence, pace)


def better_of(versus: Versus, by: Decider) -> int:
    """Return 1 if the arm is better than the control, -1 if it is worse, 0 while that is not decided."""
    if by == "split":
        return versus.compared.better
    paired = versus.paired
    if paired.log_max < -math.log(versus.alpha):
        return 0
    return 1 if paired.second > paired.first else -1


def _better(winner: ArmFigures, than: str) -> Verdict:
    return Verdict("better", f"{_name(winner)} is better {than} (safe to stop).", winner.arm.id)


def _name(figures: ArmFigures) -> str:
    return f"{figures.arm.label} (v{figures.arm.version})"


def _by_cases(evidence: Evidence) -> Verdict:
    won = "; ".join(
        f"{one.arm.label} did better in {one.paired.second} and worse in {one.paired.first} of the cases "
        f"that both answered"
        for one in evidence.versus
    )
    return Verdict("undecided", f"Not decided: {won}. More cases are needed, not more answers to these.")


def _undecided(evidence: Evidence, pace: Pace) -> Verdict:
    effect = evidence.rules.effect
    points = f"{100 * effect:g} points"
    if all(
        one.compared.blocks and -effect < one.compared.interval.low and one.compared.interval.high < effect
        for one in evidence.versus
        if better_of(one, "split") == 0
    ):
        return Verdict("same", f"No difference that matters: it is less than {points} (safe to stop).")
    if not evidence.to_go:
        return Verdict(
            "same",
            f"No difference that matters was found: one of {points} would have shown by now, "
            "four times in five (safe to stop).",
        )
    more = evidence.to_go
    calls = evidence.calls_to_go
    parts = [f"Not decided: about {_about(more):,} more each"]
    if pace.usd is not None:
        parts.append(f"≈ ${calls * pace.usd:,.2f}")
    if pace.per_minute:
        parts.append(f"≈ {duration(60 * calls / pace.per_minute)} at the present quota")
    return Verdict("undecided", ", ".join(parts) + f", to see a difference of {points}.")


def _about(count: int) -> int:
    """Round to two digits: more of them would be a promise."""
    if count < 100:
        return count
    unit: int = 10 ** (len(str(count)) - 2)
    return round(count / unit) * unit


def duration(seconds: float) -> str:
    """Return a time in the unit that fits it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
