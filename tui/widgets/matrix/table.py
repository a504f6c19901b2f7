"""A matrix as a table: cases down, revisions at providers across, and what each place says. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui.core.text import printable
from tui.widgets.ink import Word, clip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui.core.engine.matrix.grid import CellState, CellStatus, Grid
    from tui.core.engine.matrix.plan import Plan

WIDTH = 13
"""Cells of one column, the first two being for its marks."""
_NAME_LEAST, _GAP = 10, 2

SIGNS: Mapping[CellStatus, tuple[str, str, str]] = {
    "pass": ("✓", "success", "passed"),
    "fail": ("✗", "error", "failed"),
    "excluded": ("–", "muted", "excluded"),
    "unchecked": ("·", "muted", "has no checks"),
    "running": ("●", "accent", "running"),
    "judging": ("◐", "accent", "being judged"),
    "waiting": ("◌", "warning", "waiting for quota"),
}
"""Of each state its sign, its ink, and how it is called."""
_NOT_RUN = ("◌", "faint", "not run")
_FIRST: tuple[CellStatus, ...] = (
    "fail", "running", "judging", "waiting", "excluded", "unchecked", "pass",
)  # fmt: skip
"""Of several repeats, the state that stands for all: the first of these that is there."""


@dataclass(frozen=True, slots=True)
class Column:
    """A revision at a provider."""

    label: str
    provider: str

    @property
    def name(self) -> str:
        """Both in words."""
        return f"{self.label} {self.provider}"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each cell of a plan stands."""

    cases: tuple[str, ...]
    columns: tuple[Column, ...]
    positions: Mapping[tuple[int, int], tuple[int, ...]]
    """The cells of a row and a column, one a repeat."""

    def states(self, grid: Grid, row: int, column: int) -> tuple[CellState, ...]:
        """Return what stands in a place, by repeat; nothing where the plan has no cell."""
        return tuple(grid.cells[position] for position in self.positions.get((row, column), ()))


def layout_of(plan: Plan) -> Layout:
    """Return the places of a plan's cells; rows and columns in the order of the plan."""
    cases: dict[str, int] = {}
    columns: dict[Column, int] = {}
    positions: dict[tuple[int, int], list[int]] = {}
    for cell in plan.cells:
        row = cases.setdefault(cell.case.name, len(cases))
        column = columns.setdefault(Column(cell.arm.label, cell.request.provider), len(columns))
        positions.setdefault((row, column), []).append(cell.position)
    return Layout(tuple(cases), tuple(columns), {place: tuple(found) for place, found in positions.items()})


def standing(states: Sequence[CellState]) -> CellStatus | None:
    """Return the state that stands for several repeats, None for none."""
    found = {state.status for state in states}
    return next((status for status in _FIRST if status in found), None)


def rows_of(
    layout: Layout, grid: Grid, *, only_failures: bool, compared: tuple[int, int] | None
) -> tuple[int, ...]:
    """Return the rows to show: those with a failure, or those in which two columns do not say the same."""

    def wanted(row: int) -> bool:
        if compared is not None:
            one, other = (layout.states(grid, row, column) for column in compared)
            return [state.status for state in one] != [state.status for state in other]
        columns = range(len(layout.columns))
        return any(standing(layout.states(grid, row, column)) == "fail" for column in columns)

    rows = range(len(layout.cases))
    return tuple(row for row in rows if not only_failures or wanted(row))


# ---------------------------------------------------------------- as it is shown


def name_width(layout: Layout, width: int) -> int:
    """Return the cells that the names of the cases get: what they need, and a third of the line at most."""
    longest = max((cell_len(printable(name)) for name in layout.cases), default=0)
    return max(_NAME_LEAST, min(longest, width // 3)) + _GAP


def fitting(layout: Layout, width: int) -> int:
    """Return how many columns fit beside the names."""
    return max(1, (width - name_width(layout, width)) // WIDTH)


def padded(text: str, width: int) -> str:
    """Return a text in exactly `width` cells."""
    shown = clip(printable(text), width)
    return shown + " " * (width - cell_len(shown))


def look_of(status: CellStatus | None, *, running: bool) -> tuple[str, str, str]:
    """Return sign, ink and name of a state; in a matrix that runs no more nothing is on its way."""
    if status is None:
        return " ", "", ""
    if not running and status in ("waiting", "running", "judging"):
        return _NOT_RUN
    return SIGNS[status]


def cell_word(states: Sequence[CellState], *, running: bool) -> Word:
    """Return what a place says: a sign, and the time, the check that failed, or the count of repeats."""
    sign, ink, name = look_of(standing(states), running=running)
    if len(states) > 1:
        passed = sum(state.status == "pass" for state in states)
        return f"{sign} {passed}/{len(states)}", ink
    if not states:
        return "", ""
    (state,) = states
    if state.status in ("pass", "unchecked"):
        return f"{sign} {state.total_s or 0:.1f} s", ink
    if state.status == "fail":
        return f"{sign} {state.against[0].kind if state.against else name}", ink
    return f"{sign} {name.split(' ')[0] if ink != 'faint' else name}", ink


@dataclass(frozen=True, slots=True)
class Tally:
    """The cells of a column that are over."""

    passed: int
    failed: int
    excluded: int

    @property
    def rate(self) -> str:
        """The passed of those that say something, in per cent."""
        counted = self.passed + self.failed
        return f"{100 * self.passed / counted:.0f} %" if counted else "—"


def tally(states: Iterable[CellState]) -> Tally:
    """Count."""
    found = [state.status for state in states]
    return Tally(found.count("pass"), found.count("fail"), found.count("excluded"))


def left_words(seconds: float) -> str:
    """Return a rest of time in words; never less than it takes."""
    if seconds <= 99:
        return f"≈ {max(1, -(-seconds // 1)):.0f} s left"
    return f"≈ {-(-seconds // 60):.0f} min left"


def left_s(forecast_s: float, elapsed_s: float, done: int, total: int) -> float | None:
    """Return how many seconds a matrix still takes, None while nothing tells.

    That is what is left of the buckets' forecast; when it is over, as long as the pace until now says.
    """
    rest = forecast_s - elapsed_s
    if rest > 0:
        return rest
    return elapsed_s / done * (total - done) if done else None
