"""The steps from each schema to the next, one file each; imported only for a database that is behind.

A step is written once and not changed again: it says what the tables were like then, whatever they are today.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from tui.core.store.fulltext import renew_index

if TYPE_CHECKING:
    from sqlalchemy import Connection


def migrate(connection: Connection, version: int, target: int) -> None:
    """Bring the tables from schema `version` to `target`, in the transaction that `connection` is in.

    Alembic does the operations; its own table of versions is not used, since `PRAGMA user_version` counts.
    """
    operations = Operations(MigrationContext.configure(connection))
    for number in range(version + 1, target + 1):
        import_module(f"{__name__}.v{number}").upgrade(operations)
    renew_index(connection)
