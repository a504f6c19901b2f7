"""Schema 4: matrices of cases, versions and providers, and what came of each of their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, ForeignKey, Integer, Text, UniqueConstraint, func

from tui.core.store.columns import JsonText, UtcTime

if TYPE_CHECKING:
    from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Add the tables `matrices` and `cells`."""
    op.create_table(
        "matrices",
        Column("id", Text, primary_key=True, comment="UUID"),
        Column("plan", Text, nullable=False, comment="SHA-256 of all that was to be done, hexadecimal"),
        Column(
            "created_at",
            UtcTime,
            nullable=False,
            server_default=func.current_timestamp(),
            comment="when it was asked for",
        ),
        Column("finished_at", UtcTime, comment="when all was done; NULL: it may be gone on with"),
        Column("pid", Integer, nullable=False, comment="process that carries it out"),
        Column("host", Text, nullable=False, comment="computer of that process"),
    )
    op.create_index("matrices_by_plan", "matrices", ["plan"])
    op.create_table(
        "cells",
        Column("id", Integer, primary_key=True),
        Column("matrix_id", Text, ForeignKey("matrices.id"), nullable=False),
        Column("position", Integer, nullable=False, comment="in the plan, from 0"),
        Column("name", Text, nullable=False, comment="the prompt"),
        Column("version", Integer, nullable=False),
        Column("content_hash", Text, nullable=False, comment="of the revision"),
        Column("case_name", Text, nullable=False),
        Column("provider", Text, nullable=False),
        Column("repeat", Integer, nullable=False, comment="1 for the first time of asking"),
        Column("key", Text, nullable=False, comment="SHA-256 of the request and the repeat, hexadecimal"),
        Column("run_id", Text, nullable=False, comment="of runs.id, once it was sent; judges: see findings"),
        Column(
            "status",
            Text,
            nullable=False,
            server_default="waiting",
            comment="waiting, pass, fail, excluded, unchecked",
        ),
        Column(
            "findings",
            JsonText,
            nullable=False,
            server_default="[]",
            comment="JSON array: kind, verdict, reason of each check",
        ),
        UniqueConstraint("matrix_id", "position"),
    )
    op.create_index("cells_by_key", "cells", ["key"])
    op.create_index("cells_of_run", "cells", ["run_id"])
