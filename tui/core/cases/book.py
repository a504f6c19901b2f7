"""The cases of a prompts folder, kept up to date with its files; a broken file keeps its last good content.

It reads files and nothing else, for one thread at a time; what it gives out is immutable.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tui.core.cases.document import CaseDocument, parse_cases
from tui.core.cases.joined import join_tables
from tui.core.prompts.files import CASES, is_case_path, is_table_path, look_at, read_file, survey
from tui.core.prompts.problems import Problem, quoted
from tui.core.prompts.source import content_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path, PurePath

    from tui.core.cases.document import Case
    from tui.core.prompts.files import FoundFile, Stamp

_NOTHING = CaseDocument((), (), {})


@dataclass(frozen=True, slots=True)
class CaseSet:
    """The cases of one prompt. While its file is broken, `document` is the last good content."""

    prompt: str
    path: str
    """Of the file, relative to the prompts folder."""
    document: CaseDocument
    content_hash: str
    """Of the bytes that `document` was read from; empty if there never was a good one."""
    problems: tuple[Problem, ...]

    @property
    def error(self) -> Problem | None:
        """Why the file's content of now is not what is served; None if it is."""
        return next((problem for problem in self.problems if problem.severity == "error"), None)

    @property
    def broken(self) -> bool:
        """Whether the file's content of now is not what is served."""
        return self.error is not None


@dataclass(frozen=True, slots=True)
class CasesSnapshot:
    """All cases of a folder at one moment, by the name of the prompt; `generation` counts the changes."""

    sets: Mapping[str, CaseSet] = field(default_factory=dict)
    generation: int = 0

    def of(self, prompt: str) -> tuple[Case, ...]:
        """Return a prompt's cases, in the file's order."""
        found = self.sets.get(prompt)
        return found.document.cases if found else ()

    def find(self, prompt: str, name: str) -> Case | None:
        """Return one case of a prompt."""
        found = self.sets.get(prompt)
        return found.document.find(name) if found else None


def prompt_of(path: PurePath) -> str:
    """Return the name of the prompt that a file of cases is for: its path below `cases`, without suffix."""
    return PurePosixPath(*path.parts[1:]).with_suffix("").as_posix()


def path_for(prompt: str) -> str | None:
    """Return the file of cases of a prompt that has none yet; None if a prompt of that name can have none."""
    path = PurePosixPath(CASES, f"{prompt}.yaml")
    return path.as_posix() if is_case_path(path) and prompt_of(path) == prompt else None


@dataclass(frozen=True, slots=True)
class _File:
    stamp: Stamp
    set: CaseSet
    tables: Mapping[str, Stamp | None] = field(default_factory=dict)
    """The stamps of the tables it names, by path; None: it could not be read."""


class CaseBook:
    """Reads what has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _File] = {}
        self._snapshot = CasesSnapshot()

    @property
    def snapshot(self) -> CasesSnapshot:
        """What there is, as of the last look; the same object for as long as nothing changes."""
        return self._snapshot

    def scan(self) -> CasesSnapshot:
        """Look at every file of cases, and read those that changed."""
        found = {file.path: file for file in survey(self._folder).cases}
        for path in self._files.keys() - found.keys():
            del self._files[path]
        for path, file in found.items():
            if path not in self._files or self._files[path].stamp != file.stamp or self._tables_changed(path):
                self._take(file)
        return self._publish()

    def update(self, paths: Iterable[PurePath]) -> CasesSnapshot:
        """Look at these files, relative to the folder, and at those of cases that name them as a table."""
        changed = {path.as_posix() for path in paths if is_case_path(path)}
        tables = {path.as_posix() for path in paths if is_table_path(path)}
        changed |= {path for path, file in self._files.items() if tables & file.tables.keys()}
        for path in changed:
            file = look_at(self._folder, path)
            if file is None:
                self._files.pop(path, None)
            else:
                self._take(file)
        return self._publish()

    def _tables_changed(self, path: str) -> bool:
        for table, stamp in self._files[path].tables.items():
            found = look_at(self._folder, table)
            if (found.stamp if found else None) != stamp:
                return True
        return False

    def _read_table(self, stamps: dict[str, Stamp | None], path: str) -> bytes:
        stamps[path] = None
        data, stamps[path] = read_file(self._folder, path)
        return data

    def _take(self, found: FoundFile) -> None:
        path = found.path
        old = self._files[path].set if path in self._files else None
        served = old or CaseSet(prompt_of(PurePosixPath(path)), path, _NOTHING, "", ())
        try:
            if found.error:
                raise OSError(found.error)
            data, stamp = read_file(self._folder, path)
        except OSError as error:
            message = f"It cannot be read: {error.strerror or error}."
            fix = "Check its permissions, and where it links to."
            problems = (Problem("error", "unreadable", message, fix=fix),)
            self._files[path] = _File(found.stamp, replace(served, problems=problems))
            return
        tables: dict[str, Stamp | None] = {}
        parsed = join_tables(parse_cases(data), path, partial(self._read_table, tables))
        if parsed.document is None:
            now = replace(served, problems=parsed.problems)
        else:
            now = replace(
                served, document=parsed.document, content_hash=content_hash(data), problems=parsed.problems
            )
        self._files[path] = _File(stamp, now, tables)

    def _publish(self) -> CasesSnapshot:
        sets: dict[str, CaseSet] = {}
        for path in sorted(self._files):
            found = self._files[path].set
            first = sets.setdefault(found.prompt, found)
            if first is not found:
                message = f"{quoted(path)} has cases of {quoted(found.prompt)}, too; only this file is read."
                problem = Problem("warning", "two-files", message, fix="Put them into one file.")
                sets[found.prompt] = replace(first, problems=(*first.problems, problem))
        if sets != self._snapshot.sets:
            self._snapshot = CasesSnapshot(sets, self._snapshot.generation + 1)
        return self._snapshot
