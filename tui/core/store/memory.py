"""What the screen remembers from one start to the next: a JSON value for each key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from tui.core.store.tables import MEMORY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection


def remember(connection: Connection, values: Mapping[str, Any], now: datetime) -> None:
    """Store each value, which JSON must be able to express, under its key; None forgets the key."""
    gone = [key for key, value in values.items() if value is None]
    rows = [
        {"key": key, "value": value, "updated_at": now} for key, value in values.items() if value is not None
    ]
    if gone:
        connection.execute(delete(MEMORY).where(MEMORY.c.key.in_(gone)))
    if rows:
        statement = insert(MEMORY)
        changed = {name: statement.excluded[name] for name in ("value", "updated_at")}
        connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=changed), rows)


def rename(connection: Connection, old: str, new: str) -> None:
    """Let what is remembered under a key, if anything, be so under another one, in place of what was."""
    if connection.execute(select(MEMORY.c.key).where(MEMORY.c.key == old)).first() is not None:
        connection.execute(delete(MEMORY).where(MEMORY.c.key == new))
        connection.execute(update(MEMORY).where(MEMORY.c.key == old).values(key=new))


def remembered(connection: Connection, prefix: str = "") -> dict[str, Any]:
    """Return what is remembered under the keys that begin with `prefix`."""
    query = select(MEMORY.c.key, MEMORY.c.value).where(func.substr(MEMORY.c.key, 1, len(prefix)) == prefix)
    return {key: value for key, value in connection.execute(query)}  # noqa: C416 - rows are not typed as pairs
