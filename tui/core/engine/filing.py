"""Changing prompt files by command: each comes back through the watcher like any other change."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tui.core.engine.activation import ActivationError, activate, split, split_words
from tui.core.engine.arm_identity import same_arm
from tui.core.engine.events import Notice
from tui.core.engine.journal import NotTakenBack
from tui.core.engine.processes import who
from tui.core.engine.renaming import rename_problem, renaming
from tui.core.engine.undoing import Decided, FilesChanged
from tui.core.file_changes import ChangeRefused, FileChange, carry_out, removal
from tui.core.prompts.authoring import (
    NameProblem,
    as_version,
    check_name,
    copied_version,
    new_prompt,
    version_path,
)
from tui.core.prompts.edit import EditError
from tui.core.prompts.snapshot import in_service, versions_of
from tui.core.prompts.source import content_hash

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from tui.core.engine.reach import Reach
    from tui.core.engine.revisions import Past
    from tui.core.prompts.snapshot import VersionRow

    Key = tuple[str, int]


class FilingError(Exception):
    """A file cannot be changed so; the message says why."""


_REASONS = (FilingError, ActivationError, NameProblem, EditError, ChangeRefused, NotTakenBack)


class Filing:
    """For any thread; what was done, and what keeps something from being done, is published as a Notice.

    The futures have the version that the user will want to see, None if there is none.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._folder = reach.workspace.prompts

    def activate(self, name: str, version: int) -> concurrent.futures.Future[Key | None]:
        """Make a version the active one by editing its file and its siblings'; that ends a test of them."""

        async def edit() -> Key:
            before = [f"v{row.version}" for row in self._rows(name) if row.active]
            changes = await asyncio.to_thread(activate, self._folder, self._rows(name), version)
            if changes:
                said = f"Active again of {name}: {', '.join(before) or 'no version'}."
                await self._reach.shelf().update([change.path for change in changes])
                closed = await self._reach.shelf().database.write(self._promoted, name, version, before)
                self._reach.journal.note(Decided(FilesChanged(said, changes), name, closed))
            else:
                self._say(f"{name} v{version} is the active version already.")
            return name, version

        return self._reach.submit(lambda: self._told(edit))

    def split(self, name: str, weights: Mapping[int, float]) -> concurrent.futures.Future[Key | None]:
        """Share the traffic of a prompt between versions by these weights; the others become inactive."""

        async def edit() -> Key:
            rows = self._rows(name)
            changes = await asyncio.to_thread(split, self._folder, rows, weights)
            if not changes:
                self._say(f"{name} is split like that already.")
                return name, rows[0].version
            shelf, before = self._reach.shelf(), split_words(rows)
            await shelf.update([change.path for change in changes])
            if (after := split_words(self._rows(name))) != before:
                await shelf.database.write(self._resplit, name, f"{before} became {after}")
            said = f"The traffic of {name} is {before} again."
            self._reach.journal.note(Decided(FilesChanged(said, changes), name))
            return name, next(iter(weights))

        return self._reach.submit(lambda: self._told(edit))

    def new_version(self, name: str, version: int) -> concurrent.futures.Future[Key | None]:
        """Copy a version to the next `NAME-vN.md` that is free, as one that is not active."""

        async def copy() -> Key:
            from tui.core.store import prompts

            row = self._row(name, version)
            highest = await self._reach.shelf().database.read(prompts.highest_version, name)
            change, number = await asyncio.to_thread(self._copy, row, highest + 1)
            said = f"Removed {change.path.name} again."
            await self._done(FilesChanged(said, [change], (name, version)))
            self._say(f"{change.path.name} is v{number}, a copy of v{version}, and not active yet.")
            return name, number

        return self._reach.submit(lambda: self._told(copy))

    def new_prompt(self, text: str) -> concurrent.futures.Future[Key | None]:
        """Write the first version of a new prompt; `text` is its name, or `FOLDER/NAME`."""

        async def write() -> Key:
            name, path, data = new_prompt(text)
            if self._rows(name):
                raise FilingError(f"There is a prompt {name} already: choose another name.")
            change = FileChange(self._folder / path, None, data)
            await asyncio.to_thread(self._create, change)
            await self._done(FilesChanged(f"Removed {path} again.", [change]))
            self._say(f"{path} is a first version of {name}: write what it should say.")
            return name, 1

        return self._reach.submit(lambda: self._told(write))

    def rename(self, old: str, version: int, new: str) -> concurrent.futures.Future[Key | None]:
        """Give a prompt another name, in all its files and in the database, where its history is kept.

        `version` is the one at hand, which will be so again when it is undone.
        """

        async def rename() -> Key:
            rows = self._rows(old)
            shelf = self._reach.shelf()
            if problem := await rename_problem(shelf.database, rows, old, check_name(new.strip())):
                raise FilingError(problem)
            renamed = await renaming(shelf, self._folder, rows, (old, version), new.strip())
            self._reach.journal.note(renamed)
            files = "its file" if len(rows) == 1 else f"its {len(rows)} files"
            self._say(f"{old} is named {renamed.new} now, in {files}; its runs and revisions went along.")
            return renamed.new, version

        return self._reach.submit(lambda: self._told(rename))

    def retire(self, name: str, version: int) -> concurrent.futures.Future[Key | None]:
        """Remove a version's file; what it said is in the local history, and can be restored from there."""

        async def retire() -> None:
            row = self._row(name, version)
            change = await asyncio.to_thread(self._removal, row)
            await self._keep((name, version), row.path, change.before or b"")
            await asyncio.to_thread(carry_out, [change])
            await self._done(FilesChanged(f"{row.path} is back.", [change], (name, version)))
            rest = [other for other in self._rows(name) if other.version != version]
            but = " No version is active now." if rest and not any(other.active for other in rest) else ""
            self._say(f"Removed {row.path}: the local history has it, and undoing brings it back.{but}")

        return self._reach.submit(lambda: self._told(retire))

    def restore(self, past: Past, data: bytes) -> concurrent.futures.Future[Key | None]:
        """Write an earlier content to a version's file, if that is still what `past` says of it."""

        async def restore() -> Key:
            key, found = (past.name, past.version), past.file
            content, path = as_version(data, PurePosixPath(past.path), *key)
            change = FileChange(self._folder / path, found, content)
            if found is not None:
                await self._keep(key, str(path), found)
                await asyncio.to_thread(carry_out, [change])
            else:
                await asyncio.to_thread(self._create, change)
            undone = f"{path} says what it said before." if found is not None else f"Removed {path} again."
            await self._done(FilesChanged(undone, [change], key))
            self._say(f"Restored {path}; undoing takes that back.")
            return key

        return self._reach.submit(lambda: self._told(restore))

    def undo(self) -> concurrent.futures.Future[Key | None]:
        """Take back the last command that changed files, or the last rating; once more for the one before."""

        async def undo() -> Key | None:
            undone = await self._reach.journal.take_back(self._reach)
            self._say(undone.said)
            return undone.key

        return self._reach.submit(lambda: self._told(undo))

    # ---------------------------------------------------------------- parts

    def _promoted(self, connection: Connection, name: str, version: int, before: Sequence[str]) -> int | None:
        from tui.core.store import experiments

        now, test = datetime.now(UTC), experiments.latest_experiment(connection, name)
        detail = f"v{version} is the active version, after {', '.join(before) or 'none'}"
        experiments.audit(connection, now, who(), "promote", name, detail)
        if test is None or test.closed_at is not None:
            return None
        experiments.change_experiment(connection, test.id, closed_at=now)
        return test.id

    def _resplit(self, connection: Connection, name: str, detail: str) -> None:
        from tui.core.store import experiments, uses

        now = datetime.now(UTC)
        experiments.audit(connection, now, who(), "split", name, detail)
        served = in_service(uses.versions_to_serve(connection, name))
        if len(served) > 1:
            experiments.settle(connection, name, served, now, who(), uuid.uuid4().hex, same_arm, told=True)

    async def _told(self, work: Callable[[], Awaitable[Key | None] | Awaitable[None]]) -> Key | None:
        try:
            async with self._reach.journal.turn:
                return await work()
        except _REASONS as error:
            self._reach.publish(Notice(str(error), "error"))
        except Exception as error:  # noqa: BLE001 - nobody else would ever hear of it
            self._reach.publish(Notice.about("That could not be done", error))
        return None

    def _say(self, sentence: str) -> None:
        self._reach.publish(Notice(sentence))

    async def _done(self, done: FilesChanged) -> None:
        self._reach.journal.note(done)
        await self._reach.shelf().update([change.path for change in done.changes])

    def _rows(self, name: str) -> tuple[VersionRow, ...]:
        library = self._reach.library()
        return versions_of(library, name) if library else ()

    def _row(self, name: str, version: int) -> VersionRow:
        row = next((row for row in self._rows(name) if row.version == version), None)
        if row is None:
            raise FilingError(f"There is no {name} v{version}; its file may have been removed just now.")
        return row

    def _copy(self, row: VersionRow, number: int) -> tuple[FileChange, int]:
        """Write the copy; never over a file, whatever it is."""
        if row.broken:
            raise FilingError(f"{row.path} has an error: mend it first, then copy it.")
        source = self._folder / row.path
        try:
            data, mode = source.read_bytes(), source.stat().st_mode & 0o7777
        except OSError as error:
            raise FilingError(f"{source} cannot be read ({error.strerror}).") from error
        while True:
            path = self._folder / version_path(PurePosixPath(row.path), number)
            change = FileChange(path, None, copied_version(data, number), mode)
            if not path.is_symlink() and not path.exists():
                carry_out([change])
                return change, number
            number += 1

    def _create(self, change: FileChange) -> None:
        if change.path.exists() or change.path.is_symlink():
            raise FilingError(f"{change.path} is there already: choose another name.")
        try:
            change.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FilingError(f"{change.path.parent} cannot be made ({error.strerror}).") from error
        carry_out([change])

    def _removal(self, row: VersionRow) -> FileChange:
        try:
            return removal(self._folder / row.path)
        except OSError as error:
            raise FilingError(f"{self._folder / row.path} cannot be read ({error.strerror}).") from error

    async def _keep(self, key: Key, path: str, data: bytes) -> None:
        """See to it that the local history has what the file says now, also where that is an error."""
        from tui.core.store import prompts

        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise FilingError(
                f"{path} is not UTF-8, so the local history cannot keep it: move it away yourself."
            ) from None
        await self._reach.shelf().database.write(
            prompts.keep_revision, key, content_hash(data), text, datetime.now(UTC)
        )
