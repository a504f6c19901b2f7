"""Schema 6: indexes of the runs of one prompt by time, of those that run, and of those that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Add the three indexes."""
    op.create_index("runs_of_prompt", "runs", ["name", "created_at"])
    op.create_index("runs_running", "runs", ["host", "pid"], sqlite_where=text("status = 'running'"))
    op.create_index(
        "runs_with_error", "runs", ["provider", "created_at"], sqlite_where=text("error_class IS NOT NULL")
    )
