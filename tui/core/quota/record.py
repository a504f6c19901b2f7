"""A meter as a record that other processes read: JSON for the figures, packed integers for the windows."""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING

from tui.core.quota.bucket import Bucket
from tui.core.quota.limits import Kind
from tui.core.quota.window import Window

if TYPE_CHECKING:
    from tui.core.quota.meter import Meter
    from tui.core.quota.rate import Rate

FORMAT = 1
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode  # made once: `json.dumps` would at every call
_BRAKE = ("until", "reason", "refusals", "settled_number", "factor", "changed_at")


NO_RECORD = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""What `load` raises for what is no record."""


def dump(meter: Meter, now: int, process: str) -> tuple[str, bytes]:
    """Return the figures and the windows of a meter, as `process` leaves it; times stay in ns since boot."""
    rates, windows = [], array("q")
    for rate in meter.rates:
        spec, window = rate.spec, rate.window
        size = -1
        if window is not None:
            window.forget(now)
            times, totals = window.lists
            size = len(times)
            windows.extend(times)
            windows.extend(totals)
        rates.append(
            (
                int(spec.kind),
                spec.bucket.interval_ns,
                spec.bucket.burst,
                rate.tat,
                rate.full_at,
                rate.taken,
                rate.refunds.given,
                rate.refunds.void,
                rate.observed,
                rate.higher,
                window.first if window is not None else 0,
                size,
            )
        )
    brake, day = meter.brake, meter.day
    figures = {
        "format": FORMAT,
        "number": meter.number,
        "rates": rates,
        "brake": [getattr(brake, name) for name in _BRAKE],
        "slowed": brake.slowed,
        "day": (day.number, day.used),
        "stated": {int(kind): limit for kind, limit in meter.stated.items()},
        "turns": (meter.turns.at, meter.turns.others | {process: meter.turns.own}),
        "processes": meter.processes | {process: (meter.running, meter.waiting, now)},
    }
    return _ENCODE(figures), windows.tobytes()


def load(meter: Meter, figures: str, windows: bytes, now: int, process: str) -> None:
    """Make `meter` what another process has recorded, under this process's own limits.

    Raises one of NO_RECORD for what is none; the meter may then be
    half changed.
    """
    found = json.loads(figures)
    if found["format"] != FORMAT:
        raise ValueError("a record of another format")
    brake, day = meter.brake, meter.day
    factor, stated = brake.factor, meter.stated
    for name, value in zip(_BRAKE, found["brake"], strict=True):
        setattr(brake, name, value)
    day.number, day.used = found["day"]
    meter.stated = {Kind(int(kind)): limit for kind, limit in found["stated"].items()}
    meter.processes = {
        name: (running, waiting, at)
        for name, (running, waiting, at) in found["processes"].items()
        if name != process
    }
    meter.number = found["number"]
    turns = meter.turns
    turns.at, turns.others = found.get("turns", (now, {}))
    turns.own = turns.others.pop(process, 0)
    if (factor, stated) != (brake.factor, meter.stated):
        meter.respecify(now)
    brake.slowed = found.get("slowed", 0)  # in intervals of the factor that it was written with
    numbers = array("q")
    numbers.frombytes(windows)
    ours, place = {rate.spec.kind: rate for rate in meter.rates}, 0
    for kind, interval, burst, tat, full_at, taken, given, void, observed, higher, first, size in found[
        "rates"
    ]:
        entries = None
        if size >= 0:
            middle, end = place + size, place + 2 * size
            entries = numbers[place:middle].tolist(), numbers[middle:end].tolist()
            place = end
        rate = ours.get(Kind(kind))
        if rate is None:
            continue
        _take_over(rate, Bucket(interval, burst), tat, given, now, meter.number)
        rate.full_at, rate.taken, rate.observed, rate.higher = full_at, taken, observed, higher
        rate.refunds.void = max(rate.refunds.void, void)
        if rate.window is not None:
            rate.window = Window(first=meter.number) if entries is None else Window(entries, first)


def _take_over(rate: Rate, bucket: Bucket, tat: int, given: int, now: int, number: int) -> None:
    """Adopt the TAT; what the debt was at the takes of others is not known, but that it was at least this."""
    refunds = rate.refunds
    if bucket.interval_ns == rate.spec.bucket.interval_ns:
        least = rate.tat - (given - refunds.given) - now
        refunds.given = given
        if not refunds.numbers or refunds.numbers[-1] <= number:
            refunds.saw(number, max(0, least))
        rate.tat = tat
    else:
        refunds.clear(number + 1)
        refunds.given = given
        rate.tat = rate.spec.bucket.adopt(tat, now + rate.spec.margin_ns, bucket)
