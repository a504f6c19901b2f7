"""Drafts in the database: what was typed into a prompt file and is not in the file yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from tui.core.store.tables import DRAFTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """One draft of a file; `base_hash` is the content hash of the file it was begun from.

    Without a `pid` it was set aside: no process goes on with it, and a file may have several.
    """

    path: str
    content: str
    base_hash: str
    updated_at: datetime
    pid: int | None
    host: str
    cursor: Mapping[str, Any] | None = None
    """Where the cursor was, in whatever terms the editor uses."""
    id: int | None = None
    """Given by the database."""


_COLUMNS = [DRAFTS.c[name] for name in StoredDraft.__slots__]
_GIVEN = [name for name in StoredDraft.__slots__ if name != "id"]


def save_draft(connection: Connection, draft: StoredDraft) -> None:
    """Store a draft in place of the one that the same process has of the same file."""
    statement = insert(DRAFTS).values({name: getattr(draft, name) for name in _GIVEN})
    key = ["path", "host", "pid"]
    changed = {name: statement.excluded[name] for name in _GIVEN if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed))


def load_drafts(connection: Connection, path: str | None = None) -> list[StoredDraft]:
    """Return every draft, or those of one file, the newest first."""
    query = select(*_COLUMNS).order_by(DRAFTS.c.updated_at.desc(), DRAFTS.c.id.desc())
    if path is not None:
        query = query.where(DRAFTS.c.path == path)
    return [StoredDraft(*row) for row in connection.execute(query)]


def drop_draft(connection: Connection, path: str, host: str, pid: int) -> None:
    """Forget the draft that a process has of a file, once it is saved or given up."""
    mine = (DRAFTS.c.path == path, DRAFTS.c.host == host, DRAFTS.c.pid == pid)
    connection.execute(delete(DRAFTS).where(*mine))


def drop_drafts(connection: Connection, ids: list[int]) -> None:
    """Forget drafts by their ids, once another has taken them over or they are given up."""
    connection.execute(delete(DRAFTS).where(DRAFTS.c.id.in_(ids)))
