"""Matrices of runs in the database: begun, gone on with after a crash, and what came of each cell."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import insert, or_, select, update

from tui.core.store.prompts import update_success_rate
from tui.core.store.tables import CELLS, MATRICES, RUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from tui.core.store.runs import Outcome

CellStatus = Literal["waiting", "pass", "fail", "excluded", "unchecked"]
HUMAN = "human"
"""Who rated a run whose rating no check may change."""
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class StoredCell:
    """One run of a matrix; `findings` are plain JSON objects."""

    position: int
    name: str
    version: int
    content_hash: str
    case_name: str
    provider: str
    repeat: int
    key: str
    run_id: str
    status: CellStatus = "waiting"
    findings: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Owner:
    """A process; `host` is its computer."""

    pid: int
    host: str


def begin_matrix(
    connection: Connection,
    matrix_id: str,
    plan: str,
    cells: Sequence[StoredCell],
    owner: Owner,
    now: datetime,
) -> None:
    """Store a matrix of which nothing is done yet."""
    values = {"id": matrix_id, "plan": plan, "created_at": now, **asdict(owner)}
    connection.execute(insert(MATRICES).values(values))
    rows = [{**asdict(cell), "findings": list(cell.findings), "matrix_id": matrix_id} for cell in cells]
    for start in range(0, len(rows), _CHUNK):
        connection.execute(insert(CELLS), rows[start : start + _CHUNK])


def take_over(
    connection: Connection, plan: str, owner: Owner, is_alive: Callable[[str, int], bool]
) -> str | None:
    """Make the newest unfinished matrix of a plan, whose process has gone, this one's; return its id.

    `is_alive` takes host and pid. None if there is no such matrix.
    """
    unfinished = MATRICES.c.finished_at.is_(None)
    query = select(MATRICES.c.id, MATRICES.c.host, MATRICES.c.pid).where(MATRICES.c.plan == plan, unfinished)
    for matrix_id, host, pid in connection.execute(query.order_by(MATRICES.c.created_at.desc())).all():
        if not is_alive(host, pid):
            connection.execute(update(MATRICES).where(MATRICES.c.id == matrix_id).values(asdict(owner)))
            return str(matrix_id)
    return None


def newest_of(connection: Connection, plan: str, after: str = "") -> tuple[str, bool] | None:
    """Return the id of the newest matrix of a plan, and whether it is finished; None if there is none.

    With `after` only those count that were begun later than the matrix of that id.
    """
    query = select(MATRICES.c.id, MATRICES.c.finished_at).where(MATRICES.c.plan == plan)
    if after:
        begun = select(MATRICES.c.created_at).where(MATRICES.c.id == after).scalar_subquery()
        query = query.where(MATRICES.c.created_at > begun)
    row = connection.execute(query.order_by(MATRICES.c.created_at.desc()).limit(1)).one_or_none()
    return None if row is None else (row.id, row.finished_at is not None)


def cells_of(connection: Connection, matrix_id: str) -> list[StoredCell]:
    """Return a matrix's cells by position."""
    columns = [CELLS.c[name] for name in StoredCell.__slots__]
    query = select(*columns).where(CELLS.c.matrix_id == matrix_id).order_by(CELLS.c.position)
    return [StoredCell(*row) for row in connection.execute(query)]


def assign_run(connection: Connection, matrix_id: str, position: int, run_id: str) -> None:
    """Say which run a cell is to have, before it is sent."""
    here = (CELLS.c.matrix_id == matrix_id) & (CELLS.c.position == position)
    connection.execute(update(CELLS).where(here).values(run_id=run_id))


def answered(connection: Connection, keys: Collection[str]) -> dict[str, str]:
    """Return, by key, the newest answered run of any cell with that request and repeat."""
    found: dict[str, str] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), _CHUNK):
        some = CELLS.c.key.in_(wanted[start : start + _CHUNK])
        query = select(CELLS.c.key, RUNS.c.id).join_from(CELLS, RUNS, RUNS.c.id == CELLS.c.run_id)
        done = (RUNS.c.status == "done") & RUNS.c.error_class.is_(None)
        found.update(
            (key, run) for key, run in connection.execute(query.where(some, done).order_by(RUNS.c.seq))
        )
    return found


@dataclass(frozen=True, slots=True)
class CellEnd:
    """What came of a cell; `outcome` is for its run, None: it is left as it is."""

    position: int
    run_id: str
    status: CellStatus
    findings: Sequence[Mapping[str, Any]]
    outcome: Outcome | None = None
    source: str = ""
    """Who says so: assertion or judge."""
    note: str = ""


def finish_cell(connection: Connection, matrix_id: str, end: CellEnd) -> None:
    """Store what came of a cell, and rate its run; what a person said of the run stays."""
    here = (CELLS.c.matrix_id == matrix_id) & (CELLS.c.position == end.position)
    values = {"run_id": end.run_id, "status": end.status, "findings": list(end.findings)}
    connection.execute(update(CELLS).where(here).values(values))
    if end.outcome is None:
        return
    not_human = or_(RUNS.c.outcome_source.is_(None), RUNS.c.outcome_source != HUMAN)
    rated = update(RUNS).where(RUNS.c.id == end.run_id, not_human).returning(RUNS.c.template_id)
    changes = {"outcome": end.outcome, "outcome_source": end.source, "note": end.note}
    template_id = connection.execute(rated.values(changes)).scalar_one_or_none()
    if template_id is not None:
        update_success_rate(connection, template_id)


def finish_matrix(connection: Connection, matrix_id: str, now: datetime) -> None:
    """Note that nothing of a matrix is left to do."""
    connection.execute(update(MATRICES).where(MATRICES.c.id == matrix_id).values(finished_at=now))
