"""What is known of a prompts folder, in memory: its files, and which of them serves which version.

Of several files that stand for the same version the first by path serves it, and the others are reported.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tui.core.prompts.doctor import duplicate_problem, selection_problems
from tui.core.prompts.snapshot import FileReport, VersionRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tui.core.prompts.files import FoundFile, Stamp
    from tui.core.prompts.problems import Problem
    from tui.core.store.prompts import Counts

Key = tuple[str, int]
"""Name and version."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as last read: what it was, which version it stands for, if any, and what is wrong with it.

    An unreadable file has no hash.
    """

    stamp: Stamp
    content_hash: str
    key: Key | None
    problems: tuple[Problem, ...]


class Catalogue:
    """The files and the version rows of a folder, and what follows from the two together."""

    def __init__(self, files: Mapping[str, KnownFile], rows: Iterable[VersionRow]) -> None:
        self.files: dict[str, KnownFile] = {}
        self.rows: dict[Key, VersionRow] = {}
        self._order: list[Key] = []
        self._sorted: list[VersionRow] = []
        self._paths: dict[Key, tuple[str, ...]] = {}
        self._reports: dict[str, FileReport] = {}
        for path, file in files.items():
            self.put(path, file)
        self.put_rows(rows)
        self.refresh(self.rows.keys(), self.files.keys())

    def put(self, path: str, file: KnownFile | None) -> set[Key]:
        """Note what a file is now, None if it has gone; return the versions which that concerns."""
        old = self.files.pop(path, None)
        if file is not None:
            self.files[path] = file
        before, after = old and old.key, file and file.key
        if before != after:
            if before:
                self._paths[before] = tuple(other for other in self._paths[before] if other != path)
                if not self._paths[before]:
                    del self._paths[before]
            if after:
                self._paths[after] = tuple(sorted((*self._paths.get(after, ()), path)))
        return {key for key in (before, after) if key}

    def server(self, key: Key) -> str | None:
        """Return the file that serves a version, None if no file stands for it."""
        return self._paths[key][0] if key in self._paths else None

    def is_shown(self, path: str) -> bool:
        """Tell whether a version's row is of this file."""
        file = self.files.get(path)
        row = self.rows.get(file.key) if file and file.key else None
        return row is not None and row.path == path

    def knows(self, found: FoundFile) -> bool:
        """Tell whether a file is as it was when it was last read."""
        file = self.files.get(found.path)
        return file is not None and file.stamp == found.stamp

    def unsettled(self) -> set[Key]:
        """Return the versions whose row is missing, left over, or not of the file that serves it."""
        claimed = {key: paths[0] for key, paths in self._paths.items()}
        shown = {key: row.path for key, row in self.rows.items()}
        return {key for key, _ in claimed.items() ^ shown.items()}

    def put_rows(self, rows: Iterable[VersionRow]) -> None:
        """Take rows over from the database."""
        added = False
        for row in rows:
            key = (row.name, row.version)
            if key in self.rows:
                self._replace(key, row)
            else:
                self.rows[key] = row
                added = True
        if added:
            self._sort()

    def put_counts(self, counts: Iterable[Counts]) -> None:
        """Take usage and success over from the database."""
        keys = {row.id: key for key, row in self.rows.items()}
        for new in counts:
            row = self.rows.get(keys.get(new.id, ("", -1)))
            if row and (new.usage_count, new.success_rate) != (row.usage_count, row.success_rate):
                self._replace(
                    keys[new.id],
                    replace(row, usage_count=new.usage_count, success_rate=new.success_rate),
                )

    def drop_rows(self, keys: Collection[Key]) -> None:
        """Let versions go."""
        for key in keys:
            del self.rows[key]
        if keys:
            self._sort()

    def refresh(self, keys: Iterable[Key], paths: Iterable[str]) -> None:
        """Find anew what is wrong with these versions and files, and with other versions of the names."""
        keys, paths = set(keys), set(paths)
        for name in {name for name, _ in keys}:
            self._refresh_name(name)
        for path in paths.union(*(self._paths.get(key, ()) for key in keys)):
            report = self._report(path)
            if report is None:
                self._reports.pop(path, None)
            else:
                self._reports[path] = report

    def versions(self) -> tuple[VersionRow, ...]:
        """Return the rows, by name and version."""
        return tuple(self._sorted)

    def reports(self) -> tuple[FileReport, ...]:
        """Return the files that serve nothing, by path."""
        return tuple(self._reports[path] for path in sorted(self._reports))

    def _sort(self) -> None:
        self._order = sorted(self.rows)
        self._sorted = [self.rows[key] for key in self._order]

    def _replace(self, key: Key, row: VersionRow) -> None:
        self.rows[key] = row
        self._sorted[bisect_left(self._order, key)] = row

    def _refresh_name(self, name: str) -> None:
        first = bisect_left(self._order, (name, -1))
        last = bisect_left(self._order, (name + "\0", -1))
        keys = self._order[first:last]
        between = selection_problems([self.rows[key] for key in keys])
        for key in keys:
            row = self.rows[key]
            file = self.files.get(row.path)
            problems = file.problems if file else ()
            if warning := between.get(row.version):
                problems = (*problems, warning)
            if problems != row.problems:
                self._replace(key, replace(row, problems=problems))

    def _report(self, path: str) -> FileReport | None:
        file = self.files.get(path)
        if file is None:
            return None
        server = self.server(file.key) if file.key else None
        if server == path:
            return None
        row = self.rows.get(file.key) if file.key else None
        if row is None or server is None:
            return FileReport(path, file.problems)
        return FileReport(path, (*file.problems, duplicate_problem(row, PurePosixPath(server))))
