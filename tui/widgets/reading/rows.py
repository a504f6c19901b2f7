"""The rows that the lines of a text are wrapped to, and what of them a change of the text leaves as it is."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tui.widgets.reading.wrapping import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence


class Row(NamedTuple):
    """One row of the screen: a stretch of a source line."""

    line: int
    start: int
    end: int


class Source(Protocol):
    """A line to be wrapped."""

    @property
    def text(self) -> str:
        """What it says."""

    @property
    def indent(self) -> int:
        """Cells by which its further rows are indented."""


def common(old: Sequence[Source], new: Sequence[Source]) -> tuple[int, int]:
    """Return how many lines at the head and, beside those, at the tail are the same in both."""
    least = min(len(old), len(new))
    head = next((n for n in range(least) if old[n] is not new[n] and old[n] != new[n]), least)
    left = range(1, least - head + 1)
    tail = next((n - 1 for n in left if old[-n] is not new[-n] and old[-n] != new[-n]), least - head)
    return head, tail


def wrap_lines(
    rows: list[Row], lines: Sequence[Source], width: int, head: int = 0, tail: int = 0
) -> tuple[int, list[Row]]:
    """Return the first row that may be new, and all rows of `lines` in `width` cells.

    `rows` are those from before, wrapped to the same width: those of the first `head` lines stay, and those
    of the last `tail` lines move.
    """
    before = rows[-1].line + 1 if rows else 0
    top = bisect_left(rows, (head,))
    below = rows[bisect_left(rows, (before - tail,)) :] if tail else []
    fresh = [
        Row(number, *span)
        for number in range(head, len(lines) - tail)
        for span in wrap(lines[number].text, width, lines[number].indent)
    ]
    if moved := len(lines) - before:
        below = [Row(line + moved, start, end) for line, start, end in below]
    return top, [*rows[:top], *fresh, *below]
