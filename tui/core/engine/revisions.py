"""The local history of a version: every saved content, beside what its file and git have now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.core.prompts.source import content_hash

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from tui.core.engine.git_state import GitWatch
    from tui.core.engine.reach import Reach
    from tui.core.store.revisions import StoredRevision
    from tui.core.store.runs import StoredRun

RUNS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Revision:
    """One content; without an id it is no saved one, but what the file or git has beside those."""

    id: int | None
    data: bytes
    at: datetime | None
    """When it was first seen."""
    runs: int = 0
    good: int = 0
    bad: int = 0
    in_file: bool = False
    """Whether the file says this now."""
    at_head: bool = False
    """Whether git's HEAD has this."""
    last: bool = False
    """Whether it is what was served last of a version that is retired."""

    @property
    def success_rate(self) -> float | None:
        """Good runs of those rated, None while there are none."""
        return self.good / (self.good + self.bad) if self.good + self.bad else None

    @property
    def text(self) -> str:
        """The content for reading."""
        return as_text(self.data)


@dataclass(frozen=True, slots=True)
class Past:
    """What there was of a version, the newest first."""

    name: str
    version: int
    path: str
    """Its file, relative to the prompts folder; of a retired one, the last."""
    retired: bool
    file: bytes | None
    """What the file says now; None if there is none."""
    head: bytes | None
    """What git's HEAD has; None if it has nothing of it."""
    commit: str | None
    revisions: tuple[Revision, ...]
    others: Mapping[int, bytes]
    """What the prompt's other versions say, or said last, by number."""
    retired_others: frozenset[int]


class Revisions:
    """For any thread; every future raises DatabaseError too."""

    def __init__(self, reach: Reach, git: GitWatch) -> None:
        self._reach = reach
        self._git = git

    def of(self, name: str, version: int) -> concurrent.futures.Future[Past | None]:
        """Return what there was of a version, None if it was never known."""

        async def read() -> Past | None:
            from tui.core.store import revisions

            database = self._reach.shelf().database
            known = await database.read(revisions.known_versions, name)
            this = next((one for one in known if one.version == version), None)
            if this is None:
                return None
            stored = await database.read(revisions.revisions_of, name, version)
            # The path of a retired version may be another prompt's by now.
            retired = this.retired_at is not None
            file = None
            if not retired:
                file = await asyncio.to_thread(_read, self._reach.workspace.prompts / this.path)
            head = await self._git.at_head(this.path)
            rest = [one for one in known if one.version != version]
            return Past(
                name,
                version,
                this.path,
                retired,
                file,
                head,
                self._git.commit,
                _revisions(stored, file, head, this.content_hash if retired else ""),
                {one.version: one.content.encode() for one in rest},
                frozenset(one.version for one in rest if one.retired_at is not None),
            )

        return self._reach.submit(read)

    def runs(self, revision_id: int) -> concurrent.futures.Future[list[StoredRun]]:
        """Return the last runs that a revision was sent in, the newest first."""

        async def read() -> list[StoredRun]:
            from tui.core.store import runs

            return await self._reach.shelf().database.read(runs.runs_of_revision, revision_id, RUNS_SHOWN)

        return self._reach.submit(read)

    def retired(self) -> concurrent.futures.Future[list[tuple[str, int]]]:
        """Return the versions whose files have gone, the last one first."""

        async def read() -> list[tuple[str, int]]:
            from tui.core.store import revisions

            return await self._reach.shelf().database.read(revisions.retired_versions)

        return self._reach.submit(read)


def as_text(data: bytes) -> str:
    """Return a file's text for reading; what is no text is spelled out."""
    return data.decode("utf-8", "backslashreplace").removeprefix("\ufeff")


def _revisions(
    stored: list[StoredRevision], file: bytes | None, head: bytes | None, last: str
) -> tuple[Revision, ...]:
    of_file, of_head = (content_hash(data) if data is not None else "" for data in (file, head))
    found = [
        Revision(
            one.id,
            one.content.encode(),
            one.created_at,
            one.runs,
            one.good,
            one.bad,
            in_file=one.content_hash == of_file,
            at_head=one.content_hash == of_head,
            last=one.content_hash == last,
        )
        for one in stored
    ]
    hashes = {one.content_hash for one in stored}
    beside = []
    if file is not None and of_file not in hashes:
        beside.append(Revision(None, file, None, in_file=True, at_head=of_file == of_head))
    if head is not None and of_head not in hashes | {of_file}:
        beside.append(Revision(None, head, None, at_head=True))
    return (*beside, *found)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
