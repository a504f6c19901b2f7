"""What a finished matrix comes to: counts, groups, and the words that every report has in common."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tui.core.engine.matrix.compare import standings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.core.cases.book import CasesSnapshot
    from tui.core.engine.matrix.compare import Standing
    from tui.core.engine.matrix.grid import CellState, Grid
    from tui.core.engine.matrix.plan import Cell


@dataclass(frozen=True)
class Report:
    """A matrix with where its cases stand; `seconds` is how long it took."""

    grid: Grid
    cases: CasesSnapshot
    seconds: float

    @cached_property
    def standing(self) -> Mapping[int, Standing]:
        """How cells stand to the baseline, by position."""
        return standings(self.grid)

    @cached_property
    def own(self) -> Sequence[tuple[Cell, CellState]]:
        """The cells that are tested, without those of the baseline."""
        cells = self.grid.plan.cells
        return [(cell, self.grid.cells[cell.position]) for cell in cells if not cell.arm.baseline]

    def count(self, *statuses: str) -> int:
        """Return how many of the tested cells are in one of these states."""
        return sum(state.status in statuses for _, state in self.own)

    @cached_property
    def failures(self) -> Sequence[tuple[Cell, CellState]]:
        """What failed, and did not fail before."""
        known = self.standing
        return [
            (cell, state)
            for cell, state in self.own
            if state.status == "fail" and known.get(cell.position) != "known"
        ]

    @cached_property
    def groups(self) -> Mapping[str, Sequence[tuple[Cell, CellState]]]:
        """All cells by prompt and revision, such as `noir v2`, the baseline's too."""
        found: dict[str, list[tuple[Cell, CellState]]] = {}
        for cell in self.grid.plan.cells:
            found.setdefault(heading(cell), []).append((cell, self.grid.cells[cell.position]))
        return found

    def place(self, cell: Cell) -> str:
        """Return where a case stands, `cases/noir.yaml:12`."""
        path = self.cases.sets[cell.arm.row.name].path
        return f"{cell.case.table}:{cell.case.row}" if cell.case.table else f"{path}:{cell.case.line}"

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        total = len(self.own)
        parts = [f"{self.count('pass')} of {total} passed"]
        known = list(self.standing.values()).count("known")
        failed = self.count("fail")
        if failed:
            parts.append(f"{failed} failed" + (f" ({known} of them known)" if known else ""))
        for status, word in (
            ("excluded", "excluded"),
            ("unchecked", "without a check"),
            ("waiting", "not done"),
        ):
            if self.count(status):
                parts.append(f"{self.count(status)} {word}")
        fixed = list(self.standing.values()).count("fixed")
        if fixed:
            parts.append(f"{fixed} fixed")
        return f"{', '.join(parts)}; {self.cost}; {self.seconds:.1f} s."

    @property
    def cost(self) -> str:
        """What it cost in words."""
        grid = self.grid
        kept = sum(cell.kept for cell in grid.cells)
        words = f"${grid.usd:.4f}"
        if grid.unpriced:
            words += f" and {grid.unpriced} of unknown price"
        return words + (f", {kept} answers kept from before" if kept else "")


def heading(cell: Cell) -> str:
    """Return a prompt with its revision."""
    return f"{cell.arm.row.name} {cell.arm.label}"


def title(cell: Cell) -> str:
    """Return a case with its repeat, if that is not the first."""
    return cell.case.name if cell.repeat == 1 else f"{cell.case.name} ({cell.repeat})"


def reasons(state: CellState) -> list[str]:
    """Return why a cell did not pass, a sentence each, with the line of the check in its file."""
    against = [f"{found.kind} (line {found.line}): {found.finding.reason}" for found in state.against]
    return against or ([state.reason] if state.reason else [])


def model_of(cell: Cell) -> str:
    """Return the model that was asked for by name; empty: the provider's usual one."""
    return cell.request.model or ""
