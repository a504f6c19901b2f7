"""What a provider's page says at a given moment: pure, from its state, the last hour and the time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.actions import key_of
from tui.core.quota.limits import LARGEST, Kind
from tui.core.text import printable
from tui.widgets.ink import Word, fit, width_of
from tui.widgets.quota.gauge import bar, level_ink, seconds
from tui.widgets.quota.sparkline import sparkline
from tui.widgets.reading.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.engine.events import ProviderState, RunState
    from tui.core.quota.rate import RateView
    from tui.core.quota.snapshot import QuotaSnapshot
    from tui.core.store.traffic import Traffic

Lines = tuple[tuple[Word, ...], ...]

_LABEL, _LEVEL, _BAR = 24, 19, 20
_WIDE = 96
"""Width in cells from which there is room for bars."""
_ROOMY = 72
"""Width in cells from which the times to full stand in a column of their own."""

FIELDS: dict[str, str] = {
    "requests_per_minute": "requests a minute",
    "burst": "requests at once",
    "tokens_per_minute": "tokens a minute",
    "input_tokens_per_minute": "input tokens a minute",
    "output_tokens_per_minute": "output tokens a minute",
    "requests_per_day": "requests a day",
    "max_in_flight": "in flight",
}
"""The limits that can be changed here, by their names in the settings, and in words."""

_KINDS = {
    "requests_per_minute": Kind.REQUESTS,
    "tokens_per_minute": Kind.TOKENS,
    "input_tokens_per_minute": Kind.INPUT_TOKENS,
    "output_tokens_per_minute": Kind.OUTPUT_TOKENS,
}


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page, and which of them are limits, in the order of FIELDS."""

    lines: Lines
    limits: tuple[int, ...]


def page(
    state: ProviderState,
    traffic: Traffic | None,
    waiting: Sequence[RunState],
    now_ns: int,
    width: int,
    chosen: int,
    *,
    demo: bool = False,
) -> Page:
    """Return the page; `waiting` are this process's waiting runs in order, `chosen` is the limit marked."""
    lines: list[Sequence[Word]] = [*_about(state, now_ns, width, demo=demo), (), [("Limits", "heading")]]
    places = []
    for number, field in enumerate(FIELDS):
        places.append(len(lines))
        lines.append(_limit(state.quota, field, now_ns, width, marked=number == chosen))
    for model, quota in state.models.items():
        lines += [(), [("Limits of ", "heading"), (model, "strong")]]
        if (hold := quota.hold_in(now_ns)) > 0:
            lines += _sentence([("  ", "")], _held(quota, hold), width)
        lines += [
            _limit(quota, field, now_ns, width, marked=False)
            for field in FIELDS
            if _figure(quota, field) is not None
        ]
    lines += [(), *_queue(state, waiting, now_ns), (), *_hour(traffic, width)]
    return Page(tuple(tuple(fit(line, (), width)) for line in lines), tuple(places))


def figure(quota: QuotaSnapshot, field: str) -> str:
    """Return a limit as it would be typed; empty where there is none."""
    found = _figure(quota, field)
    return "" if found is None else str(found)


def _figure(quota: QuotaSnapshot, field: str) -> int | None:
    limits = quota.limits
    if field == "requests_per_minute":
        return None if limits.requests_per_minute == LARGEST else limits.requests_per_minute
    if field == "burst":
        return None if limits.requests_per_minute == LARGEST else limits.burst_size
    found: int | None = getattr(limits, field)
    return found


def _about(state: ProviderState, now_ns: int, width: int, *, demo: bool) -> list[Sequence[Word]]:
    quota = state.quota
    key: list[Word] = [("key ", "muted"), ("none is read in a demo" if demo else "found", "text")]
    if state.missing:
        key = [("no key: set ", "warning"), (" and ".join(state.missing), "warning")]
    where = {
        "local": "counted by this process alone",
        "shared": "shared with your other processes on this machine",
        "server": "shared through the PostgreSQL server",
    }[quota.source]
    lines: list[Sequence[Word]] = [[*key, ("   model ", "muted"), (state.model, "text")]]
    shared: list[Word] = [(where, "muted")]
    if (age := quota.age(now_ns)) >= 1:
        shared.append((f", as of {seconds(age)} ago", "muted"))
    lines.append([(quota.problem, "warning")] if quota.problem else shared)
    if quota.factor < 1:
        slower = f"slowed to {quota.factor:.0%} of the rate after refusals; it recovers by itself"
        lines.append([(slower, "warning")])
    if state.stopped:
        lines += _sentence([], state.stopped, width)
    elif (hold := quota.hold_in(now_ns)) > 0:
        lines += _sentence([], _held(quota, hold), width)
    elif state.last_message:
        lines += _sentence([("last call: ", "muted")], state.last_message, width)
    return lines


def _held(quota: QuotaSnapshot, hold: float) -> str:
    """Return that there is a hold, why, and how it ends sooner."""
    return f"hold {seconds(hold)}: {quota.hold_reason}; {key_of('provider-resume')} ends it sooner"


def _sentence(before: list[Word], sentence: str, width: int) -> list[Sequence[Word]]:
    """Return what is wrong, in as many lines as it takes; what stands before it indents them."""
    indent = width_of(before)
    first, *more = wrapped(printable(sentence), max(20, width - indent))
    return [[*before, (first, "error")], *([(" " * indent, ""), (line, "error")] for line in more)]


def _limit(quota: QuotaSnapshot, field: str, now_ns: int, width: int, *, marked: bool) -> list[Word]:
    limit = _figure(quota, field)
    words: list[Word] = [("▸ ", "accent") if marked else ("  ", "")]
    words.append((f"{FIELDS[field]:<{_LABEL}}", "strong" if marked else "text"))
    if limit is None:
        return [*words, (f"{'no limit':>{_LEVEL}}", "muted")]
    kind = _KINDS.get(field)
    rate = next((view for view in quota.rates if view.spec.kind is kind), None)
    if rate is not None:
        return [*words, *_level(rate, now_ns, width), *_stated(quota, rate.spec.kind, limit, width)]
    if field == "max_in_flight":
        level: float = max(0, limit - quota.in_flight)
        return [*words, *_measure(level, limit, width), (f"  {quota.in_flight} running", "muted")]
    today = quota.day_left(now_ns)
    if field == "requests_per_day" and today is not None:
        until = f"  the day ends in {seconds(quota.day_ends_in(now_ns))}"
        return [*words, *_measure(today, limit, width), (until, "muted")]
    return [*words, (f"{limit:>{_LEVEL},}", "text")]


def _level(rate: RateView, now_ns: int, width: int) -> list[Word]:
    full = rate.full_in(now_ns) / 1e9
    roomy = width >= _ROOMY
    when = f"  full in {seconds(full)}" if full > 0 else "  full"
    when = f"{when:<16}" if roomy else when.replace("full in", "full")
    return [*_measure(rate.level(now_ns), rate.spec.limit, width), (when, "muted")]


def _measure(level: float, limit: int, width: int) -> list[Word]:
    left = max(0, int(level + 1e-9))
    words: list[Word] = [(f"{f'{left:,}/{limit:,}':>{_LEVEL}}", level_ink(level, limit))]
    if width >= _WIDE:
        share = max(0.0, level / limit)
        ink = {"accent": "bar", "warning": "bar-low", "error": "bar-empty"}[level_ink(level, limit)]
        words += [("  ", ""), (f"{bar(share + 1e-9, _BAR):<{_BAR}}", ink)]
    return words


def _stated(quota: QuotaSnapshot, kind: Kind, limit: int, width: int) -> list[Word]:
    stated = quota.stated.get(kind)
    if stated is None:
        return []
    ink = "warning" if stated < limit else "muted"
    if width < _WIDE:
        return [(f"≠{stated:,}", ink)] if stated != limit else []
    if stated == limit:
        return [(f"it states {stated:,} too", "muted")]
    which = "that counts" if stated < limit else "ours counts"
    return [(f"≠ it states {stated:,}; {which}", ink)]


def _queue(state: ProviderState, waiting: Sequence[RunState], now_ns: int) -> list[Sequence[Word]]:
    quota = state.quota
    lines: list[Sequence[Word]] = [[("Waiting", "heading")]]
    if not quota.waiting and not any(quota.others_waiting):
        wait = state.about(state.model).quota.next_in(now_ns)
        when = f"the next call goes {f'in {seconds(wait)}' if wait > 0 else 'at once'}"
        if quota.in_flight_full:
            when = "the next call goes when a running one ends"
        if state.stopped or not state.usable:
            until = f" until {key_of('provider-resume')} resumes" if state.usable else ""
            when = f"no call goes out{until}"
        return [*lines, [(f"  nobody; {when}", "muted")]]
    elsewhere = sum(quota.others_waiting)
    # While as many run as may run at once, the bucket knows only how long it takes at least.
    until = f"{'at least ' if quota.in_flight_full else ''}{seconds(quota.eta(now_ns))}"
    last = f", the last goes in {until}" if quota.waiting else ""
    more = f", {elsewhere} in other processes" if elsewhere else ""
    lines.append([(f"  {quota.waiting} here{last}{more}", "warning")])
    for number, run in enumerate(waiting[:5], 1):
        what = f"{run.name} v{run.version}" if run.name else "free text"
        lines.append([(f"  {number}. ", "muted"), (what, "text"), (f"  {run.model}", "muted")])
    if len(waiting) > 5:
        lines.append([(f"     and {len(waiting) - 5} more", "muted")])
    return lines


def _hour(traffic: Traffic | None, width: int) -> list[Sequence[Word]]:
    lines: list[Sequence[Word]] = [[("The last hour", "heading"), ("  a block a minute", "muted")]]
    if traffic is None:
        return [*lines, [("  reading …", "muted")]]
    total, slots = traffic.total, traffic.slots
    if not total.calls and total.usd is None:
        return [*lines, [("  no calls yet", "muted")]]
    room = max(0, min(len(slots), width - _LABEL - _LEVEL - 4))
    p95 = "" if traffic.p95_s is None else f"{seconds(traffic.p95_s)}"
    middle = "–" if total.latency_s is None else f"{seconds(total.latency_s)}"
    rows: list[tuple[str, str, Sequence[float | None], str]] = [
        ("calls", f"{total.calls:,}", [slot.calls for slot in slots], "accent"),
        ("refused (429)", f"{total.refused:,}", [slot.refused for slot in slots], "error"),
        ("other errors", f"{total.failed:,}", [slot.failed for slot in slots], "error"),
        ("latency p50, p95", f"{middle}, {p95 or '–'}", [slot.latency_s for slot in slots], "text"),
        ("cost", "n/a" if total.usd is None else f"${total.usd:.4f}", [slot.usd for slot in slots], "text"),
    ]
    for label, value, figures, ink in rows:
        quiet = "muted" if value in ("0", "n/a") else ink
        line = sparkline(figures, room)
        lines.append(
            [(f"  {label:<{_LABEL}}", "muted"), (f"{value:>{_LEVEL}}", quiet), ("  ", ""), (line, ink)]
        )
    return lines
