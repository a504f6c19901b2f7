"""A database that one process has open more than once, while other processes come and go."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from sqlalchemy import text

from tui.core.store.database import Database

if TYPE_CHECKING:
    from pathlib import Path

_COME_AND_GO = """
import sys
from pathlib import Path
from sqlalchemy import text
from tui.core.store.database import Database

database = Database.open(Path(sys.argv[1]))
with database.read() as connection:
    print(connection.execute(text("SELECT count(*) FROM note")).scalar())
database.close()
"""


def test_what_one_writes_is_seen_by_those_who_come_and_go(tmp_path: Path) -> None:
    path = tmp_path / "one.db"
    first, second = Database.open(path), Database.open(path)
    with first.begin() as connection:
        connection.execute(text("CREATE TABLE note (number INTEGER)"))
    for written in range(2):
        done = subprocess.run(
            [sys.executable, "-c", _COME_AND_GO, str(path)], capture_output=True, text=True, check=True
        )
        assert int(done.stdout) == written
        with first.begin() as connection:
            connection.execute(text("INSERT INTO note VALUES (1)"))
    first.close()
    second.close()
