"""A finished matrix as plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.commands.reports.tally import model_of
from tui.core.engine.matrix.verdict import as_record

if TYPE_CHECKING:
    from tui.commands.reports.tally import Report
    from tui.core.engine.matrix.grid import CellState
    from tui.core.engine.matrix.plan import Cell


def as_dict(report: Report) -> dict[str, object]:
    """Return all of it; null is what is not known."""
    grid = report.grid
    return {
        "id": grid.id,
        "baseline": grid.plan.baseline or None,
        "cells": len(report.own),
        "passed": report.count("pass"),
        "failed": report.count("fail"),
        "failed_anew": len(report.failures),
        "excluded": report.count("excluded"),
        "unchecked": report.count("unchecked"),
        "not_done": report.count("waiting"),
        "usd": float(grid.usd),
        "unpriced": grid.unpriced,
        "seconds": round(report.seconds, 3),
        "stopped": grid.stopped or None,
        "results": [_cell(report, cell, grid.cells[cell.position]) for cell in grid.plan.cells],
    }


def _cell(report: Report, cell: Cell, state: CellState) -> dict[str, object]:
    row = cell.arm.row
    return {
        "prompt": row.name,
        "version": row.version,
        "revision": row.content_hash,
        "label": cell.arm.label,
        "baseline": cell.arm.baseline,
        "case": cell.case.name,
        "place": report.place(cell),
        "provider": cell.request.provider,
        "model": model_of(cell) or None,
        "repeat": cell.repeat,
        "status": state.status,
        "standing": report.standing.get(cell.position),
        "reason": state.reason or None,
        "checks": [as_record(found) for found in state.found],
        "run": state.run_id or None,
        "kept": state.kept,
        "usd": None if state.usd is None else float(state.usd),
        "seconds": None if state.total_s is None else round(state.total_s, 3),
    }
