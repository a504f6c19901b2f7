"""The requests that were really sent, one by one: a run has as many as it took."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from tui.core.store.tables import ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

OK = "ok"
"""The status of an attempt that was answered."""


@dataclass(frozen=True, slots=True)
class StoredAttempt:
    """One request of a run; times are aware, `status` is "ok" or the kind of error."""

    run_id: str
    provider: str
    model: str
    number: int
    """1 for the first of its run."""
    started_at: datetime
    ended_at: datetime
    status: str
    message: str | None = None
    http_status: int | None = None
    retry_after_s: float | None = None
    parameters: Mapping[str, Any] | None = None
    """As they were sent, without those that the model is known to refuse; None: not known."""
    note: str | None = None
    """What the next request of the run does differently, as a sentence."""


_COLUMNS = [ATTEMPTS.c[name] for name in StoredAttempt.__slots__]


def add_attempt(connection: Connection, attempt: StoredAttempt) -> None:
    """Store a request of a run that has been started (see runs.start_run)."""
    connection.execute(insert(ATTEMPTS).values(asdict(attempt)))


def attempts_of(connection: Connection, run_id: str) -> list[StoredAttempt]:
    """Return the requests of a run in the order of sending."""
    query = select(*_COLUMNS).where(ATTEMPTS.c.run_id == run_id).order_by(ATTEMPTS.c.number, ATTEMPTS.c.id)
    return [StoredAttempt(*row) for row in connection.execute(query)]
