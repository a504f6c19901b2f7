"""The library: keeps the database in step with the prompt files, and says what there is as snapshots.

The files are the truth for what a prompt says; the database adds what only it knows, and what was. A broken
file leaves its version served with the last good content. Everything here runs in the database's thread.
"""

from __future__ import annotations

import contextlib
import gc
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.core.prompts.catalogue import Catalogue
from tui.core.prompts.files import is_prompt_path, look_at, survey
from tui.core.prompts.intake import Intake
from tui.core.prompts.records import known_file, version_row
from tui.core.prompts.snapshot import LibrarySnapshot
from tui.core.store import prompts as store

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path, PurePath

    from sqlalchemy import Connection

    from tui.core.prompts.files import FoundFile
    from tui.core.store.database import Database

FIRST_BATCH = 100
BATCH = 1000
"""Files in one transaction of a scan; the first has fewer, so that the screen has rows early."""


class Library:
    """The prompts of one folder, in one database."""

    def __init__(
        self, folder: Path, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._folder = folder
        self._database = database
        self._clock = clock
        self._catalogue: Catalogue | None = None
        self._snapshot = LibrarySnapshot(folder, loading=True)

    @property
    def snapshot(self) -> LibrarySnapshot:
        """What there is, as of the last scan or update; the same object for as long as nothing changes."""
        return self._snapshot

    def scan(self, progress: Callable[[LibrarySnapshot], None] | None = None) -> LibrarySnapshot:
        """Look at every file, read those that changed, and return what there is.

        `progress` gets a snapshot as soon as there is something to show, and after each transaction. Raises
        DatabaseError; the next call then begins anew.
        """
        catalogue = self._take_catalogue()
        if progress and catalogue.rows:
            progress(self._publish(catalogue, loading=True))
        seen = survey(self._folder)
        if seen.folders:
            gone = _gone(catalogue, seen.files)
            changed = [file for file in seen.files if not catalogue.knows(file)]
            for batch in _batches(changed):
                self._apply(Intake(self._folder, catalogue), batch, gone)
                gone = []
                if progress and batch:
                    progress(self._publish(catalogue, loading=True))
            # Only now is it sure which versions no file stands for: a file that moved was seen where it is.
            self._settle(catalogue)
        self._catalogue = catalogue
        return self._publish(catalogue, folder_exists=bool(seen.folders))

    def update(self, paths: Collection[PurePath]) -> LibrarySnapshot:
        """Read the given files again, and no others; paths are absolute, or relative to the folder.

        Raises DatabaseError; the next call then scans.
        """
        if self._catalogue is None or not self._snapshot.folder_exists or not self._folder.is_dir():
            return self.scan()
        catalogue = self._take_catalogue()
        names = sorted({name for path in paths if (name := self._relative(path))})
        found = {name: look_at(self._folder, name) for name in names}
        gone = [name for name, file in found.items() if file is None and name in catalogue.files]
        intake = Intake(self._folder, catalogue)
        self._apply(intake, [file for file in found.values() if file], gone, retire=True)
        self._catalogue = catalogue
        return self._publish(catalogue)

    def rewrite(self, change: Callable[[Connection], None]) -> LibrarySnapshot:
        """Let `change` alter rows and files in one transaction, then scan.

        Nothing is taken in between, so that rows and files are only seen together. Raises what `change`
        raises, which undoes the rows, and DatabaseError.
        """
        with self._database.begin() as connection:
            change(connection)
        self._catalogue = None  # only now: what was refused has left the rows as they are known
        return self.scan()

    def refresh_counts(self) -> LibrarySnapshot:
        """Read usage and success again, which runs have changed, here or in another process."""
        if self._catalogue is None or not self._snapshot.folder_exists:
            return self._snapshot
        with self._database.read() as connection:
            counts = store.load_counts(connection)
        return self.put_counts(counts)

    def put_counts(self, counts: Iterable[store.Counts]) -> LibrarySnapshot:
        """Take over usage and success of some versions, as they have just been read."""
        if self._catalogue is None or not self._snapshot.folder_exists:
            return self._snapshot
        self._catalogue.put_counts(counts)
        return self._publish(self._catalogue)

    def _take_catalogue(self) -> Catalogue:
        # Given back only when all is done: after an error, what is in memory may be ahead of the database.
        catalogue, self._catalogue = self._catalogue, None
        if catalogue is None:
            with _collector_at_rest(), self._database.read() as connection:
                files = {record.path: known_file(record) for record in store.load_files(connection)}
                catalogue = Catalogue(files, map(version_row, store.load_versions(connection)))
        return catalogue

    def _relative(self, path: PurePath) -> str | None:
        if path.is_absolute():
            if not path.is_relative_to(self._folder):
                return None
            path = path.relative_to(self._folder)
        return path.as_posix() if is_prompt_path(path) else None

    def _settle(self, catalogue: Catalogue) -> None:
        intake = Intake(self._folder, catalogue)
        intake.keys |= catalogue.unsettled()
        self._apply(intake, (), (), retire=True)

    def _apply(
        self, intake: Intake, found: Iterable[FoundFile], gone: Iterable[str], *, retire: bool = False
    ) -> None:
        """Take files in, and write what they changed in one transaction."""
        for path in gone:
            intake.drop(path)
        for file in found:
            intake.take(file)
        versions = intake.versions()
        orphans = intake.orphans() if retire else []
        if intake.read or intake.gone or versions or orphans:
            now = self._clock()
            with self._database.begin() as connection:
                store.upsert_versions(connection, versions, now)
                store.retire(connection, orphans, now)
                store.save_files(connection, intake.files())
                store.forget_files(connection, intake.gone)
                stored = store.load_versions(
                    connection, [(record.name, record.version) for record in versions]
                )
            intake.finish(map(version_row, stored), orphans)

    def _publish(
        self, catalogue: Catalogue, *, loading: bool = False, folder_exists: bool = True
    ) -> LibrarySnapshot:
        snapshot = replace(
            self._snapshot,
            versions=catalogue.versions() if folder_exists else (),
            reports=catalogue.reports() if folder_exists else (),
            folder_exists=folder_exists,
            loading=loading,
        )
        if snapshot != self._snapshot:
            self._snapshot = replace(snapshot, generation=snapshot.generation + 1)
        return self._snapshot


@contextlib.contextmanager
def _collector_at_rest() -> Iterator[None]:
    # Else it walks, over and over, through thousands of new objects that all stay: 25 µs for each file.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _gone(catalogue: Catalogue, files: Iterable[FoundFile]) -> list[str]:
    """Return the known files that are not there; below a folder that cannot be read, nobody knows."""
    present = {file.path for file in files}
    unknown = tuple(file.path + "/" for file in files if file.error)
    return [path for path in catalogue.files if path not in present and not path.startswith(unknown)]


def _batches(files: Sequence[FoundFile]) -> Iterator[Sequence[FoundFile]]:
    """Yield at least one batch, be it an empty one."""
    yield files[:FIRST_BATCH]
    for start in range(FIRST_BATCH, len(files), BATCH):
        yield files[start : start + BATCH]
