"""Schema 5: each request with the parameters that it was really sent with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import REAL, Column, ForeignKey, Integer, Text

from tui.core.store.columns import JsonText, UtcTime

if TYPE_CHECKING:
    from alembic.operations import Operations

_KEPT = (
    "id, run_id, provider, model, number, started_at, ended_at, status, message, http_status, retry_after_s"
)


def upgrade(op: Operations) -> None:
    """Build `attempts` anew with two columns more."""
    op.rename_table("attempts", "attempts_v4")
    op.create_table(
        "attempts",
        Column("id", Integer, primary_key=True),
        Column("run_id", Text, ForeignKey("runs.id"), nullable=False),
        Column("provider", Text, nullable=False),
        Column("model", Text, nullable=False, comment="as asked for"),
        Column("number", Integer, nullable=False, comment="1 for the first of its run"),
        Column("started_at", UtcTime, nullable=False, comment="when it was sent"),
        Column("ended_at", UtcTime, nullable=False, comment="when its answer had come, or its error"),
        Column("status", Text, nullable=False, comment="ok, or the kind of error"),
        Column("message", Text, comment="the error in one sentence"),
        Column("http_status", Integer, comment="200, 429, ...; NULL: none was told"),
        Column("retry_after_s", REAL, comment="seconds to wait, as the provider said; NULL: it did not"),
        Column("parameters", JsonText, comment="JSON map, as sent; NULL: not known"),
        Column("note", Text, comment="what was changed for the next one, as a sentence"),
    )
    op.get_bind().exec_driver_sql(f"INSERT INTO attempts ({_KEPT}) SELECT {_KEPT} FROM attempts_v4")
    op.drop_table("attempts_v4")
    op.create_index("attempts_of_run", "attempts", ["run_id"])
    op.create_index("attempts_by_provider", "attempts", ["provider", "started_at"])
