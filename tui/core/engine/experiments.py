"""A/B tests by command: what is known of one, its rules, and its hold."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from tui.core.engine.arm_identity import same_arm
from tui.core.engine.choice import find_version
from tui.core.engine.inbox import EngineStopped
from tui.core.engine.processes import who
from tui.core.experiment.course import difference_course, rate_course
from tui.core.experiment.evidence import Arm, Rules, Trial, weigh
from tui.core.experiment.verdict import Pace, Verdict, judge
from tui.core.prompts.snapshot import in_service
from tui.core.quota.clock import now_ns
from tui.core.quota.limits import cost_of

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from tui.core.engine.reach import Reach
    from tui.core.experiment.course import Point
    from tui.core.experiment.evidence import Decider, Evidence, Outcome, Serving
    from tui.core.store.experiments import (
        AuditEntry,
        StoredArm,
        StoredExperiment,
        StoredTrial,
        Unrated,
    )

LAST = 8
"""How many of the last outcomes, and of the audit, a report has."""
_TELLING = 500
"""Calls of which the present pace is told: more than any burst."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a rate, or a difference (`signed`), came to where it is."""

    title: str
    points: Sequence[Point]
    signed: bool = False


@dataclass(frozen=True, slots=True)
class ExperimentReport:
    """All that any surface shows of a test; the verdict is of this evidence, and of nothing else."""

    name: str
    opened_at: datetime | None
    """None: no test of this prompt was ever begun."""
    held: bool
    closed: bool
    """A version was promoted since."""
    on: bool
    """The traffic is split now."""
    evidence: Evidence
    pace: Pace
    verdict: Verdict
    trials: tuple[Trial, ...]
    last: tuple[StoredTrial, ...]
    """The last trials, the newest first."""
    audit: tuple[AuditEntry, ...]
    """The newest first."""
    courses: tuple[Course, ...] = ()
    """Of two rates and their difference; empty unless asked for."""

    def label(self, arm_id: int) -> str:
        """Return the letter of an arm."""
        return next((one.arm.label for one in self.evidence.arms if one.arm.id == arm_id), "?")


class NoExperiment(LookupError):
    """No test of the prompt was ever begun; the message says how to begin one."""


class Experiments:
    """For any thread."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def look(
        self, name: str, provider: str | None = None, points: int = 0
    ) -> concurrent.futures.Future[ExperimentReport]:
        """Return what is known of a prompt's test; a split that is new becomes one by this.

        `provider` is where more answers would come from, `points` how many each course is to have. The
        future raises UnknownPrompt and DatabaseError.
        """

        async def look() -> ExperimentReport:
            library = self._reach.library()
            if library is None:
                raise EngineStopped("Penstock's engine has not been started.")
            find_version(library, name, None)
            database = self._reach.shelf().database
            facts = await database.write(_read, name)
            per_minute = None if provider is None else self._per_minute(provider)
            return await asyncio.to_thread(_report, name, facts, per_minute, points)

        return self._reach.submit(look)

    def names(self) -> concurrent.futures.Future[list[str]]:
        """Return the prompts that a test was ever begun of."""

        async def read() -> list[str]:
            from tui.core.store import experiments

            return await self._reach.shelf().database.read(experiments.tested_prompts)

        return self._reach.submit(read)

    def text_of(self, arm_id: int) -> concurrent.futures.Future[str]:
        """Return the whole file of an arm, as it was when it took part; empty if nobody knows it."""

        async def read() -> str:
            from tui.core.store import experiments

            return await self._reach.shelf().database.read(experiments.content_of_arm, arm_id) or ""

        return self._reach.submit(read)

    def unrated_pair(self, name: str) -> concurrent.futures.Future[tuple[Unrated, Unrated] | None]:
        """Return two unrated answers of different arms of a prompt's test; None if there are no such two.

        Those that were asked with the same values come first, and of these the oldest.
        """

        async def find() -> tuple[Unrated, Unrated] | None:
            from tui.core.store import experiments

            return await self._reach.shelf().database.read(experiments.unrated_pair, name)

        return self._reach.submit(find)

    def change_rules(
        self,
        name: str,
        *,
        effect: float | None = None,
        alpha: float | None = None,
        serving: Serving | None = None,
        by: Decider | None = None,
    ) -> concurrent.futures.Future[None]:
        """Settle anew what is not None; the audit has it. The future raises NoExperiment."""
        given = {"effect": effect, "alpha": alpha, "serving": serving, "decided_by": by}
        wanted = {key: value for key, value in given.items() if value is not None}
        words = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in wanted.items())
        return self._change(name, lambda _: wanted, "rules", words)

    def hold(self, name: str, *, held: bool) -> concurrent.futures.Future[None]:
        """Let only the lowest version be served until it is let go on. The future raises NoExperiment."""
        action, words = ("hold", "only the control is served") if held else ("resume", "the split goes on")
        return self._change(name, lambda now: {"held_at": now if held else None}, action, words)

    def _change(
        self, name: str, values: Callable[[datetime], Mapping[str, Any]], action: str, words: str
    ) -> concurrent.futures.Future[None]:
        def change(connection: Connection) -> None:
            from tui.core.store import experiments

            now = datetime.now(UTC)
            test = experiments.latest_experiment(connection, name)
            if test is None or test.closed_at is not None:
                raise NoExperiment(
                    f"No test of {name!r} is on: `penstock split {name} v1=50 v2=50` begins one."
                )
            changed = {key: value for key, value in values(now).items() if getattr(test, key) != value}
            if changed:
                experiments.change_experiment(connection, test.id, **changed)
                experiments.audit(connection, now, who(), action, name, words)

        async def work() -> None:
            await self._reach.shelf().database.write(change)

        return self._reach.submit(work)

    def _per_minute(self, provider: str) -> float | None:
        """Return how many calls go in a minute at a provider, of the next few hundred; None: no limit."""
        quota = self._reach.account(provider).limiter_for().snapshot()
        seconds = quota.eta_of(now_ns(), cost_of(_TELLING, 0, 0), cost_of(1, 0, 0))
        return 60 * _TELLING / seconds if seconds > 1 else None


@dataclass(frozen=True, slots=True)
class _Facts:
    on: bool
    test: StoredExperiment | None
    arms: Sequence[StoredArm]
    trials: Sequence[StoredTrial]
    pairs: Mapping[tuple[int, int], Sequence[tuple[bool, bool]]]
    audit: Sequence[AuditEntry]


def _read(connection: Connection, name: str) -> _Facts:
    from tui.core.store import experiments, uses

    served = in_service(uses.versions_to_serve(connection, name))
    if len(served) > 1:
        experiments.settle(connection, name, served, datetime.now(UTC), who(), uuid.uuid4().hex, same_arm)
    test = experiments.latest_experiment(connection, name)
    audit = experiments.audited(connection, name, LAST)
    if test is None:
        return _Facts(False, None, (), (), {}, audit)
    arms = experiments.arms_of(connection, test.id)
    trials = experiments.trials_of(connection, test.id)
    by_case = experiments.outcomes_by_case(connection, arms, same_arm)
    running = [arm.id for arm in arms if arm.frozen_at is None]
    pairs = {}
    for arm in running[1:]:
        first, second = by_case.get(running[0], {}), by_case.get(arm, {})
        pairs[running[0], arm] = [(first[case], second[case]) for case in first if case in second]
    return _Facts(len(served) > 1, test, arms, trials, pairs, audit)


def _ended(verdict: Verdict) -> Verdict:
    """Return the verdict on a test that gets no answers any more."""
    if verdict.kind != "undecided":
        return verdict
    return Verdict("undecided", "Ended before it was decided; `split` or a new weight begins another test.")


def _report(name: str, facts: _Facts, per_minute: float | None, points: int) -> ExperimentReport:
    test = facts.test
    rules = Rules()
    if test is not None:
        serving, by = cast("Serving", test.serving), cast("Decider", test.decided_by)
        rules = Rules(test.alpha, test.effect, serving, by)
    trials = tuple(map(_trial, facts.trials))
    evidence = weigh(
        [_arm(arm) for arm in facts.arms],
        trials,
        facts.pairs,
        rules,
        weights_since=test.weights_since if test else 0,
    )
    costs = [trial.usd for trial in trials if trial.usd is not None]
    pace = Pace(sum(costs) / len(costs) if costs else None, per_minute)
    closed, verdict = test is not None and test.closed_at is not None, judge(evidence, pace)
    return ExperimentReport(
        name=name,
        opened_at=test.opened_at if test else None,
        held=test is not None and test.held_at is not None,
        closed=closed,
        on=facts.on,
        evidence=evidence,
        pace=pace,
        verdict=_ended(verdict) if closed else verdict,
        trials=trials,
        last=tuple(reversed(facts.trials[-LAST:])),
        audit=tuple(facts.audit),
        courses=_courses(evidence, points) if points else (),
    )


def _courses(evidence: Evidence, points: int) -> tuple[Course, ...]:
    """Return the courses of the control, of the arm that is ahead of the others, and of their difference."""
    if not evidence.versus:
        return ()
    by_arm = {one.arm.id: one for one in evidence.arms}
    ahead = max(evidence.versus, key=lambda one: by_arm[one.arm.id].rate or 0.0)
    alpha = evidence.rules.alpha
    rates = [
        Course(f"rate of {by_arm[id].arm.label}", rate_course(by_arm[id].outcomes, alpha, points))
        for id in (ahead.control.id, ahead.arm.id)
    ]
    title = f"{ahead.arm.label} − {ahead.control.label}"
    difference = difference_course(ahead.blocks, ahead.alpha, points, ahead.compared.interval)
    return (*rates, Course(title, difference, signed=True))


def _arm(stored: StoredArm) -> Arm:
    return Arm(
        stored.id,
        stored.label,
        stored.version,
        stored.content_hash,
        stored.weight,
        stored.since,
        stored.frozen_at is not None,
    )


def _trial(stored: StoredTrial) -> Trial:
    known = (stored.tokens_in, stored.tokens_out)
    tokens = None if known == (None, None) else sum(one or 0 for one in known)
    return Trial(
        stored.id,
        stored.arm_id,
        cast("Outcome | None", stored.outcome),
        stored.share,
        stored.unit or "",
        stored.total_s,
        tokens,
        stored.cost,
    )
