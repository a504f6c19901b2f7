"""The prompts folder in the database, kept up to date with the files and with other processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from tui.core.cases.book import CaseBook
from tui.core.engine.events import CasesChanged, Event, LibraryChanged, Notice, TodayChanged, WatchChanged
from tui.core.engine.inbox import EngineStopped
from tui.core.engine.processes import host, runs_here
from tui.core.prompts.files import is_case_path, is_table_path
from tui.core.prompts.library import Library
from tui.core.prompts.watcher import watch
from tui.core.store import costs, prompts, runs
from tui.core.store.days import day_start

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection
    from pathlib import Path

    from sqlalchemy import Connection

    from tui.core.cases.book import CasesSnapshot
    from tui.core.prompts.snapshot import LibrarySnapshot, VersionRow
    from tui.core.prompts.watcher import Changes
    from tui.core.store.thread import DatabaseThread

_COUNTS_INTERVAL_S = 1.0
_ORPHANS_INTERVAL_S = 5.0

_open_here: list[Path] = []
"""The databases that this process has open, each as often as it has."""


class Shelf:
    """Publishes a LibraryChanged for every change of the files or of their counts; for the engine's loop."""

    def __init__(
        self,
        folder: Path,
        database: DatabaseThread,
        publish: Callable[[Event], None],
        also: Callable[[], Awaitable[None]],
    ) -> None:
        self.database = database
        self._folder = folder
        self._library = Library(folder, database.database)
        self._cases = CaseBook(folder)
        self._cases_shown = self._cases.snapshot
        self._publish = publish
        self._also = also  # what else is to be looked at when another process has changed the database
        self._stop = asyncio.Event()
        self._seen = -1
        self._generation = 0
        self._watched: WatchChanged | None = None
        self._behind = False
        self._complaint = ""
        self._orphans_at = 0.0
        _open_here.append(database.database.path)

    def stop(self) -> None:
        """End `load` and `follow`; once."""
        if not self._stop.is_set():
            self._stop.set()
            _open_here.remove(self.database.database.path)

    async def load(self) -> LibrarySnapshot:
        """Bring the database up to the files, showing the first rows early.

        Raises DatabaseError, and EngineStopped if `stop` comes first.
        """
        self._seen = await self.database.call(self.database.database.data_version)
        await self.database.write(runs.close_orphans, self.is_alive, datetime.now(UTC))
        snapshot = await self.database.call(self._library.scan, self._show_part)
        self._show(snapshot)
        await self._read_cases()
        await self._publish_today()
        await self._also()
        return snapshot

    @property
    def versions(self) -> tuple[VersionRow, ...]:
        """The versions as the library has them now."""
        return self._library.snapshot.versions

    @property
    def cases(self) -> CasesSnapshot:
        """The cases as they are now; for any thread."""
        return self._cases.snapshot

    async def follow(self) -> None:
        """Follow the files and the other processes' counts until `stop`."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow_files())
            tasks.create_task(self._follow_counts())

    async def update(self, paths: Collection[Path]) -> None:
        """Take in these files now."""
        await self._update([path.relative_to(self._folder) for path in paths])

    async def rewrite(self, change: Callable[[Connection], None]) -> None:
        """Let `change` alter rows and files in one transaction, and take in what came of it.

        Raises what `change` raises, and DatabaseError.
        """
        self._show(await self.database.call(self._library.rewrite, change))

    async def counted(self, counts: prompts.Counts) -> None:
        """Publish the counts of one version, as a transaction of now has read them."""
        self._show(await self.database.call(self._library.put_counts, [counts]))

    async def refresh_counts(self) -> None:
        """Publish the counts as the database has them now; never raises."""
        try:
            self._show(await self.database.call(self._library.refresh_counts))
            await self._publish_today()
        except Exception as error:  # noqa: BLE001 - what was counted is counted; only its showing failed
            self._complain(error)

    async def _update(self, paths: Collection[Path]) -> None:
        cases = [path for path in paths if is_case_path(path) or is_table_path(path)]
        if cases:
            await self._read_cases(cases)
        if len(cases) < len(paths):
            await self._take_in(partial(self._library.update, paths))

    async def _read_cases(self, paths: Collection[Path] | None = None) -> None:
        """Look at these files of cases, or at all of them."""
        read = self._cases.scan if paths is None else partial(self._cases.update, paths)
        snapshot = await self.database.call(read)  # in its thread, where one look comes after the other
        if snapshot is not self._cases_shown:
            self._cases_shown = snapshot
            self._publish(CasesChanged(snapshot))

    async def _follow_files(self) -> None:
        try:
            async with aclosing(watch(self._folder, stop=self._stop)) as batches:
                async for changes in batches:
                    self._tell_watched(changes)
                    if changes.rescan or self._behind:
                        await self._take_in(self._library.scan)
                        await self._read_cases()
                    elif changes.paths:
                        await self._update(changes.paths)
        except Exception as error:  # noqa: BLE001 - runs, and all that is loaded, are worth more than the watching
            self._publish(Notice.about("The prompts folder is not watched any more", error))

    async def _follow_counts(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_COUNTS_INTERVAL_S):
                    await self._stop.wait()
                return
            try:
                await self._catch_up()
            except Exception as error:  # noqa: BLE001 - it is tried again in a second
                self._complain(error)

    async def _catch_up(self) -> None:
        """Take in what another process has changed, and what could not be taken in before."""
        if self._behind:
            await self._take_in(self._library.scan)
        version = await self.database.call(self.database.database.data_version)
        if version != self._seen:
            self._seen = version
            await self.refresh_counts()
            await self._also()
        if (now := asyncio.get_running_loop().time()) >= self._orphans_at:
            self._orphans_at = now + _ORPHANS_INTERVAL_S
            await self._close_orphans()

    async def _close_orphans(self) -> None:
        """Close the runs of other processes that have gone without doing so."""
        owners = await self.database.read(runs.running_owners)
        if not all(self._lives(*owner) for owner in owners):
            await self.database.write(runs.close_orphans, self._lives, datetime.now(UTC))
            await self.refresh_counts()
            await self._also()

    async def _take_in(self, read: Callable[[], LibrarySnapshot]) -> None:
        try:
            snapshot = await self.database.call(read)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one change, the next must be seen
            self._behind = True
            self._complain(error)
        else:
            self._behind = False
            self._complaint = ""
            self._show(snapshot)

    def _complain(self, error: Exception) -> None:
        # It is tried again every second; that it still fails is no news.
        notice = Notice.about("A change could not be loaded", error)
        if notice.message != self._complaint:
            self._complaint = notice.message
            self._publish(notice)

    def _show_part(self, part: LibrarySnapshot) -> None:
        """Called by a scan between its transactions, in the database's thread."""
        if self._stop.is_set():
            raise EngineStopped("Penstock's engine was stopped before it was ready.")
        self._show(part)

    def _show(self, snapshot: LibrarySnapshot) -> None:
        if snapshot.generation > self._generation:
            self._generation = snapshot.generation
            self._publish(LibraryChanged(snapshot))

    def _tell_watched(self, changes: Changes) -> None:
        watched = WatchChanged(changes.mode, changes.reason)
        if watched != self._watched:
            self._watched = watched
            self._publish(watched)

    async def _publish_today(self) -> None:
        begun = day_start(datetime.now().astimezone().date())
        today = costs.added_up(await self.database.read(costs.spending, begun))
        self._publish(TodayChanged(today.calls, today.usd, today.unpriced, today.estimated))

    def _lives(self, where: str, pid: int | None) -> bool:
        """Whether a run of that process may go on; what this one has sent since it began does."""
        return pid is not None and ((where, pid) == (host(), os.getpid()) or self.is_alive(where, pid))

    def is_alive(self, where: str, pid: int) -> bool:
        """Whether that process still runs, as far as this machine can tell; others' are left alone."""
        if where != host():
            return True
        if pid == os.getpid():
            # Either another engine in this process, or a process that had its number before a restart.
            return _open_here.count(self.database.database.path) > 1
        return runs_here(pid)
