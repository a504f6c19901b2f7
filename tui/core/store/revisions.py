"""The local history in the database: what each version's file has said, and how its runs did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from tui.core.store.tables import REVISIONS, RUNS, TEMPLATES

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """One saved content of a version; `created_at` is when it was first seen, aware, in UTC."""

    id: int
    content_hash: str
    content: str
    created_at: datetime
    runs: int
    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A version that has a file, or had one; `content` is the last that was served."""

    name: str
    version: int
    path: str
    retired_at: datetime | None
    content_hash: str
    content: str


def known_versions(connection: Connection, name: str) -> list[KnownVersion]:
    """Return the versions of a prompt, retired ones too, the lowest first."""
    same = (REVISIONS.c.template_id == TEMPLATES.c.id) & (
        REVISIONS.c.content_hash == TEMPLATES.c.content_hash
    )
    columns = (
        *(TEMPLATES.c[key] for key in KnownVersion.__slots__[:-1]),
        func.coalesce(REVISIONS.c.content, ""),
    )
    query = select(*columns).outerjoin_from(TEMPLATES, REVISIONS, same).where(TEMPLATES.c.name == name)
    return [KnownVersion(*row) for row in connection.execute(query.order_by(TEMPLATES.c.version))]


def retired_versions(connection: Connection) -> list[tuple[str, int]]:
    """Return the versions whose files have gone, the last one first."""
    query = select(TEMPLATES.c.name, TEMPLATES.c.version).where(TEMPLATES.c.retired_at.is_not(None))
    newest = query.order_by(TEMPLATES.c.retired_at.desc(), TEMPLATES.c.id.desc())
    return [(name, version) for name, version in connection.execute(newest)]


def revisions_of(connection: Connection, name: str, version: int) -> list[StoredRevision]:
    """Return all that a version's file has said, the newest first, with the runs that each was sent in."""
    template = select(TEMPLATES.c.id).where(TEMPLATES.c.name == name, TEMPLATES.c.version == version)
    template_id = connection.execute(template).scalar_one_or_none()
    counted = (
        select(
            RUNS.c.revision_id.label("revision_id"),
            func.count().label("runs"),
            func.sum(case((RUNS.c.outcome == "success", 1), else_=0)).label("good"),
            func.sum(case((RUNS.c.outcome == "failure", 1), else_=0)).label("bad"),
        )
        .where(RUNS.c.template_id == template_id)
        .group_by(RUNS.c.revision_id)
        .subquery()
    )
    columns = [REVISIONS.c[key] for key in StoredRevision.__slots__[:4]]
    counts = [func.coalesce(counted.c[key], 0) for key in ("runs", "good", "bad")]
    query = select(*columns, *counts).outerjoin_from(
        REVISIONS, counted, counted.c.revision_id == REVISIONS.c.id
    )
    query = query.where(REVISIONS.c.template_id == template_id)
    newest = query.order_by(REVISIONS.c.created_at.desc(), REVISIONS.c.id.desc())
    return [StoredRevision(*row) for row in connection.execute(newest)]
