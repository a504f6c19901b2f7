"""A matrix in the database: begun or gone on with, and its cells as they come to an end."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.core.engine.matrix.carry import Start
from tui.core.engine.matrix.grid import CellState, Grid
from tui.core.engine.matrix.verdict import from_record, note
from tui.core.engine.processes import host
from tui.core.engine.recall import recalled
from tui.core.store import matrices, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from tui.core.engine.events import RunState
    from tui.core.engine.matrix.plan import Cell, Plan
    from tui.core.store.matrices import CellEnd, StoredCell
    from tui.core.store.thread import DatabaseThread

_OVER = ("pass", "fail", "unchecked")
"""The states of a cell that is not done again when its matrix is gone on with."""


class Written:
    """The record of one matrix; for the engine's loop."""

    def __init__(self, database: DatabaseThread, matrix_id: str) -> None:
        self._database = database
        self.id = matrix_id

    async def finish(self, end: CellEnd) -> None:
        """Write down a cell, and rate its run."""
        await self._database.write(matrices.finish_cell, self.id, end)

    async def recall(self, run_id: str) -> RunState | None:
        """Return a run that was sent before, however it ended."""
        found = await self._database.read(runs.get_run, run_id)
        return None if found is None else recalled(found)

    async def close(self) -> None:
        """Note that nothing is left to do."""
        await self._database.write(matrices.finish_matrix, self.id, datetime.now(UTC))


async def begin(
    database: DatabaseThread,
    plan: Plan,
    is_alive: Callable[[str, int], bool],
    *,
    reuse: bool,
    fresh: bool,
) -> tuple[Written, Start]:
    """Write a matrix down, or with the same plan go on with one that was left unfinished, unless `fresh`.

    With `reuse`, cells whose request was answered in any earlier matrix take that answer.
    """
    owner = matrices.Owner(os.getpid(), host())

    def prepare(connection: Connection) -> tuple[str, Start]:
        found = None if fresh else matrices.take_over(connection, plan.digest, owner, is_alive)
        if found is not None:
            return found, _left(connection, found)
        matrix_id = uuid.uuid4().hex
        keys = {cell.key for cell in plan.cells} if reuse else set()
        earlier = matrices.answered(connection, keys)
        start = _start(connection, plan, earlier)
        cells = [_stored(cell, start.run_ids[cell.position]) for cell in plan.cells]
        matrices.begin_matrix(connection, matrix_id, plan.digest, cells, owner, datetime.now(UTC))
        return matrix_id, start

    matrix_id, start = await database.write(prepare)
    return Written(database, matrix_id), start


async def recall(database: DatabaseThread, plan: Plan, after: str = "") -> Grid | None:
    """Return the newest matrix of a plan as it was written down; None if there never was one.

    With `after`, the id of a matrix, it must have been begun later than that one.
    """

    def read(connection: Connection) -> Grid | None:
        found = matrices.newest_of(connection, plan.digest, after)
        if found is None:
            return None
        cells: list[CellState] = []
        for cell in matrices.cells_of(connection, found[0]):
            run = runs.get_run(connection, cell.run_id) if cell.status != "waiting" else None
            cells.append(CellState() if run is None else _shown(cell, recalled(run)))
        return Grid(found[0], plan, tuple(cells), over=found[1])

    return await database.read(read)


def _start(connection: Connection, plan: Plan, earlier: Mapping[str, str]) -> Start:
    answers: dict[int, RunState] = {}
    for cell in plan.cells:
        run = runs.get_run(connection, earlier[cell.key]) if cell.key in earlier else None
        if run is not None:
            answers[cell.position] = recalled(run)
    ids = {
        cell.position: answers[cell.position].id if cell.position in answers else uuid.uuid4().hex
        for cell in plan.cells
    }
    return Start(ids, answers)


def _left(connection: Connection, matrix_id: str) -> Start:
    """Return what of a matrix is done, what is answered and not judged yet, and new ids for all else."""
    ids: dict[int, str] = {}
    answers: dict[int, RunState] = {}
    done: dict[int, CellState] = {}
    for cell in matrices.cells_of(connection, matrix_id):
        run = runs.get_run(connection, cell.run_id)
        if run is not None and cell.status in _OVER:
            done[cell.position] = _shown(cell, recalled(run))
        elif run is not None and run.status == "done":
            answers[cell.position] = recalled(run)
            ids[cell.position] = cell.run_id
        else:
            ids[cell.position] = cell.run_id if run is None else uuid.uuid4().hex
            if run is not None:
                matrices.assign_run(connection, matrix_id, cell.position, ids[cell.position])
    return Start(ids, answers, done)


def _shown(cell: StoredCell, run: RunState) -> CellState:
    found = tuple(from_record(dict(record)) for record in cell.findings)
    return CellState(
        status=cell.status,
        run_id=run.id,
        found=found,
        reason=run.error or note(found) if cell.status == "excluded" else "",
        usd=run.cost.usd if run.cost else None,
        total_s=run.total_s,
        kept=True,
    )


def _stored(cell: Cell, run_id: str) -> StoredCell:
    row = cell.arm.row
    return matrices.StoredCell(
        position=cell.position,
        name=row.name,
        version=row.version,
        content_hash=row.content_hash,
        case_name=cell.case.name,
        provider=cell.request.provider,
        repeat=cell.repeat,
        key=cell.key,
        run_id=run_id,
    )
