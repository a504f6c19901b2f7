"""The prompts folder in the database, kept up to date with the files and with other processes."""

from __future__ import annotations

import asyncio
import os
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.core.engine.events import Event, LibraryChanged, Notice, TodayChanged, WatchChanged
from tui.core.prompts.library import Library
from tui.core.prompts.watcher import watch
from tui.core.store import prompts, runs
from tui.core.store.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from tui.core.prompts.snapshot import LibrarySnapshot
    from tui.core.store.thread import DatabaseThread

_COUNTS_INTERVAL_S = 1.0


class Shelf:
    """Publishes a LibraryChanged for every change of the files or of their counts; for the engine's loop."""

    def __init__(self, folder: Path, database: DatabaseThread, publish: Callable[[Event], None]) -> None:
        self.database = database
        self._folder = folder
        self._library = Library(folder, database.database)
        self._publish = publish
        self._stop = asyncio.Event()
        self._seen = -1

    async def load(self) -> LibrarySnapshot:
        """Bring the database up to the files, showing the first rows early."""
        await self.database.write(runs.close_orphans, _is_alive, datetime.now(UTC))
        snapshot = await self.database.call(
            self._library.scan, lambda part: self._publish(LibraryChanged(part))
        )
        self._publish(LibraryChanged(snapshot))
        await self._publish_today()
        return snapshot

    async def follow(self) -> None:
        """Follow the files and the other processes' counts until `stop`."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow_files())
            tasks.create_task(self._follow_counts())

    def stop(self) -> None:
        """End `follow`."""
        self._stop.set()

    async def update(self, paths: Collection[Path]) -> None:
        """Take in these files now."""
        relative = [path.relative_to(self._folder) for path in paths]
        self._publish(LibraryChanged(await self.database.call(self._library.update, relative)))

    async def count_use(self, template_id: int) -> None:
        """Count one use of a version and publish the new count."""
        await self.database.write(prompts.count_use, template_id)
        await self.refresh_counts()

    async def refresh_counts(self) -> None:
        """Publish the counts as the database has them now."""
        self._publish(LibraryChanged(await self.database.call(self._library.refresh_counts)))
        await self._publish_today()

    async def _publish_today(self) -> None:
        self._publish(TodayChanged(await self.database.read(runs.runs_today, datetime.now().astimezone())))

    async def _follow_files(self) -> None:
        async for changes in watch(self._folder, stop=self._stop):
            self._publish(WatchChanged(changes.mode, changes.reason))
            try:
                if changes.rescan:
                    snapshot = await self.database.call(self._library.scan)
                elif changes.paths:
                    snapshot = await self.database.call(self._library.update, changes.paths)
                else:
                    continue
            except DatabaseError as error:
                self._publish(Notice(f"A change could not be loaded: {error}", "error"))
                continue
            self._publish(LibraryChanged(snapshot))

    async def _follow_counts(self) -> None:
        while not self._stop.is_set():
            version = await self.database.call(self.database.database.data_version)
            if version != self._seen:
                if self._seen >= 0:
                    await self.refresh_counts()
                self._seen = version
            try:
                await asyncio.wait_for(self._stop.wait(), _COUNTS_INTERVAL_S)
            except TimeoutError:
                continue


def _is_alive(host: str, pid: int) -> bool:
    """Whether that process still runs, as far as this machine can tell: another machine's is left alone."""
    if host != socket.gethostname():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()  # this process has just begun: a run of its number is from before a restart
