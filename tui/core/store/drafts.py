"""Drafts in the database: what was typed into a prompt file and is not in the file yet."""

from __future__ import annotations

from dataclasses import asdict, dataclass
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
    """One file's draft; `base_hash` is the content hash of the file it was begun from."""

    path: str
    content: str
    base_hash: str
    updated_at: datetime
    pid: int
    host: str
    cursor: Mapping[str, Any] | None = None
    """Where the cursor was, in whatever terms the editor uses."""


_COLUMNS = [DRAFTS.c[name] for name in StoredDraft.__slots__]


def save_draft(connection: Connection, draft: StoredDraft) -> None:
    """Store a draft in place of the file's earlier one."""
    row = asdict(draft)
    statement = insert(DRAFTS).values(row)
    changed = {name: statement.excluded[name] for name in row if name != "path"}
    connection.execute(statement.on_conflict_do_update(index_elements=["path"], set_=changed))


def load_draft(connection: Connection, path: str) -> StoredDraft | None:
    """Return a file's draft, or None if nothing unsaved was typed into it."""
    row = connection.execute(select(*_COLUMNS).where(DRAFTS.c.path == path)).one_or_none()
    return None if row is None else StoredDraft(*row)


def load_drafts(connection: Connection) -> list[StoredDraft]:
    """Return every draft, the newest first."""
    query = select(*_COLUMNS).order_by(DRAFTS.c.updated_at.desc(), DRAFTS.c.path)
    return [StoredDraft(*row) for row in connection.execute(query)]


def drop_draft(connection: Connection, path: str) -> None:
    """Forget a file's draft, once it is saved or given up."""
    connection.execute(delete(DRAFTS).where(DRAFTS.c.path == path))
