"""The runs that a filter selects, written to a file, a page at a time."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from tui.core.atomic import new_file
from tui.core.store.database import Database
from tui.core.store.run_formats import head, one
from tui.core.store.search import count_runs, read_runs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui.core.store.run_formats import Format
    from tui.core.store.search import RunFilter

PAGE = 200


class ExportStopped(Exception):
    """It was asked to end; nothing is left of the file."""


def export_runs(
    database: Path,
    wanted: RunFilter,
    path: Path,
    format: Format,
    progress: Callable[[int, int], None] = lambda done, total: None,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Write the runs, newest first, to a new file at `path`; return how many.

    On a connection of its own, so that nobody waits for it; blocks until it is done. `progress` is told after
    every page how many of how many there are. Runs that are added meanwhile are left out. Raises
    FileExistsError, OSError, DatabaseError, and ExportStopped soon after `stopped` says so; the file is there
    whole or not at all.
    """
    with closing(Database.open(database)) as opened, new_file(path) as file:
        with opened.read() as connection:
            total = count_runs(connection, wanted)
            page = read_runs(connection, wanted, PAGE)
        done = 0
        file.write(head(format).encode())
        while page:
            if stopped():
                raise ExportStopped
            file.writelines(one(format, run).encode() for run in page)
            done += len(page)
            progress(done, max(done, total))
            with opened.read() as connection:
                page = read_runs(connection, wanted, PAGE, page[-1].seq)
        return done
