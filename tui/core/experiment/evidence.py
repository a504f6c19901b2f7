"""What is known of a test at one moment, computed from its trials: figures of each arm, and comparisons.

Every surface shows what `weigh` returns, so that no two of them can disagree.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui.core.experiment.assignment import pairing
from tui.core.experiment.belief import chances_of_best, expected_loss
from tui.core.experiment.plan import assumed_rate, planned_size
from tui.core.experiment.rates import Interval, newcombe, wilson
from tui.core.experiment.ratio import sample_ratio_p
from tui.core.experiment.sequence import Compared, Paired, compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui.core.experiment.sequence import Block

Outcome: TypeAlias = Literal["success", "failure", "excluded"]
Serving: TypeAlias = Literal["split", "thompson"]
Decider: TypeAlias = Literal["split", "cases"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What was settled about a test before its first answer."""

    alpha: float = 0.05
    """How often a winner may be found among equal arms, all looks together."""
    effect: float = 0.1
    """The smallest difference of rates that matters."""
    serving: Serving = "split"
    by: Decider = "split"
    """Which test decides: that on the answers of the split, or that on the cases both arms answered."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A revision that takes part; the first of a test's arms is its control."""

    id: int
    label: str
    """A letter."""
    version: int
    content_hash: str
    weight: float
    since: int = 0
    """The number of the last trial before it was opened: it is compared by later ones only."""
    frozen: bool = False
    """It gets no answers any more, since its file was edited or it was taken out of the split."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One time that an arm was served by the split; trials are numbered in their order."""

    number: int
    arm: int
    outcome: Outcome | None
    share: float
    """Its arm's share of the traffic then."""
    unit: str = ""
    """Whom it was served to; empty: unknown, and then each is one of its own."""
    total_s: float | None = None
    tokens: int | None = None
    usd: float | None = None


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """What came of an arm; what is not known is None."""

    arm: Arm
    served: int
    successes: int
    failures: int
    outcomes: tuple[bool, ...]
    """Those that count, in order."""
    excluded: int
    unrated: int
    set_aside: int
    """Rated, but of a unit that has been counted already, or has met another arm before."""
    rate: float | None
    interval: Interval
    p50_s: float | None
    p95_s: float | None
    tokens: float | None
    """The mean of a call."""
    usd_per_100: float | None
    chance_of_best: float
    expected_loss: float

    @property
    def n(self) -> int:
        """The outcomes that count."""
        return self.successes + self.failures


@dataclass(frozen=True, slots=True)
class Versus:
    """An arm against the control, by the trials since both were there."""

    control: Arm
    arm: Arm
    alpha: float
    """Its part of the test's, which all comparisons share."""
    compared: Compared
    paired: Paired
    """Of the cases that both have answered."""
    reading: Interval
    """Newcombe's interval of the difference, right for one look only."""
    n: tuple[int, int]
    """The outcomes of control and arm that it rests on."""
    blocks: tuple[Block, ...]
    """Those outcomes in the blocks of the test."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A test at one moment."""

    rules: Rules
    arms: tuple[ArmFigures, ...]
    versus: tuple[Versus, ...]
    split_p: float
    """The sample-ratio test's p-value, since the weights are what they are."""
    planned: int
    """The outcomes of each arm after which an effect that matters would most likely have been found."""
    to_go: int
    """How many of those are still to come, of the arm that has the fewest."""

    @property
    def open_arms(self) -> tuple[ArmFigures, ...]:
        """Those that still get answers."""
        return tuple(figures for figures in self.arms if not figures.arm.frozen)

    @property
    def calls_to_go(self) -> int:
        """How many calls it takes, at the present weights, until no arm lacks any of those."""
        running = self.open_arms
        whole = sum(one.arm.weight for one in running)
        if not self.to_go or len(running) < 2 or self.rules.serving != "split" or not whole:
            return self.to_go * max(2, len(running))
        lacking = [(max(0, self.planned - one.n), one.arm.weight / whole) for one in running]
        return max(self.to_go, *(math.ceil(more / share) for more, share in lacking if share))


def weigh(
    arms: Sequence[Arm],
    trials: Sequence[Trial],
    pairs: Mapping[tuple[int, int], Sequence[tuple[bool, bool]]],
    rules: Rules,
    *,
    weights_since: int = 0,
) -> Evidence:
    """Return what the trials say, which are in their order.

    `pairs` has, by the ids of control and arm, how each case went that both have answered. The present
    weights hold since the trial after the one numbered `weights_since`.
    """
    counted, aside = _counted(trials)
    served, known = defaultdict[int, list[Trial]](list), defaultdict[int, list[Trial]](list)
    for trial in trials:
        served[trial.arm].append(trial)
    for trial in counted:
        known[trial.arm].append(trial)
    figures = _figures(arms, served, known, aside)
    versus = tuple(_versus(arms, counted, pairs, rules.alpha))
    running = [arm for arm in arms if not arm.frozen]
    met = _first_met(trials, weights_since)
    lately = [met[arm.id] for arm in running]
    even = rules.serving == "split"
    split_p = sample_ratio_p(lately, [arm.weight for arm in running]) if even and len(running) > 1 else 1.0
    control = next((one for one in figures if not one.arm.frozen), None)
    rate = assumed_rate(control.successes, control.n) if control else assumed_rate(0, 0)
    planned = planned_size(rate, rules.effect, rules.alpha / max(1, len(running) - 1))
    fewest = min((min(one.n) for one in versus), default=0)
    return Evidence(rules, figures, versus, split_p, planned, max(0, planned - fewest))


def _counted(trials: Sequence[Trial]) -> tuple[list[Trial], set[int]]:
    """Return the trials whose outcome counts, and the numbers of those that are set aside.

    The answers to one unit hang together: the first outcome counts for all. What it says once it has met a
    second arm tells nothing. Neither rule looks ahead, so no later trial changes what an earlier one says.
    """
    arm_of: dict[str, int] = {}
    crossed: set[str] = set()
    told: set[str] = set()
    counted: list[Trial] = []
    aside: set[int] = set()
    for trial in trials:
        unit = trial.unit
        if unit and arm_of.setdefault(unit, trial.arm) != trial.arm:
            crossed.add(unit)
        if trial.outcome not in ("success", "failure"):
            continue
        if unit in crossed or unit in told:
            aside.add(trial.number)
            continue
        if unit:
            told.add(unit)
        counted.append(trial)
    return counted, aside


def _first_met(trials: Sequence[Trial], since: int) -> Counter[int]:
    """Return how many units each arm has met first since a trial; who is unknown is one of its own."""
    seen: set[str] = set()
    met: Counter[int] = Counter()
    for trial in trials:
        new = not trial.unit or trial.unit not in seen
        seen.add(trial.unit)
        if new and trial.number > since:
            met[trial.arm] += 1
    return met


def _figures(
    arms: Sequence[Arm],
    served: Mapping[int, Sequence[Trial]],
    known: Mapping[int, Sequence[Trial]],
    aside: set[int],
) -> tuple[ArmFigures, ...]:
    good = {arm.id: sum(trial.outcome == "success" for trial in known.get(arm.id, ())) for arm in arms}
    counts = [(good[arm.id], len(known.get(arm.id, ())) - good[arm.id]) for arm in arms]
    running = [index for index, arm in enumerate(arms) if not arm.frozen]
    best = dict(zip(running, chances_of_best([counts[index] for index in running]), strict=True))
    found = []
    for index, arm in enumerate(arms):
        mine, (successes, failures) = served.get(arm.id, ()), counts[index]
        n = successes + failures
        times = sorted(trial.total_s for trial in mine if trial.total_s is not None)
        tokens = [trial.tokens for trial in mine if trial.tokens is not None]
        usd = [trial.usd for trial in mine if trial.usd is not None]
        found.append(
            ArmFigures(
                arm=arm,
                served=len(mine),
                successes=successes,
                failures=failures,
                outcomes=tuple(trial.outcome == "success" for trial in known.get(arm.id, ())),
                excluded=sum(trial.outcome == "excluded" for trial in mine),
                unrated=sum(trial.outcome is None for trial in mine),
                set_aside=sum(trial.number in aside for trial in mine),
                rate=successes / n if n else None,
                interval=wilson(successes, n),
                p50_s=median(times) if times else None,
                p95_s=times[-(-len(times) * 19 // 20) - 1] if times else None,
                tokens=sum(tokens) / len(tokens) if tokens else None,
                usd_per_100=100 * sum(usd) / len(usd) if usd else None,
                chance_of_best=best.get(index, 0.0),
                expected_loss=expected_loss([counts[other] for other in running], running.index(index))
                if index in best
                else 0.0,
            )
        )
    return tuple(found)


def _versus(
    arms: Sequence[Arm],
    counted: Sequence[Trial],
    pairs: Mapping[tuple[int, int], Sequence[tuple[bool, bool]]],
    alpha: float,
) -> Iterator[Versus]:
    running = [arm for arm in arms if not arm.frozen]
    part = alpha / max(1, len(running) - 1)
    for arm in running[1:]:
        control = running[0]
        since = max(control.since, arm.since)
        lately = [trial for trial in counted if trial.number > since and trial.arm in (control.id, arm.id)]
        good, n = [0, 0], [0, 0]
        for trial in lately:
            n[trial.arm == arm.id] += 1
            good[trial.arm == arm.id] += trial.outcome == "success"
        paired = Paired()
        for first, second in pairs.get((control.id, arm.id), ()):
            paired.add(first, second)
        made = list(blocks(lately, control.id, arm.id))
        yield Versus(
            control=control,
            arm=arm,
            alpha=part,
            compared=compare(made, part),
            paired=paired,
            reading=newcombe((good[0], good[1]), (n[0], n[1])),
            n=(n[0], n[1]),
            blocks=tuple(made),
        )


def blocks(trials: Sequence[Trial], first: int, second: int) -> Iterator[Block]:
    """Yield the complete blocks of two arms' outcomes, in order; what is left over waits for its partners.

    How many of each make a block follows from the shares of the traffic when it begins, and from no outcome.
    """
    waiting: dict[int, list[bool]] = {first: [], second: []}
    shares = {first: 0.0, second: 0.0}
    size = (0, 0)
    for trial in trials:
        waiting[trial.arm].append(trial.outcome == "success")
        shares[trial.arm] = trial.share
        if size == (0, 0) and all(shares.values()):
            size = pairing(shares[first], shares[second])
        while size != (0, 0) and len(waiting[first]) >= size[0] and len(waiting[second]) >= size[1]:
            ours, theirs = waiting[first][: size[0]], waiting[second][: size[1]]
            del waiting[first][: size[0]], waiting[second][: size[1]]
            yield sum(ours), size[0], sum(theirs), size[1]
            size = pairing(shares[first], shares[second])
