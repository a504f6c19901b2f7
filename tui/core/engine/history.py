"""The runs of all days: looked through a page at a time, opened, and exported in the background."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from tui.core.engine import slow_search
from tui.core.engine.events import ExportChanged, Notice
from tui.core.engine.slow_search import Sofar

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Callable, Collection
    from pathlib import Path

    from tui.core.engine.reach import Reach
    from tui.core.store.attempts import StoredAttempt
    from tui.core.store.run_formats import Format
    from tui.core.store.runs import StoredRun
    from tui.core.store.search import FoundRun, RunFilter


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """A run with the requests that it took, in the order of sending."""

    run: StoredRun
    attempts: tuple[StoredAttempt, ...] = ()


class History:
    """For any thread; futures raise DatabaseError, and cancelling one drops what has not begun."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._exporting: threading.Event | None = None

    def page(
        self, wanted: RunFilter, limit: int, *, after: int | None = None, before: int | None = None
    ) -> concurrent.futures.Future[list[FoundRun]]:
        """Return up to `limit` runs, newest first, below or above a known one (see search.find_runs)."""

        async def read() -> list[FoundRun]:
            from tui.core.store.search import find_runs
            from tui.core.store.stretches import reads_texts

            database = self._reach.shelf().database
            if reads_texts(wanted):
                return await slow_search.page(database, wanted, limit, after, before)
            return await database.read(find_runs, wanted, limit, after, before)

        return self._reach.submit(read)

    def count(self, wanted: RunFilter) -> concurrent.futures.Future[int]:
        """Return how many runs there are in all."""

        async def count() -> int:
            from tui.core.store.search import count_runs
            from tui.core.store.stretches import reads_texts

            database = self._reach.shelf().database
            if reads_texts(wanted):
                return await slow_search.count(database, wanted)
            return await database.read(count_runs, wanted)

        return self._reach.submit(count)

    def search(
        self, wanted: RunFilter, limit: int, tell: Callable[[Sofar], object]
    ) -> concurrent.futures.Future[Sofar]:
        """Return the first runs and the count of all, for what `reads_texts`: `page` and `count` in one.

        `tell` is called, on the engine's loop, with what is known so far.
        """

        async def search() -> Sofar:
            found = Sofar((), 0, 1.0)
            async for found in slow_search.search(self._reach.shelf().database, wanted, limit):
                tell(found)
            return found

        return self._reach.submit(search)

    def again(self, seqs: Collection[int], text: str = "") -> concurrent.futures.Future[list[FoundRun]]:
        """Return these runs as they are now, with excerpts for a search of `text`."""

        async def read() -> list[FoundRun]:
            from tui.core.store.search import look_again

            return await self._reach.shelf().database.read(look_again, seqs, text)

        return self._reach.submit(read)

    def open(self, run_id: str) -> concurrent.futures.Future[OpenedRun | None]:
        """Return everything about a run, None if there is no such run."""

        async def read() -> OpenedRun | None:
            from tui.core.store.attempts import attempts_of
            from tui.core.store.runs import get_run

            database = self._reach.shelf().database
            run = await database.read(get_run, run_id)
            return None if run is None else OpenedRun(run, tuple(await database.read(attempts_of, run_id)))

        return self._reach.submit(read)

    # ---------------------------------------------------------------- export

    def export(self, wanted: RunFilter, path: Path, format: Format) -> None:
        """Write the runs to a new file; ExportChanged tells how far it is, a Notice how it ended.

        One at a time: another one is refused by a Notice.
        """

        async def export() -> None:
            if self._exporting is not None:
                self._reach.publish(Notice("An export is going on: wait for it, or cancel it.", "warning"))
                return
            self._exporting = stop = threading.Event()
            try:
                self._reach.publish(Notice(*await self._export(wanted, path, format, stop)))
            finally:
                self._exporting = None
                self._reach.publish(ExportChanged(None, 0, 0))

        self._reach.command(export)

    def stop_export(self) -> None:
        """End the export that goes on, if any; its file is not made."""
        if (exporting := self._exporting) is not None:
            exporting.set()

    async def _export(
        self, wanted: RunFilter, path: Path, format: Format, stop: threading.Event
    ) -> tuple[str] | tuple[str, Literal["warning", "error"]]:
        """Return the sentence that says how it ended, and how bad that is."""
        from tui.core.store.export import ExportStopped, export_runs

        def progress(done: int, total: int) -> None:
            self._reach.publish(ExportChanged(path, done, total))

        database = self._reach.workspace.database
        work = partial(export_runs, database, wanted, path, format, progress, stop.is_set)
        try:
            done = await asyncio.to_thread(work)
        except ExportStopped:
            return "The export was cancelled; no file was made.", "warning"
        except FileExistsError:
            return f"{path} is there already: choose another name.", "error"
        except OSError as error:
            return f"{path} could not be written ({error.strerror}).", "error"
        return (f"Exported {done:,} {'run' if done == 1 else 'runs'} to {path}.",)
