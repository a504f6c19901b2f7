"""Takes files into the catalogue, and finds what the database must be told about them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tui.core.prompts.catalogue import KnownFile
from tui.core.prompts.document import content_hash, parse_document
from tui.core.prompts.files import READ_AGAIN, look_at, read_file
from tui.core.prompts.problems import Problem
from tui.core.prompts.records import file_record, version_record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from tui.core.prompts.catalogue import Catalogue, Key
    from tui.core.prompts.files import FoundFile, Stamp
    from tui.core.prompts.snapshot import VersionRow
    from tui.core.store.prompts import FileRecord, VersionRecord


class Intake:
    """What has changed in the files, for one transaction.

    `keys` are the versions that this concerns, `read` and `gone` the files.
    """

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.keys: set[Key] = set()
        self.read: dict[str, VersionRecord | None] = {}
        self.gone: set[str] = set()
        self._folder = folder
        self._catalogue = catalogue

    def drop(self, path: str) -> None:
        """Note that a file has gone."""
        self.gone.add(path)
        self._put(path, None)

    def take(self, found: FoundFile, *, again: bool = False) -> None:
        """Read a file; `again` parses it even if its content is the one that is known."""
        old = self._catalogue.files.get(found.path)
        try:
            if found.error:
                raise OSError(found.error)
            data, stamp = read_file(self._folder, found.path)
        except OSError as error:
            # Permissions leave no trace in a stamp, so a file that is there is tried again at every scan.
            stamp = found.stamp if found.error else (0, READ_AGAIN, 0)
            self._put_broken(found.path, stamp, "", (_unreadable(error),))
            return
        digest = content_hash(data)
        if old and old.content_hash == digest and not again:
            self._put(found.path, replace(old, stamp=stamp))
            return
        parsed = parse_document(data, PurePosixPath(found.path))
        if parsed.document is None:
            self._put_broken(found.path, stamp, digest, parsed.problems)
            return
        key = (parsed.document.name, parsed.document.version)
        self._put(found.path, KnownFile(stamp, digest, key, parsed.problems))
        self.read[found.path] = version_record(parsed.document, found.path, digest, data)

    def versions(self) -> list[VersionRecord]:
        """Return the versions to store; files that take over from others are read for it."""
        records: dict[Key, VersionRecord] = {}
        pending = set(self.keys)
        while pending:
            key = pending.pop()
            path = self._catalogue.server(key)
            row, record = self._catalogue.rows.get(key), self.read.get(path or "")
            if path is None:
                records.pop(key, None)
            elif record is None and (row is None or row.path != path):
                pending |= self._take_over(path)
            elif record:
                records[key] = record
        return [records[key] for key in sorted(records)]

    def orphans(self) -> list[Key]:
        """Return the versions for which no file stands any more."""
        return [key for key in self.keys if key in self._catalogue.rows and not self._catalogue.server(key)]

    def finish(self, rows: Iterable[VersionRow], orphans: Collection[Key]) -> None:
        """Take into the catalogue what the database has become by this."""
        self._catalogue.put_rows(rows)
        self._catalogue.drop_rows(orphans)
        self._catalogue.refresh(self.keys, self.read.keys() | self.gone)

    def files(self) -> list[FileRecord]:
        """Return what to remember of the files that were read."""
        return [file_record(path, self._catalogue.files[path]) for path in self.read.keys() - self.gone]

    def _take_over(self, path: str) -> set[Key]:
        before = self._catalogue.files[path].key
        found = look_at(self._folder, path)
        if found is None:
            self.drop(path)
        else:
            self.take(found, again=True)
        after = self._catalogue.files[path].key if found else None
        return {key for key in (before, after) if key}

    def _put(self, path: str, file: KnownFile | None) -> None:
        if file:
            self.read[path] = None
        self.keys |= self._catalogue.put(path, file)

    def _put_broken(self, path: str, stamp: Stamp, digest: str, problems: tuple[Problem, ...]) -> None:
        # A file that serves a version goes on doing so, with its last good content.
        key = self._catalogue.files[path].key if self._catalogue.is_shown(path) else None
        self._put(path, KnownFile(stamp, digest, key, problems))


def _unreadable(error: OSError) -> Problem:
    fix = "Check its permissions, and where it links to."
    return Problem("error", "unreadable", f"It cannot be read: {error.strerror or error}.", fix=fix)
