"""A course as a small plot: the value as a line, what no look has refuted yet as a band behind it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui.core.engine.experiment_words import rate, signed
from tui.widgets.ink import clip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.engine.experiments import Course
    from tui.core.experiment.course import Point
    from tui.widgets.ink import Word

_AXIS = 6
"""Cells of the figures at the left."""


def plot(course: Course, width: int, height: int) -> list[list[Word]]:
    """Return the lines of a plot: its title, `height` rows, and what the last point is after."""
    low, high = _range(course)
    room = width - _AXIS - 1
    columns = [_at(course.points, column, room) for column in range(room)] if course.points else []
    last = course.points[-1] if course.points else None
    show, to = (signed, " to ") if course.signed else (rate, "–")
    said = ["none rated yet"]
    if last is not None:
        band = f"{show(last.band.low)}{to}{show(last.band.high)}"
        said = [f"{show(last.value)}  band {band}", f"band {band}", band]
    left = room - cell_len(course.title) - 2
    words = next((one for one in said if len(one) <= left), clip(said[-1], left))
    lines: list[list[Word]] = [[(f"{'':{_AXIS}} ", ""), (course.title, "strong"), (f"  {words}", "muted")]]
    zero = _row(0.0, low, high, height) if course.signed else -1
    for row in range(height):
        label = high if row == 0 else low if row == height - 1 else 0.0 if row == zero else None
        figure = "" if label is None else show(label) if label else "0"
        lines.append([(f"{figure:>{_AXIS}} ", "muted"), *_cells(columns, row, low, high, height, room, zero)])
    after = "" if last is None else f"after {last.n:,}"
    lines.append([(f"{'':{_AXIS}} {after:>{room}}", "muted")])
    return lines


def _range(course: Course) -> tuple[float, float]:
    """Return the ends of the scale: tenths that hold the later half of the band, and 0 for a difference."""
    later = course.points[len(course.points) // 3 :]
    if not later:
        return (-1.0, 1.0) if course.signed else (0.0, 1.0)
    lows, highs = [point.band.low for point in later], [point.band.high for point in later]
    low, high = math.floor(10 * min(lows)) / 10, math.ceil(10 * max(highs)) / 10
    if course.signed:
        low, high = min(low, -0.1), max(high, 0.1)
    return low, max(high, low + 0.2)


def _at(points: Sequence[Point], column: int, room: int) -> Point:
    return points[min(len(points) - 1, column * len(points) // room)]


def _row(value: float, low: float, high: float, height: int) -> int:
    share = (high - value) / (high - low)
    return min(height - 1, max(0, int(share * height)))


def _cells(
    columns: Sequence[Point], row: int, low: float, high: float, height: int, room: int, zero: int
) -> list[Word]:
    """Return a row of cells, those of one look in a word."""
    rule = ("┄", "muted") if row == zero else (" ", "")
    cells: list[Word] = []
    for point in columns:
        top, bottom = (_row(end, low, high, height) for end in (point.band.high, point.band.low))
        inside = top <= row <= bottom and point.band.high >= low and point.band.low <= high
        if row == _row(point.value, low, high, height) and low <= point.value <= high:
            cells.append(("━", "bar" if inside else "accent"))
        elif inside:
            cells.append(("┄", "bar-low") if row == zero else (" ", "track"))
        else:
            cells.append(rule)
    if not columns:
        cells = [rule] * room
    words: list[Word] = []
    for text, ink in cells:
        if words and words[-1][1] == ink:
            words[-1] = words[-1][0] + text, ink
        else:
            words.append((text, ink))
    return words
