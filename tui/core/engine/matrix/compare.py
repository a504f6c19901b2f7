"""A matrix held against its baseline: what is worse than before, what was wrong already, what is mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.engine.matrix.grid import CellStatus, Grid

Standing: TypeAlias = Literal["regression", "known", "fixed", "new"]
"""A failure is new where the baseline has nothing that says whether it passed there."""


def standings(grid: Grid) -> Mapping[int, Standing]:
    """Return, by position, how the cells that are no baseline stand to those that are; without one, nothing.

    Those that pass, and did so before, are not in it.
    """
    plan = grid.plan
    if not plan.baseline:
        return {}
    before: dict[tuple[str, int, str, str, int], CellStatus] = {
        cell.place: grid.cells[cell.position].status for cell in plan.cells if cell.arm.baseline
    }
    found: dict[int, Standing] = {}
    for cell in plan.cells:
        if cell.arm.baseline:
            continue
        now, earlier = grid.cells[cell.position].status, before.get(cell.place)
        row = cell.arm.row
        if now == "fail" and ((row.name, row.version) in plan.unchanged or earlier == "fail"):
            found[cell.position] = "known"
        elif now == "fail":
            found[cell.position] = "regression" if earlier == "pass" else "new"
        elif now == "pass" and earlier == "fail":
            found[cell.position] = "fixed"
    return found
