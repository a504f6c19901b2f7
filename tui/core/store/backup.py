"""A copy of a database that may be in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def back_up(database: Path, copy: Path) -> None:
    """Copy the last committed state of `database` to the file `copy`, which is replaced, whole or not at all.

    Other connections, also this thread's own with a transaction open, may go on. Raises OSError and
    sqlite3.Error.
    """
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    # As private as the database itself, from the first byte on.
    os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(unfinished)) as target:
            source.backup(target)
        unfinished.replace(copy)
    finally:
        unfinished.unlink(missing_ok=True)
