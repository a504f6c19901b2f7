"""The last frame that the terminal was sent, so that only cells that differ are sent again.

Textual repaints whole dirty regions. Over a slow line most of that is what is there already; comparing cells
makes a typed key cost some hundred bytes in place of some ten thousand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rich.cells import cell_len
from rich.control import Control
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.style import Style
    from textual.geometry import Size

Cell: TypeAlias = "tuple[str, Style | None]"
Placed: TypeAlias = tuple[int, int, Strip]
"""x, y and the strip that begins there."""

_WORTH_MOVING = 8
"""Cells that are cheaper to send again than to jump over: a cursor movement costs about as many bytes."""


class Difference(CompositorUpdate):
    """What is left of an update once the cells that the terminal shows already are taken out."""

    def __init__(self, runs: list[Placed]) -> None:
        self.runs = runs

    def render_segments(self, console: Console) -> str:
        """Return the escape sequences that bring the terminal up to date."""
        move_to = Control.move_to
        return "".join(move_to(x, y).segment.text + strip.render(console) for x, y, strip in self.runs)


class Frame:
    """The cells that the terminal shows; None where that is not known."""

    def __init__(self) -> None:
        self._width = 0
        self._rows: list[list[Cell | None]] = []

    def forget(self) -> None:
        """Assume nothing: the terminal was cleared, resized, or written to by another program."""
        self._rows = [[None] * self._width for _ in self._rows]

    def take_in(self, update: CompositorUpdate, size: Size) -> Difference | None:
        """Return what of `update` the terminal lacks, or None for a kind of update that is not compared.

        The frame is changed: the difference must be sent.
        """
        if isinstance(update, ChopsUpdate):
            placed = chops(update)
        elif isinstance(update, LayoutUpdate):
            placed = _layout(update)
        else:
            return None
        if (self._width, len(self._rows)) != (size.width, size.height):
            self._width = size.width
            self._rows = [[None] * size.width for _ in range(size.height)]
        runs: list[Placed] = []
        for x, y, strip in placed:
            if 0 <= y < len(self._rows):
                runs += self._compare(x, y, strip)
        return Difference(runs)

    def _compare(self, x: int, y: int, strip: Strip) -> Iterator[Placed]:
        row = self._rows[y]
        new = _cells(strip)
        if new is None or x < 0 or x + len(new) > len(row):
            # Wide and combining characters: what a terminal makes of them is not for us to know.
            end = min(len(row), x + strip.cell_length)
            row[max(0, x) : end] = [None] * (end - max(0, x))
            yield x, y, strip
            return
        start = end = -1
        for offset, cell in enumerate(new):
            if row[x + offset] == cell:
                continue
            if start >= 0 and offset - end > _WORTH_MOVING:
                yield x + start, y, _strip(new[start:end])
                start = offset
            elif start < 0:
                start = offset
            end = offset + 1
        if start >= 0:
            yield x + start, y, _strip(new[start:end])
            row[x : x + len(new)] = new


def _cells(strip: Strip) -> list[Cell] | None:
    """Return a cell for each column, or None when some character does not take exactly one."""
    cells: list[Cell] = []
    for text, style, control in strip:
        if control or not (text.isascii() or all(cell_len(char) == 1 for char in text)):
            return None
        cells += [(char, style) for char in text]
    return cells


def _strip(cells: list[Cell]) -> Strip:
    segments: list[Segment] = []
    for char, style in cells:
        if segments and segments[-1].style is style:
            segments[-1] = Segment(segments[-1].text + char, style)
        else:
            segments.append(Segment(char, style))
    return Strip(segments, len(cells))


def _layout(update: LayoutUpdate) -> Iterator[Placed]:
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            yield x, y, strip
            x += strip.cell_length


def chops(update: ChopsUpdate) -> Iterator[Placed]:
    """Yield what an update puts where."""
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x > right or end <= left:
                continue
            first, last = max(left, x), min(right, end)
            yield first, y, strip if (first, last) == (x, end) else strip.crop(first - x, last - x)
