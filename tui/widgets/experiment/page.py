"""What the A/B test's screen says: pure, from the report, the providers and the time."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.actions import key_of
from tui.core.engine.experiment_words import OPTIMISING, p_value, rate, signed
from tui.core.engine.figures import local_time, when
from tui.core.experiment.ratio import ALARM
from tui.core.experiment.verdict import duration
from tui.widgets.experiment.plot import plot
from tui.widgets.ink import Word, clip, fit, width_of
from tui.widgets.quota.gauge import bar, level_ink

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tui.core.engine.events import ProviderState
    from tui.core.engine.experiments import ExperimentReport
    from tui.core.experiment.evidence import ArmFigures, Versus
    from tui.core.store.experiments import StoredTrial

Lines = tuple[tuple[Word, ...], ...]

WIDE = 100
"""Width in cells from which there is room for tokens, the slow answers, and three plots."""
_BAR = 12
_PLOT_HEIGHT = 7
_GAUGES = {"accent": "bar", "warning": "bar-low"}
_VERDICTS = {
    "better": ("✓ ", "success"), "same": ("= ", "success"), "broken": ("✗ ", "error"),
    "undecided": ("… ", "warning"), "alone": ("– ", "muted"),
}  # fmt: skip
_OUTCOMES = {
    "success": ("✓ good", "success"), "failure": ("✗ bad", "error"), "excluded": ("– excluded", "muted"),
    None: ("· unrated", "warning"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of the page, and which of them are outcomes, the newest first."""

    lines: Lines
    outcomes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """What is shown beside the report."""

    providers: Sequence[ProviderState]
    provider: str
    """Where more answers would come from."""
    now_ns: int
    now: datetime
    """Local."""
    collecting: tuple[int, int] | None = None
    """How many of how many answers that were asked for have come; None: none are."""
    marked: int = 0
    """Which of the last outcomes is marked."""


def page(report: ExperimentReport, around: Around, width: int) -> Page:
    """Return the page for a width."""
    sign, ink = _VERDICTS[report.verdict.kind]
    lines: list[Sequence[Word]] = [
        *(((sign if not number else "  ", ink), (text, ink))
          for number, text in enumerate(_wrapped(report.verdict.sentence, width - 2))),
        (),
    ]  # fmt: skip
    if report.evidence.rules.serving == "thompson":
        lines += [[(clip(OPTIMISING, width), "warning")], ()]
    lines += [*_arms(report, width), ()]
    for versus in report.evidence.versus:
        lines += _versus(report, versus, width)
    lines += [_plan(report, around), _quota(around, width), ()]
    lines += [*_plots(report, width), ()]
    lines.append([("Last outcomes", "heading")])
    begin = len(lines)
    lines += [_outcome(report, trial, around, number, width) for number, trial in enumerate(report.last)]
    if not report.last:
        lines.append([("  none yet", "muted")])
    lines += [(), [("Changes", "heading"), ("  who, when, what", "muted")]]
    for entry in report.audit:
        at = when(entry.at, around.now, local_time)
        words: list[Word] = [(f"  {at:>12}  ", "muted"), (f"{entry.action:<8}", "text")]
        lines.append([*words, (f"  {entry.detail}", "text"), (f"  {entry.who}", "muted")])
    if not report.audit:
        lines.append([("  none yet", "muted")])
    found = tuple(tuple(fit(line, (), width)) for line in lines)
    return Page(found, tuple(range(begin, begin + len(report.last))))


def heading(report: ExperimentReport) -> tuple[list[Word], list[Word]]:
    """Return the two ends of the title."""
    rules = report.evidence.rules
    state: Word = ("the traffic is not split", "muted")
    if report.closed:
        state = ("closed", "muted")
    elif report.held:
        state = ("held: control only", "warning")
    elif report.on:
        arms = "/".join(f"{one.arm.weight:g}" for one in report.evidence.open_arms)
        state = (f"{'drawn' if rules.serving == 'thompson' else 'split'} {arms}", "accent")
    decides = "" if rules.by == "split" else "  cases decide"
    facts = f"α {rules.alpha:g}  {100 * rules.effect:g} points matter{decides}"
    return [("A/B test ", "muted"), (report.name, "strong"), ("  ", ""), state], [(facts, "muted")]


def _wrapped(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]


def _arms(report: ExperimentReport, width: int) -> list[Sequence[Word]]:
    wide = width >= WIDE
    named = f"{'':14}{'weight':>7}{'n':>6}{'good':>6}{'bad':>5}{'excl':>5}{'open':>5}{'rate':>6}  95 % Wilson"
    more = f"{'':{_BAR}}{'p50':>7}{'p95':>7}{'tokens':>8}{'$/100':>7}" if wide else f"{'p50':>7}"
    lines: list[Sequence[Word]] = [[(named + more, "muted")]]
    winner = report.verdict.winner
    lines += [_arm(one, wide=wide, winner=one.arm.id == winner) for one in report.evidence.arms]
    if not report.evidence.arms:
        split, copy = key_of("weights"), key_of("new-version")
        said = f"  no arms: {split} splits the traffic between versions ({copy} on the workbench adds one)"
        lines.append([(said, "warning")])
    return lines


def _arm(figures: ArmFigures, *, wide: bool, winner: bool) -> list[Word]:
    arm = figures.arm
    ink = "muted" if arm.frozen else "text"
    weight = "frozen" if arm.frozen else f"{arm.weight:g}"
    interval = f"{rate(figures.interval.low)}–{rate(figures.interval.high)}" if figures.n else "—"
    aside = figures.excluded + figures.set_aside
    words: list[Word] = [
        (f"{'▸' if winner else ' '} {arm.label} ", "success" if winner else "strong"),
        (f"v{arm.version} ", ink),
        (f"#{arm.content_hash[:4]:<{7 - len(str(arm.version))}}", "muted"),
        (f"{weight:>7}", ink),
        (f"{figures.n:>6,}{figures.successes:>6,}{figures.failures:>5,}", ink),
        (f"{aside:>5,}", "muted"),
        (f"{figures.unrated:>5,}", "warning" if figures.unrated else "muted"),
        (f"{rate(figures.rate):>6}", "strong"),
        (f"  {interval:<11}", "muted"),
    ]
    p50 = "—" if figures.p50_s is None else f"{figures.p50_s:.1f}s"
    if not wide:
        return [*words, (f"{p50:>7}", ink)]
    p95 = "—" if figures.p95_s is None else f"{figures.p95_s:.1f}s"
    tokens = "—" if figures.tokens is None else f"{figures.tokens:,.0f}"
    usd = "—" if figures.usd_per_100 is None else f"{figures.usd_per_100:.2f}"
    level = bar(figures.rate or 0.0, _BAR - 2)
    return [
        *words,
        (f"{level:<{_BAR - 2}}", "bar" if not arm.frozen else "track"),
        ("  ", ""),
        (f"{p50:>7}{p95:>7}{tokens:>8}{usd:>7}", ink),
    ]


def _versus(report: ExperimentReport, versus: Versus, width: int) -> list[Sequence[Word]]:
    compared, by = versus.compared, report.evidence.rules.by
    found = "—" if compared.difference is None else signed(compared.difference)
    ends = f"({signed(compared.interval.low)} to {signed(compared.interval.high)})"
    evidence: list[Word] = [
        (f"  {versus.arm.label} − {versus.control.label}  ", "strong"),
        (found, "strong"),
        (f" {ends}", "text"),
        *_bar_to("evidence", compared.log_e_max, versus.alpha, decides=by == "split"),
    ]
    chance = next(one.chance_of_best for one in report.evidence.arms if one.arm.id == versus.arm.id)
    asked = report.evidence.split_p >= ALARM
    rest: list[Word] = [
        (f"  p {p_value(compared.p)}", "text"),
        (f"  P({versus.arm.label} best) {rate(chance)}", "muted"),
        ("  split ok" if asked else "  split broken", "muted" if asked else "error"),
        (f" (χ² p {p_value(report.evidence.split_p)})", "muted" if asked else "error"),
    ]
    # Always there, so that nothing moves: the difference is of complete blocks, the rates above of all.
    answers = (f"  {compared.answers[0]:,} + {compared.answers[1]:,} answers", "muted")
    if width_of(evidence) + width_of([answers, *rest]) <= width:
        lines: list[Sequence[Word]] = [[*evidence, answers, *rest]]
    else:
        below = [("     ", ""), answers, *rest]
        lines = [evidence, below if width_of(below) <= width else [("       ", ""), *rest]]
    paired = versus.paired
    if paired.first or paired.second or by == "cases":
        cases = "cases both answered" if width >= WIDE else "cases"
        reading = "" if by == "cases" else " (a reading)"
        ahead = f"{versus.arm.label} better in {paired.second}, worse in {paired.first}"
        said = f"  {cases}{reading}: {ahead}"
        more = _bar_to("evidence", paired.log_max, versus.alpha, decides=by == "cases")
        lines.append([(said, "text"), *more])
    return lines


def _bar_to(title: str, log: float, alpha: float, *, decides: bool) -> list[Word]:
    """Return evidence with its way to the bar, on the scale of its logarithm."""
    share = min(1.0, max(0.0, log / -math.log(alpha)))
    figure = f"{math.exp(log):.1f}" if log < 9 else "> 8,000"
    ink = ("bar" if share >= 1 else "bar-low") if decides else "track"
    words: list[Word] = [(f"  {title} E ", "muted"), (figure, "text"), (f" of {1 / alpha:.0f}  ", "muted")]
    return [*words, (f"{bar(share, 10):<10}", ink)]


def _plan(report: ExperimentReport, around: Around) -> list[Word]:
    evidence, pace = report.evidence, report.pace
    words: list[Word] = [
        ("  plan  ", "muted"),
        (f"~{evidence.planned:,} each", "text"),
        (f" to see {100 * evidence.rules.effect:g} points", "muted"),
    ]
    calls = evidence.calls_to_go
    if evidence.to_go and not report.verdict.safe_to_stop and not report.closed:
        words += [("  → ", "muted"), (f"{evidence.to_go:,} to go each", "text")]
        if pace.usd is not None:
            words.append((f" ≈ ${calls * pace.usd:,.2f}", "text"))
        if pace.per_minute:
            words.append((f" ≈ {duration(60 * calls / pace.per_minute)} at {around.provider}", "text"))
    if around.collecting is not None:
        done, asked = around.collecting
        words.append((f"   collecting {done:,} of {asked:,}", "accent"))
    return words


def _quota(around: Around, width: int) -> list[Word]:
    """Return the providers, each with a bar if there is room for all, and how many have none at all."""
    title: Word = ("  quota ", "muted")
    groups: list[list[Word]] = []
    for bars in (True, False):
        groups = [
            [*_gauge(one, around.now_ns, mine=one.name == around.provider, bars=bars)]
            for one in around.providers
        ]
        if width_of(whole := [title, *itertools.chain(*groups)]) <= width:
            return whole
    for shown in range(len(groups) - 1, 0, -1):
        words = [title, *itertools.chain(*groups[:shown]), (f"   +{len(groups) - shown}", "muted")]
        if width_of(words) <= width:
            return words
    return [title]


def _gauge(state: ProviderState, now_ns: int, *, mine: bool, bars: bool) -> Iterator[Word]:
    yield "  ▸" if mine else "   ", "accent"
    yield state.name, "strong" if mine else "muted"
    reading = state.quota.reading(now_ns)
    if state.missing:
        yield " no key", "muted"
    elif reading is None:
        yield " ready", "muted"
    else:
        level, most = reading
        ink = level_ink(level, most)
        if bars:
            yield " ", ""
            yield f"{bar(level / most if most else 0, 5):<5}", _GAUGES.get(ink, "bar-empty")
        yield f" {max(0, int(level))}/{most}", ink


def _plots(report: ExperimentReport, width: int) -> list[Sequence[Word]]:
    shown = report.courses if width >= WIDE else report.courses[-1:] if width < 60 else report.courses[1:]
    if not shown:
        return [[("The rates and their difference appear here with the first answers.", "muted")]]
    each = width // len(shown) - 2
    plots = [plot(course, each, _PLOT_HEIGHT) for course in shown]
    lines: list[Sequence[Word]] = []
    for rows in zip(*plots, strict=True):
        line: list[Word] = []
        for words in rows:
            line += [*fit(words, (), each), ("  ", "")]
        lines.append(line)
    return lines


def _outcome(
    report: ExperimentReport, trial: StoredTrial, around: Around, number: int, width: int
) -> list[Word]:
    said, ink = _OUTCOMES.get(trial.outcome, (str(trial.outcome), "muted"))
    at = when(trial.created_at, around.now, local_time)
    marked = number == around.marked
    words: list[Word] = [
        ("▸ " if marked else "  ", "accent"),
        (f"{at:>12}  ", "muted"),
        (f"{report.label(trial.arm_id)}  ", "strong"),
        (f"{said:<11}", ink),
        (f" {trial.source or '' if trial.outcome else '':<10}", "muted"),
    ]
    return [*words, (f" {clip(trial.note, max(0, width - width_of(words) - 1))}", "text")]
