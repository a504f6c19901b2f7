"""How far a matrix is: an immutable picture, a state for each cell of its plan."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Hashable

    from tui.core.checks.base import Finding
    from tui.core.engine.matrix.plan import Plan

CellStatus: TypeAlias = Literal["waiting", "running", "judging", "pass", "fail", "excluded", "unchecked"]
"""A cell in judging has its answer; an excluded one says nothing about the prompt; an unchecked one was
answered, and has no check."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one check made of an answer, and where the check stands in its file."""

    kind: str
    finding: Finding
    line: int
    judge_run: str = ""
    """The run in which a judge was asked; empty: none was."""


@dataclass(frozen=True, slots=True)
class CellState:
    """One cell of a matrix."""

    status: CellStatus = "waiting"
    run_id: str = ""
    """The run that has its answer, once there is one."""
    found: tuple[Found, ...] = ()
    reason: str = ""
    """Why it is excluded, as a sentence."""
    usd: Decimal | None = None
    """What the answer and its judges have cost; None: unknown, or nothing was sent."""
    total_s: float | None = None
    """Seconds from sending to the end of the answer."""
    kept: bool = False
    """Whether the answer was there before, and nothing was sent for it."""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.status not in ("waiting", "running", "judging")

    @property
    def against(self) -> tuple[Found, ...]:
        """What speaks against the answer."""
        return tuple(found for found in self.found if found.finding.verdict == "fail")


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix at one moment; `cells` are in the plan's order."""

    id: str
    plan: Plan
    cells: tuple[CellState, ...]
    over: bool = False
    stopped: str = ""
    """Why not all of it was done, as a sentence; else empty."""

    def count(self, *statuses: CellStatus) -> int:
        """Return how many cells are in one of these states."""
        return sum(cell.status in statuses for cell in self.cells)

    @property
    def usd(self) -> Decimal:
        """What it has cost, as far as that is known."""
        return sum((cell.usd for cell in self.cells if cell.usd is not None and not cell.kept), Decimal(0))

    @property
    def unpriced(self) -> int:
        """How many answers are not in that sum, their price being unknown."""
        return sum(
            cell.over and bool(cell.run_id) and cell.usd is None and not cell.kept for cell in self.cells
        )


@dataclass(frozen=True, slots=True)
class MatrixChanged:
    """A matrix went on, or ended."""

    grid: Grid

    @property
    def key(self) -> Hashable:
        """Of several for one matrix, the latest counts."""
        return "matrix", self.grid.id
