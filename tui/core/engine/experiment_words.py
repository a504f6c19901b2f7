"""A test's report in words and as plain data, for every surface that is not the screen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui.core.experiment.ratio import ALARM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.core.engine.experiments import ExperimentReport
    from tui.core.experiment.evidence import ArmFigures, Evidence, Versus
    from tui.core.experiment.rates import Interval

_HEADINGS = ("ARM", "VERSION", "WEIGHT", "N", "GOOD", "BAD", "EXCL", "UNRATED", "RATE", "95 %", "P50", "P95",
             "TOKENS", "$/100")  # fmt: skip


def lines(report: ExperimentReport) -> Iterator[str]:
    """Yield the report line by line."""
    rules = report.evidence.rules
    if report.opened_at is None:
        yield f"{report.name}: no test yet. `penstock split {report.name} v1=50 v2=50` begins one."
        return
    since = f"a test since {report.opened_at.astimezone():%Y-%m-%d %H:%M}, {state_words(report)}"
    yield f"{report.name}: {since}; α {rules.alpha:g}, an effect of {rules.effect:g} matters"
    if rules.serving == "thompson":
        yield OPTIMISING
    yield ""
    yield from _table([_HEADINGS, *(arm_cells(one) for one in report.evidence.arms)])
    yield ""
    if len(report.evidence.versus):
        yield f"{best_words(report.evidence)} (a reading, no reason to stop)"
    for one in report.evidence.versus:
        yield versus_words(one, rules.by)
        if one.paired.first or one.paired.second:
            yield paired_words(one, rules.by)
    asked = "not as asked" if report.evidence.split_p < ALARM else "as asked"
    yield f"Split {asked} (χ² p {p_value(report.evidence.split_p)})."
    yield ""
    yield report.verdict.sentence


OPTIMISING = "Thompson sampling: this optimises the traffic and does not test; it takes longer to decide."


def arm_cells(figures: ArmFigures) -> tuple[str, ...]:
    """Return an arm's figures, as printed under the headings."""
    arm = figures.arm
    return (
        arm.label,
        f"v{arm.version}#{arm.content_hash[:4]}",
        "frozen" if arm.frozen else f"{arm.weight:g}",
        f"{figures.n:,}",
        f"{figures.successes:,}",
        f"{figures.failures:,}",
        f"{figures.excluded + figures.set_aside:,}",
        f"{figures.unrated:,}",
        rate(figures.rate),
        f"{rate(figures.interval.low)}–{rate(figures.interval.high)}" if figures.n else "—",
        _or_dash(figures.p50_s, "{:.1f}s"),
        _or_dash(figures.p95_s, "{:.1f}s"),
        _or_dash(figures.tokens, "{:,.0f}"),
        _or_dash(figures.usd_per_100, "{:.2f}", "n/a"),
    )


def state_words(report: ExperimentReport) -> str:
    """Return whether a test goes on."""
    if report.closed:
        return "closed"
    return "held" if report.held else "on" if report.on else "not split now"


def best_words(evidence: Evidence) -> str:
    """Return each arm's probability of being the best."""
    chances = [f"{one.arm.label} {rate(one.chance_of_best)}" for one in evidence.open_arms]
    return f"P(best) {'  '.join(chances)}"


def versus_words(versus: Versus, by: str) -> str:
    """Return the comparison that the answers of the split make."""
    compared = versus.compared
    found = "—" if compared.difference is None else signed(compared.difference)
    names = f"{versus.arm.label} − {versus.control.label}"
    decides = "" if by == "split" else " (a reading: the cases decide)"
    return (
        f"{names}  {found} ({signed(compared.interval.low)}..{signed(compared.interval.high)})  "
        f"evidence E {_e(compared.log_e_max)} of {1 / versus.alpha:.0f}  p {p_value(compared.p)}{decides}"
    )


def paired_words(versus: Versus, by: str) -> str:
    """Return the comparison that the cases make which both arms have answered."""
    paired = versus.paired
    decides = " (a reading: the split decides)" if by == "split" else ""
    return (
        f"Cases: {versus.arm.label} better in {paired.second}, worse in {paired.first}  "
        f"evidence E {_e(paired.log_max)} of {1 / versus.alpha:.0f}  p {p_value(paired.p)}{decides}"
    )


def rate(value: float | None) -> str:
    """Return a rate as `.736`."""
    if value is None:
        return "—"
    text = f"{value:.3f}"
    return text[1:] if text.startswith("0") else text


def p_value(value: float) -> str:
    """Return a p-value as `.027`, or as `<.001`."""
    return "<.001" if value < 0.001 else rate(value)


def signed(value: float) -> str:
    """Return a difference as `+.107`."""
    return f"{value:+.3f}".replace("0.", ".", 1)


def _e(log: float) -> str:
    return f"{math.exp(log):.3g}" if log < 13 else "> 400,000"


def _or_dash(value: float | None, form: str, unknown: str = "—") -> str:
    return unknown if value is None else form.format(value)


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        left = [f"{cell:<{width}}" for cell, width in zip(row[:2], widths[:2], strict=True)]
        right = [f"{cell:>{width}}" for cell, width in zip(row[2:], widths[2:], strict=True)]
        yield "  ".join([*left, *right]).rstrip()


def as_dict(report: ExperimentReport) -> dict[str, object]:
    """Return the report as plain data; null is what is not known, rates and differences are of 1."""
    evidence, rules = report.evidence, report.evidence.rules
    return {
        "name": report.name,
        "opened_at": report.opened_at.isoformat() if report.opened_at else None,
        "on": report.on,
        "held": report.held,
        "closed": report.closed,
        "alpha": rules.alpha,
        "effect": rules.effect,
        "serving": rules.serving,
        "optimising": rules.serving == "thompson",
        "decided_by": rules.by,
        "verdict": {
            "kind": report.verdict.kind,
            "sentence": report.verdict.sentence,
            "winner": next(
                (one.arm.version for one in evidence.arms if one.arm.id == report.verdict.winner), None
            ),
            "safe_to_stop": report.verdict.safe_to_stop,
        },
        "arms": [_arm(one) for one in evidence.arms],
        "versus": [_versus(one) for one in evidence.versus],
        "split_p": evidence.split_p,
        "planned": evidence.planned,
        "to_go": evidence.to_go,
        "usd_per_call": report.pace.usd,
        "calls_per_minute": report.pace.per_minute,
        "audit": [
            {"at": one.at.isoformat(), "who": one.who, "action": one.action, "detail": one.detail}
            for one in report.audit
        ],
    }


def _arm(figures: ArmFigures) -> dict[str, object]:
    arm = figures.arm
    return {
        "arm": arm.label,
        "version": arm.version,
        "content_hash": arm.content_hash,
        "weight": arm.weight,
        "frozen": arm.frozen,
        "served": figures.served,
        "n": figures.n,
        "successes": figures.successes,
        "failures": figures.failures,
        "excluded": figures.excluded,
        "unrated": figures.unrated,
        "set_aside": figures.set_aside,
        "rate": figures.rate,
        "wilson_95": _ends(figures.interval),
        "p50_s": figures.p50_s,
        "p95_s": figures.p95_s,
        "tokens": figures.tokens,
        "usd_per_100": figures.usd_per_100,
        "reading": {"chance_of_best": figures.chance_of_best, "expected_loss": figures.expected_loss},
    }


def _versus(versus: Versus) -> dict[str, object]:
    compared, paired = versus.compared, versus.paired
    return {
        "control": versus.control.label,
        "arm": versus.arm.label,
        "alpha": versus.alpha,
        "blocks": compared.blocks,
        "difference": compared.difference,
        "interval": _ends(compared.interval),
        "e": math.exp(min(700.0, compared.log_e)),
        "e_max": math.exp(min(700.0, compared.log_e_max)),
        "p": compared.p,
        "cases": {
            "better": paired.second,
            "worse": paired.first,
            "e_max": math.exp(min(700.0, paired.log_max)),
            "p": paired.p,
        },
        "reading": {"newcombe_95": _ends(versus.reading)},
    }


def _ends(interval: Interval) -> list[float]:
    return [interval.low, interval.high]
