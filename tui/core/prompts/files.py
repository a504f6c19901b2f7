"""The prompt files of a folder: which there are, where they really lie, and their bytes."""

from __future__ import annotations

import errno
import os
import stat
import time
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tui.core.prompts.source import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePath

Stamp = tuple[int, int, int]
"""Size in bytes, time of modification in nanoseconds, inode: what changes when a file changes."""

_DOCUMENTATION = frozenset(("readme.md", "changelog.md", "license.md"))

CASES = "cases"
"""The folder, in the prompts folder, of the files of cases."""
_CASE_SUFFIXES = (".yaml", ".yml")
_TABLE_SUFFIXES = (".csv", ".jsonl")

READ_AGAIN = -1
"""The time in the stamp of a file whose next change might not show in its stamp."""

_SETTLED_NS = 50_000_000
"""A file changed less than this before it was read may change again within the same tick of the clock."""

_READ_LIMIT = 16 * MAX_BYTES
_READ_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A prompt file as `stat` sees it, or, with an `error`, a file or folder that it cannot look at.

    `path` is relative to the prompts folder, with `/` between its parts.
    """

    path: str
    size: int = 0
    mtime_ns: int = 0
    inode: int = 0
    error: str = ""

    @property
    def stamp(self) -> Stamp:
        """What changes when the file changes; all zero if it cannot be looked at."""
        return self.size, self.mtime_ns, self.inode


@dataclass(frozen=True, slots=True)
class Survey:
    """A prompts folder as it is now.

    `folders` maps the real path of every folder in it to its relative path (the folder itself: ""), `links`
    the real path of every file that prompt files point to by symbolic links to their relative paths.
    """

    files: tuple[FoundFile, ...] = ()
    cases: tuple[FoundFile, ...] = ()
    """The files of cases."""
    folders: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def outside(self) -> frozenset[str]:
        """Return the real folders of linked files that no folder of the survey covers."""
        return frozenset(map(os.path.dirname, self.links)) - self.folders.keys()


def is_prompt_path(relative: PurePath) -> bool:
    """Tell from its name alone whether a path, relative to the prompts folder, may be a prompt file.

    It ends in `.md`, nothing in it is hidden, and it is no README, CHANGELOG or LICENSE. That leaves out what
    editors write beside a file (`a.md~`, `.#a.md`, `#a.md#`, `.a.md.swp`, `4913`).
    """
    return _is_prompt_name(relative.name) and not any(part.startswith(".") for part in relative.parts)


def why_no_file_at(path: Path, folder: Path) -> str:
    """Return why a file that is no prompt cannot be made at `path`: that prompts folder would read it as one.

    That is a sentence without its end; empty where it can be made.
    """
    real, root = path.resolve(), folder.resolve()
    if not real.is_relative_to(root) or not is_prompt_path(real.relative_to(root)):
        return ""
    elsewhere = "choose another folder, or a name that does not end in .md"
    return f"{path} would be read as a prompt: {elsewhere}"


def is_case_path(relative: PurePath) -> bool:
    """Tell from its name alone whether a path, relative to the prompts folder, may be a file of cases.

    It is a YAML file below `cases`, and nothing in it is hidden.
    """
    return relative.suffix in _CASE_SUFFIXES and _is_below_cases(relative)


def is_table_path(relative: PurePath) -> bool:
    """Tell from its name alone whether a path, relative to the prompts folder, may be a table of values."""
    return relative.suffix in _TABLE_SUFFIXES and _is_below_cases(relative)


def _is_below_cases(relative: PurePath) -> bool:
    parts = relative.parts
    return len(parts) > 1 and parts[0] == CASES and not any(part.startswith(".") for part in parts)


def is_watched(relative: PurePath) -> bool:
    """Tell from its name alone whether a path, relative to the prompts folder, is of any concern."""
    return is_prompt_path(relative) or is_case_path(relative) or is_table_path(relative)


def find_prompt_files(folder: Path) -> list[FoundFile]:
    """Return the prompt files in a folder and its sub-folders, by path; empty if there is no such folder.

    Symbolic links are followed, each real folder once. What cannot be looked at is returned with its error.
    """
    return list(survey(folder).files)


def survey(folder: Path) -> Survey:
    """Walk a prompts folder (see find_prompt_files)."""
    walk = _Walk(os.path.realpath(folder))
    walk.run()
    files, cases = (tuple(sorted(found, key=lambda found: found.path)) for found in (walk.files, walk.cases))
    return Survey(
        files, cases, walk.folders, {real: tuple(sorted(paths)) for real, paths in walk.links.items()}
    )


def look_at(folder: Path, relative: str) -> FoundFile | None:
    """Return one prompt file as it is now; None if there is no file."""
    path = os.path.join(folder, relative)  # noqa: PTH118  # some 5 µs less than with Path, for every file
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError as error:
        # A link that leads nowhere is a mistake to be shown; a file that is not there is simply gone.
        gone = isinstance(error, FileNotFoundError | NotADirectoryError) and not os.path.lexists(path)
        return None if gone else FoundFile(relative, error=_reason(error))
    return _found(relative, status) if stat.S_ISREG(status.st_mode) else None


def read_file(folder: Path, relative: str) -> tuple[bytes, Stamp]:
    """Return a regular file's bytes, at most 16 MiB of them, and its stamp; raises OSError.

    A file that changes while it is read is read again. The time in the stamp is READ_AGAIN if the file
    changed only just now, since one more change could leave its stamp as it is.
    """
    path = folder / relative
    for _ in range(_READ_ATTEMPTS):
        with _open(path) as file:
            before = os.fstat(file.fileno())
            data = file.read(min(before.st_size, _READ_LIMIT))
        after = path.stat()
        stamp = _stamp(after)
        if stamp == _stamp(before) and len(data) == min(before.st_size, _READ_LIMIT):
            settled = time.time_ns() - after.st_mtime_ns > _SETTLED_NS
            return data, stamp if settled else (stamp[0], READ_AGAIN, stamp[2])
    return data, (stamp[0], READ_AGAIN, stamp[2])


def _open(path: Path) -> FileIO:
    """Open a file that ends: a pipe or a device could keep its reader waiting for ever."""
    file = FileIO(path, opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return file


class _Walk:
    """One walk through a folder; links to folders come last, so that they never hide a file's real path."""

    def __init__(self, root: str) -> None:
        self.files: list[FoundFile] = []
        self.cases: list[FoundFile] = []
        self.folders: dict[str, str] = {}
        self.links: dict[str, list[str]] = {}
        self._root = root
        self._linked: list[tuple[str, str]] = [("", root)]

    def run(self) -> None:
        while self._linked:
            linked, self._linked = sorted(self._linked), []
            for relative, real in linked:
                self._visit(real, relative)

    def _visit(self, real: str, relative: str) -> None:
        pending = [(real, relative)]
        while pending:
            real, relative = pending.pop()
            if real in self.folders:
                continue
            try:
                with os.scandir(real) as scan:
                    entries = list(scan)
            except OSError as error:
                if relative:
                    self.files.append(FoundFile(relative, error=_reason(error)))
                continue
            self.folders[real] = relative
            prefix = relative + "/" if relative else ""
            for entry in entries:
                if not entry.name.startswith("."):
                    self._take(entry, prefix + entry.name, pending)

    def _take(self, entry: os.DirEntry[str], relative: str, pending: list[tuple[str, str]]) -> None:
        try:
            if _is_prompt_name(entry.name) and not entry.is_dir():
                self._take_file(entry, relative, self.files)
            elif entry.name.endswith(_CASE_SUFFIXES) and not entry.is_dir():
                if is_case_path(PurePosixPath(relative)):
                    self._take_file(entry, relative, self.cases)
            elif entry.is_dir(follow_symlinks=False):
                pending.append((entry.path, relative))
            elif entry.is_dir():
                target = os.path.realpath(entry.path)
                if not (self._root + "/").startswith(target.rstrip("/") + "/"):  # upwards would be a loop
                    self._linked.append((relative, target))
        except OSError as error:
            if entry.is_symlink() or not isinstance(error, FileNotFoundError):
                self.files.append(FoundFile(relative, error=_reason(error)))

    def _take_file(self, entry: os.DirEntry[str], relative: str, into: list[FoundFile]) -> None:
        if entry.is_symlink():
            self.links.setdefault(os.path.realpath(entry.path), []).append(relative)
        status = entry.stat()
        if not stat.S_ISREG(status.st_mode):
            return
        into.append(_found(relative, status))


def _is_prompt_name(name: str) -> bool:
    return name.endswith(".md") and not name.startswith(".") and name.lower() not in _DOCUMENTATION


def _found(relative: str, status: os.stat_result) -> FoundFile:
    try:
        relative.encode()
    except UnicodeEncodeError:
        shown = relative.encode("utf-8", "replace").decode()
        return FoundFile(shown, error="its name is not UTF-8")
    return FoundFile(relative, status.st_size, status.st_mtime_ns, status.st_ino)


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
