"""Asking git about a folder: read only, without its locks, and not for long."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

FileState = Literal["clean", "modified", "untracked", "ignored"]

TIMEOUT_S = 3.0
"""A repository that takes longer is not asked again."""

# No hook, no monitor, no pager and no question; the index is not written. A content filter that the user has
# set up for these files (filter.NAME.clean) runs as in any `git status`.
_COMMAND = (
    "git",
    "--no-optional-locks",
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.quotePath=off",
)
_OURS = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
# Set while git runs a hook or an alias, for the repository that this is about.
_NOT_OURS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")


class TooSlow(Exception):
    """Git did not answer in time."""


@dataclass(frozen=True, slots=True)
class Repository:
    """Where the repository of a folder is."""

    top: Path
    git_dir: Path


@dataclass(frozen=True, slots=True)
class Status:
    """What git says of a folder; paths are relative to the repository's top, those of folders end in `/`."""

    branch: str = ""
    """Its name; of a detached HEAD the first letters of the commit."""
    commit: str | None = None
    """HEAD; None before the first commit."""
    states: Mapping[str, FileState] = field(default_factory=dict)
    """What is not clean. A file that no commit has, added or not, counts as untracked."""

    def state(self, path: str) -> FileState:
        """Return the state of a file, by its path relative to the top."""
        if path in self.states:
            return self.states[path]
        parent = path
        while "/" in parent:
            parent = parent.rpartition("/")[0]
            if parent + "/" in self.states:
                return self.states[parent + "/"]
        return "clean"


def find_repository(folder: Path) -> Repository | None:
    """Return the repository that a folder is in; None if there is none, or no git. Raises TooSlow."""
    output = _run(folder, "rev-parse", "--show-toplevel", "--absolute-git-dir")
    if output is None or len(lines := os.fsdecode(output).splitlines()) != 2:
        return None
    return Repository(Path(os.path.realpath(lines[0])), Path(lines[1]))


def status_of(folder: Path) -> Status | None:
    """Return what git says of the files in a folder; None if it says nothing. Raises TooSlow."""
    asked = ("--porcelain=v2", "--branch", "-z", "--untracked-files=all", "--ignored=traditional")
    output = _run(folder, "status", *asked, "--", ".")
    return None if output is None else parse_status(output)


def content_at_head(folder: Path, path: str) -> bytes | None:
    """Return a file as HEAD has it, by its path relative to the repository's top; None if HEAD has none.

    Raises TooSlow.
    """
    return _run(folder, "show", f"HEAD:{path}")


def commit_of(folder: Path, revision: str) -> str | None:
    """Return the commit that a revision (HEAD~2, a branch, a tag, …) means; None if it means none.

    Raises TooSlow.
    """
    asked = ("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    output = _run(folder, "rev-parse", *asked)
    return None if output is None else output.decode("ascii", "replace").strip()


def content_at(folder: Path, commit: str, path: str) -> bytes | None:
    """Return a file as a commit has it, by its path relative to the folder; None if it has none.

    Raises TooSlow.
    """
    return _run(folder, "show", f"{commit}:./{path}")


def parse_status(data: bytes) -> Status:
    """Read what `git status --porcelain=v2 --branch -z` says: git-status(1), "Porcelain Format Version 2"."""
    branch, commit = "", None
    states: dict[str, FileState] = {}
    records = iter(data.split(b"\0"))
    for record in records:
        kind, _, rest = record.partition(b" ")
        if kind == b"#":
            key, _, value = rest.decode("utf-8", "replace").partition(" ")
            if key == "branch.oid":
                commit = None if value == "(initial)" else value
            elif key == "branch.head":
                branch = (commit or "")[:8] if value == "(detached)" else value
        elif kind in (b"?", b"!"):
            states[os.fsdecode(rest)] = "untracked" if kind == b"?" else "ignored"
        elif kind in (b"1", b"2", b"u"):
            path = rest.split(b" ", {b"1": 7, b"2": 8, b"u": 9}[kind])[-1]
            states[os.fsdecode(path)] = "untracked" if rest.startswith(b"A") and kind != b"u" else "modified"
            if kind == b"2":
                next(records, None)  # the path that it was renamed from
    return Status(branch, commit, states)


def _run(folder: Path, *arguments: str) -> bytes | None:
    environ = {key: value for key, value in os.environ.items() if key not in _NOT_OURS} | _OURS
    try:
        done = subprocess.run(
            [*_COMMAND, *arguments],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TooSlow from error
    except (OSError, ValueError):  # no git, no folder, a NUL in a path
        return None
    return done.stdout if done.returncode == 0 else None
