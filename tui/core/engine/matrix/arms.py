"""Which revisions take part in a matrix: versions as their files are now, or as git or history has them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tui.core.engine.choice import UnknownPrompt
from tui.core.engine.git import TooSlow, commit_of, content_at
from tui.core.engine.matrix.plan import Arm, PlanError
from tui.core.prompts.snapshot import served, versions_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from tui.core.prompts.snapshot import LibrarySnapshot, VersionRow
    from tui.core.store.thread import DatabaseThread

_SPEC = re.compile(r"(?:v?(?P<number>[0-9]{1,9})|(?P<all>all))?(?:@(?P<revision>.+))?")
_HASH = re.compile(r"#?(?P<start>[0-9a-f]{4,64})")


@dataclass(frozen=True, slots=True)
class Spec:
    """What somebody wrote for a revision: `2`, `v2`, `all`, `2@HEAD~1`, `@main`, `2@#91c2`."""

    version: int | None
    """None: what is served."""
    every: bool = False
    """All versions of the prompt."""
    revision: str = ""
    """Of git, or the first letters of a content's hash; empty: the file as it is."""


def parse_spec(text: str) -> Spec:
    """Read such words. Raises PlanError."""
    found = _SPEC.fullmatch(text.strip())
    if found is None or not text.strip():
        raise PlanError(f"{text!r} is no version: write 2, all, 2@HEAD, or 2@ and how its hash begins.")
    number = found["number"]
    return Spec(int(number) if number else None, bool(found["all"]), found["revision"] or "")


def rows_for(library: LibrarySnapshot, name: str, spec: Spec) -> Sequence[VersionRow]:
    """Return the versions that are meant; of those that are served, if none is named. Raises PlanError."""
    rows = versions_of(library, name)
    if not rows:
        raise PlanError(str(UnknownPrompt.among(name, library)))
    if spec.every:
        return rows
    if spec.version is None:
        return served(library, name) or rows[-1:]
    found = [row for row in rows if row.version == spec.version]
    if not found:
        known = ", ".join(f"v{row.version}" for row in rows)
        raise PlanError(f"{name!r} has no version {spec.version}; it has {known}.")
    return found


class Revisions:
    """Finds what a version has said at another time; for the engine's loop."""

    def __init__(self, folder: Path, database: DatabaseThread) -> None:
        self._folder = folder
        self._database = database
        self._commits: dict[str, str] = {}

    async def arm(self, row: VersionRow, revision: str) -> Arm:
        """Return a version as it was in a revision. Raises PlanError."""
        label = f"v{row.version}@{revision}"
        data = await self._from_history(row, revision)
        if data is None:
            data = await self._from_git(row, await self.commit(revision))
        if data is None:
            raise PlanError(f"{row.path} is not in the revision {revision!r}.")
        return Arm(await self._row(row, data, label), label)

    async def baseline(self, row: VersionRow, revision: str) -> Arm | None:
        """Return a version as it was in a revision of git; None if it was not there. Raises PlanError."""
        data = await self._from_git(row, await self.commit(revision))
        if data is None:
            return None
        label = f"v{row.version}@{revision}"
        return Arm(await self._row(row, data, label), label, baseline=True)

    async def commit(self, revision: str) -> str:
        """Return the commit that a revision of git means. Raises PlanError."""
        if revision not in self._commits:
            try:
                found = await asyncio.to_thread(commit_of, self._folder, revision)
            except TooSlow:
                raise PlanError("Git takes too long to answer.") from None
            if found is None:
                raise PlanError(f"Git knows no revision {revision!r} in {self._folder}.")
            self._commits[revision] = found
        return self._commits[revision]

    async def _from_history(self, row: VersionRow, revision: str) -> bytes | None:
        from tui.core.store import prompts

        found = _HASH.fullmatch(revision)
        if found is None:
            return None
        known = await self._database.read(prompts.find_revision, row.id, found["start"])
        return None if known is None else known[1].encode()

    async def _from_git(self, row: VersionRow, commit: str) -> bytes | None:
        try:
            return await asyncio.to_thread(content_at, self._folder, commit, row.path)
        except TooSlow:
            raise PlanError("Git takes too long to answer.") from None

    async def _row(self, row: VersionRow, data: bytes, label: str) -> VersionRow:
        """Return the version with another content, which is kept in its history. Raises PlanError."""
        from tui.core.prompts.document import content_hash, parse_document
        from tui.core.store import prompts

        parsed = parse_document(data, PurePosixPath(row.path))
        document, digest = parsed.document, content_hash(data)
        if document is None:
            reason = next(problem for problem in parsed.problems if problem.severity == "error")
            raise PlanError(f"{row.name} {label} cannot be read: {reason.report(row.path)}")
        now = datetime.now(UTC)

        def keep(connection: Connection) -> int:
            prompts.keep_revision(connection, (row.name, row.version), digest, data.decode(), now)
            found = prompts.find_revision(connection, row.id, digest)
            return found[0] if found else row.revision_id

        return replace(
            row,
            template=document.template,
            variables=document.variables,
            system=document.system,
            provider=document.provider,
            model=document.model,
            parameters=document.parameters,
            body_line=document.body_line,
            content_hash=digest,
            revision_id=await self._database.write(keep),
            problems=(),
        )
