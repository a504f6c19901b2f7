"""What a provider's panel says at a given moment: pure, from the provider's state and the time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.actions import key_of
from tui.core.engine.accounts import DAY_USED
from tui.core.quota.limits import Kind
from tui.core.text import printable
from tui.widgets.ink import Word, clip, fit, width_of
from tui.widgets.scenarios.plan import FLAG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.engine.events import ProviderState
    from tui.core.quota.snapshot import QuotaSnapshot

_EIGHTHS = " ▏▎▍▌▋▊▉█"
FIGURE_WIDTH = 3
"""Cells for the level in a folded panel."""
FOLDED_EXTRA = 2 + FIGURE_WIDTH
"""Cells of a folded panel besides its name and bar: the mark, a space, the level."""
LOW, NEARLY_EMPTY = 0.40, 0.10
"""Shares of the capacity at which a gauge changes its colour."""


@dataclass(frozen=True, slots=True)
class PanelView:
    """The lines of a panel; two equal views are the same picture."""

    lines: tuple[tuple[Word, ...], ...]
    at_rest: bool
    """Whether the passing of time alone will not change the picture."""


def bar(share: float, width: int) -> str:
    """Return a bar of eighth blocks: floor(share × width × 8) eighths, at most `width` cells."""
    eighths = math.floor(min(1.0, max(0.0, share)) * width * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def seconds(value: float) -> str:
    """Return a duration as people read it: `1.2 s`, `48 s`, `2:05`, `1 h 05`; rounded up, never early."""
    if value < 9.95:
        return f"{math.ceil(value * 10) / 10:.1f} s"
    whole = math.ceil(value)
    if whole < 100:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    minutes = math.ceil(whole / 60)
    return f"{minutes // 60} h {minutes % 60:02}"


def panel_view(state: ProviderState, now_ns: int, width: int, *, selected: bool) -> PanelView:
    """Return the four lines of a panel: name and level, bar and rate, model and last result, what goes on."""
    level, capacity = _reading(state, now_ns)
    number = f"{level if state.usable else '–'}/{capacity}" if capacity else "no limit"
    ink = level_ink(level, capacity)
    name: list[Word] = [("▸ ", "accent")] if selected else []
    rate, rate_ink = _rate(state)
    lines = (
        fit([*name, (state.name, "strong")], [(number, ink if state.usable else "muted")], width),
        [*_bar_line(state, now_ns, max(0, width - len(rate))), (clip(rate, width), rate_ink)],
        fit([_model(state)], _last(state), width),
        fit(_status(state, now_ns, width), [], width),
    )
    return PanelView(tuple(tuple(line) for line in lines), at_rest(state, now_ns))


def folded_view(
    state: ProviderState, now_ns: int, name_width: int, bar_width: int, *, selected: bool
) -> PanelView:
    """Return a panel of one line: name, a short bar and the level; or instead who waits and how long."""
    quota = state.quota
    width = bar_width + FIGURE_WIDTH
    shown = state.name[:name_width]
    name = [
        ("▸" if selected else " ", "accent"),
        (shown, "strong" if selected else "text"),
        (FLAG, "warning") if state.scenario else (" ", ""),
    ]
    if not state.usable:
        rest = [*_bar_line(state, now_ns, bar_width), (f"{'–':>{FIGURE_WIDTH}}", "muted")]
    elif state.stopped:
        rest = fit([("✗ stop", "error")], [], width)
    elif (hold := quota.hold_in(now_ns)) > 0:
        rest = fit([(f"!{_briefly(hold)}", "error")], [], width)
    elif quota.day_left(now_ns) == 0:
        rest = fit([("✗ day", "error")], [], width)
    elif quota.waiting:
        eta = quota.eta(now_ns)
        times = () if quota.in_flight_full and eta < 1 else (_briefly(eta), f"{math.ceil(eta / 60)}m")
        ways = (f"◌{quota.waiting} {time}" for time in times)
        text = next((way for way in ways if len(way) <= width), f"◌{quota.waiting}")
        rest = fit([(text, "warning")], [], width)
    else:
        level, capacity = _reading(state, now_ns)
        figure = f"{level if capacity else '∞':>{FIGURE_WIDTH}}"
        rest = [*_bar_line(state, now_ns, bar_width), (figure[:FIGURE_WIDTH], level_ink(level, capacity))]
    return PanelView(((*name, *rest),), at_rest(state, now_ns))


def level_ink(level: float, capacity: int) -> str:
    """Return the ink of a level: plenty, low, nearly empty; without a limit (capacity 0) it is plenty."""
    share = level / capacity if capacity else 1.0
    return "accent" if share > LOW else "warning" if share > NEARLY_EMPTY else "error"


def at_rest(state: ProviderState, now_ns: int) -> bool:
    """Whether the panel will look the same later, unless something happens."""
    quota = state.quota
    return not state.usable or (
        quota.full_in(now_ns) <= 0
        and not quota.waiting
        and quota.hold_in(now_ns) <= 0
        and quota.day_left(now_ns) != 0
    )


def _model(state: ProviderState) -> Word:
    """Return the model; in a demo, what is made to go wrong with it."""
    return (f"{FLAG} {state.scenario}", "warning") if state.scenario else (state.model, "muted")


def _reading(state: ProviderState, now_ns: int) -> tuple[int, int]:
    """Return what is left of what; (0, 0) if there is no limit."""
    return state.quota.reading(now_ns) or (0, 0)


def _bar_line(state: ProviderState, now_ns: int, width: int) -> list[Word]:
    if not state.usable:
        label = "no key " if width > len("no key ") else ""
        return [(label, "muted"), ("·" * (width - len(label)), "faint")]
    quota = state.quota
    if quota.unlimited:
        free, most = _reading(state, now_ns)
        share = at_once = free / most if most else 1.0
    else:
        share, at_once = quota.level(now_ns) / quota.capacity, quota.burst_now(now_ns) / quota.capacity
    ink = "bar" if share > LOW else "bar-low" if share > NEARLY_EMPTY else "bar-empty"
    filled = bar(share + 1e-9, width)
    # What may go at once stands first; the rest of the level has to wait for its turn within the minute.
    now = min(len(filled), math.ceil(at_once * width))
    later: list[Word] = [(filled[now:], "bar-later")] if ink == "bar" else [(filled[now:], ink)]
    return [(filled[:now], ink), *later, (" " * (width - len(filled)), "track")]


def _rate(state: ProviderState) -> Word:
    """Return our limit a minute, or the server's with a sign where it states another one.

    Where refusals have lowered the rate it says so. Of a process that has lost the others, it is its share.
    """
    if state.quota.unlimited:
        return (" at once", "muted") if state.quota.limits.max_in_flight else ("", "muted")
    if state.quota.share < 1:
        return (f" {state.quota.capacity}/min", "warning")
    if state.quota.factor < 1:
        return (f" ↓{state.quota.capacity * state.quota.factor:.0f}/min", "warning")
    ours = state.quota.limits.requests_per_minute
    stated = state.quota.stated.get(Kind.REQUESTS, ours)
    return (f" {ours}/min", "muted") if stated == ours else (f" ≠{stated}/min", "warning")


def _status(state: ProviderState, now_ns: int, width: int) -> Sequence[Word]:
    quota = state.quota
    if not state.usable:
        return [(f"set {state.missing[0]}", "muted")]
    if state.stopped:
        return [(f"stopped · {key_of('resume')} resumes", "error")]
    if (hold := quota.hold_in(now_ns)) > 0:
        rest = _clock(hold)
        used_up = quota.hold_reason == DAY_USED
        said = f"day used up · {rest}" if used_up else f"hold {rest}  {printable(quota.hold_reason)}"
        waiting = f"◌{quota.waiting}" if quota.waiting else ""  # as in the folded panel: there is little room
        return fit([(said, "error")], [(waiting, "warning")] if waiting else [], width)
    if quota.day_left(now_ns) == 0:
        return [(f"day used up · {seconds(quota.day_ends_in(now_ns))}", "error")]
    if quota.waiting:
        elsewhere = f" +{sum(quota.others_waiting)}" if any(quota.others_waiting) else ""
        return [(f"{quota.waiting}{elsewhere} waiting · {_until(quota, now_ns)}", "warning")]
    running: list[Word] = [(f"{state.running} running", "accent")] if state.running else []
    if any(quota.others_waiting) and not running:  # a call from here would go behind some
        return [(f"0 +{sum(quota.others_waiting)} waiting", "warning")]
    if (to_come := _to_come(quota, now_ns)) is None:
        return running or [("ready", "muted")]
    both = [*running, (" · ", "accent"), to_come]
    return both if running and width_of(both) <= width else [to_come]


def _to_come(quota: QuotaSnapshot, now_ns: int) -> Word | None:
    """Return what limits the next call, or when the bucket is full; None if it is."""
    today = quota.day_left(now_ns)
    if today is not None and today < quota.level(now_ns):
        return f"{today} left today", "warning"
    if (wait := quota.next_in(now_ns)) > 0:
        return f"next {seconds(wait)}", "error"
    if (full := quota.full_in(now_ns)) > 0:
        return f"full {math.ceil(full)} s" if full < 100 else f"full {seconds(full)}", "muted"
    return None


def _until(quota: QuotaSnapshot, now_ns: int) -> str:
    """Return when the last one goes, or what all wait for: no bucket knows when a running call ends."""
    eta = quota.eta(now_ns)
    if not quota.in_flight_full:
        return seconds(eta)
    return f"≥ {seconds(eta)}" if eta >= 1 else f"{quota.in_flight} running"


def _briefly(value: float) -> str:
    whole = math.ceil(value)
    if whole < 100:
        return f"{whole}s"
    return f"{math.ceil(whole / 60)}m" if whole < 6_000 else f"{math.ceil(whole / 3600)}h"


def _clock(value: float) -> str:
    whole = math.ceil(value)
    return f"{whole // 60}:{whole % 60:02}" if whole < 3600 else seconds(value)


def _last(state: ProviderState) -> list[Word]:
    if state.quota.problem and state.usable:
        return [("not shared", "warning")]
    if not state.last or not state.usable:
        return []
    return [("✓", "success")] if state.last == "ok" else [(f"✗ {state.last}", "error")]
