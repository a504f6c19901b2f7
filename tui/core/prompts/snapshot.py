"""What the screen and the command line see of a prompts folder at one moment, and which version is served."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from tui.core.prompts.document import Variable
    from tui.core.prompts.problems import Problem


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of a prompt: what its file says, and what only the database knows. Times are aware, in UTC.

    While its file is broken, everything but `problems` is the last good content.
    """

    id: int
    name: str
    version: int
    path: str
    template: str
    variables: tuple[Variable, ...]
    active: bool
    weight: float | None
    description: str
    system: str
    provider: str | None
    model: str | None
    parameters: Mapping[str, object]
    tags: tuple[str, ...]
    body_line: int
    content_hash: str
    revision_id: int
    usage_count: int
    success_rate: float | None
    created_at: datetime
    updated_at: datetime
    problems: tuple[Problem, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether the file's content of now cannot be served."""
        return any(problem.severity == "error" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class FileReport:
    """A file (or an unreadable folder) that serves no version, and why."""

    path: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class LibrarySnapshot:
    """A prompts folder at one moment; `versions` are sorted by name and version, `reports` by path.

    `generation` counts the changes; while `loading`, files are still being read and more will come.
    """

    folder: Path
    versions: tuple[VersionRow, ...] = ()
    reports: tuple[FileReport, ...] = ()
    generation: int = 0
    folder_exists: bool = True
    loading: bool = False


def versions_of(snapshot: LibrarySnapshot, name: str) -> tuple[VersionRow, ...]:
    """Return the versions of one prompt, lowest first."""
    start = bisect_left(snapshot.versions, name, key=lambda row: row.name)
    end = bisect_right(snapshot.versions, name, key=lambda row: row.name)
    return snapshot.versions[start:end]


def served(snapshot: LibrarySnapshot, name: str) -> tuple[VersionRow, ...]:
    """Return the versions that may be served for a name: none, one, or the arms of a split.

    The one active version; of several active ones those with a weight above 0, as a split; without weights
    the highest version, of which the rows then warn.
    """
    return in_service(versions_of(snapshot, name))


def renamed(before: LibrarySnapshot, after: LibrarySnapshot) -> dict[str, str]:
    """Return the prompts that are called otherwise after than before, the old names with the new ones."""
    names = {row.id: row.name for row in before.versions}
    return {old: row.name for row in after.versions if (old := names.get(row.id, row.name)) != row.name}


class Servable(Protocol):
    """What decides whether a version is served."""

    @property
    def active(self) -> bool:
        """Whether it is meant to be served."""

    @property
    def weight(self) -> float | None:
        """Its share of a split, in any unit."""


S = TypeVar("S", bound=Servable)


def in_service(versions: Sequence[S]) -> tuple[S, ...]:
    """Return those of a prompt's versions, lowest first, that may be served (see `served`)."""
    active = tuple(row for row in versions if row.active)
    if len(active) < 2:
        return active
    return tuple(row for row in active if row.weight) or active[-1:]
