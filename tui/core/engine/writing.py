"""What is written into prompt files: kept as drafts, saved into the files, never over another's save."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.core.engine.events import DraftNote, DraftsChanged, Event
from tui.core.engine.processes import host, runs_here
from tui.core.prompts.source import content_hash

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from pathlib import Path
    from typing import Any, TypeVar

    from tui.core.engine.shelf import Shelf
    from tui.core.store.drafts import StoredDraft

    T = TypeVar("T")
    Submit = Callable[[Callable[[], Coroutine[Any, Any, T]]], concurrent.futures.Future[T]]


class WritingError(Exception):
    """A file or the database cannot be read or written; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with its text, and the content that it was begun from, where that is still known."""

    note: DraftNote
    data: bytes
    base: bytes | None
    base_hash: str
    cursor: Mapping[str, Any] | None
    id: int | None


@dataclass(frozen=True, slots=True)
class Opening:
    """A file as it is opened for writing: its bytes, None if it has gone, and the drafts that wait for it."""

    data: bytes | None
    drafts: tuple[Draft, ...]
    """Those that can be gone on with, the newest first: of this process, of one that ended, or set aside."""
    elsewhere: tuple[DraftNote, ...]
    """Those that other processes are typing in."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The file was not what the text was begun from; `theirs` is what it is, None if it has gone."""

    theirs: bytes | None


class Writing:
    """For the screen: every method is for any thread and gives a future, which raises WritingError."""

    def __init__(
        self,
        folder: Path,
        submit: Callable[..., Any],
        shelf: Callable[[], Shelf],
        publish: Callable[[Event], None],
    ) -> None:
        self._folder = folder
        self._engine: Submit[Any] = submit
        self._shelf = shelf
        self._publish = publish
        self._told: DraftsChanged | None = None

    @property
    def host(self) -> str:
        """The name of this computer, as drafts carry it."""
        return host()

    def _submit(self, work: Callable[[], Coroutine[Any, Any, T]]) -> concurrent.futures.Future[T]:
        async def carry_out() -> T:
            from tui.core.store.database import DatabaseError

            try:
                return await work()
            except DatabaseError as error:
                raise WritingError(str(error)) from error
            except OSError as error:
                where, why = error.filename or self._folder, error.strerror or error
                raise WritingError(f"{where} cannot be read ({why}): look at its permissions.") from error

        return self._engine(carry_out)

    def open(self, path: str) -> concurrent.futures.Future[Opening]:
        """Read a file and its drafts; drafts that say what the file says are forgotten."""
        return self._submit(lambda: self._open(path))

    def read(self, path: str) -> concurrent.futures.Future[bytes | None]:
        """Read a file, None if it has gone."""

        async def read() -> bytes | None:
            return _read(self._folder / path)

        return self._submit(read)

    def keep(
        self,
        path: str,
        data: bytes,
        base: bytes | None,
        cursor: Mapping[str, Any],
        *,
        outdated: bool = False,
    ) -> concurrent.futures.Future[None]:
        """Keep a text as this process's draft of the file; one that is what it was begun from is dropped.

        Unless that is `outdated`: the file has become something else since.
        """
        moment = datetime.now(UTC)
        clean = data == base and not outdated

        async def keep() -> None:
            from tui.core.store import drafts

            database = self._shelf().database
            if clean:
                await database.write(drafts.drop_draft, path, host(), os.getpid())
            else:
                await database.write(
                    drafts.save_draft, _stored(path, data, base, moment, os.getpid(), host(), cursor)
                )
            if clean == self._has_mine(path):
                await self.look()

        return self._submit(keep)

    def set_aside(self, path: str, data: bytes, base: bytes | None) -> concurrent.futures.Future[None]:
        """Keep a text as a draft of its own, to be offered when the file is opened again."""

        async def keep() -> None:
            await self._set_aside(path, data, base)

        return self._submit(keep)

    def forget(self, drafts: Sequence[Draft]) -> concurrent.futures.Future[None]:
        """Drop drafts that were taken over or given up."""
        ids = [draft.id for draft in drafts if draft.id is not None]

        async def forget() -> None:
            from tui.core.store import drafts as store

            await self._shelf().database.write(store.drop_drafts, ids)
            await self.look()

        return self._submit(forget)

    def save(self, path: str, data: bytes, base: bytes | None) -> concurrent.futures.Future[Conflict | None]:
        """Write the file if it is still `base`, and forget this process's draft; else return the conflict.

        Done when the database has taken the file in.
        """
        return self._submit(lambda: self._save(path, data, base))

    def overrule(
        self, path: str, data: bytes, theirs: bytes | None
    ) -> concurrent.futures.Future[Conflict | None]:
        """Write the file although others changed it to `theirs`, which goes into the local history first.

        A file that serves no version has no history: theirs is then set aside as a draft.
        """

        async def overrule() -> Conflict | None:
            if theirs is not None:
                await self._keep_theirs(path, theirs)
            return await self._save(path, data, theirs)

        return self._submit(overrule)

    async def look(self) -> None:
        """Publish which files have drafts, if that has changed; for the engine's loop."""
        from tui.core.store import drafts

        stored = await self._shelf().database.read(drafts.load_drafts)
        said = DraftsChanged(tuple(map(_note, stored)))
        # That a draft grew is no news.
        if self._told is None or _whose(said) != _whose(self._told):
            self._told = said
            self._publish(said)

    def _has_mine(self, path: str) -> bool:
        return self._told is not None and any(n.mine and n.path == path for n in self._told.drafts)

    async def _open(self, path: str) -> Opening:
        from tui.core.store import drafts

        data = _read(self._folder / path)
        database = self._shelf().database
        same: list[int] = []
        found: list[Draft] = []
        elsewhere: list[DraftNote] = []
        for stored in await database.read(drafts.load_drafts, path):
            note = _note(stored)
            if note.elsewhere:
                elsewhere.append(note)
            elif stored.content.encode() == data and stored.id is not None:
                same.append(stored.id)
            else:
                found.append(await self._draft(stored, note, data))
        if same:
            await database.write(drafts.drop_drafts, same)
            await self.look()
        return Opening(data, tuple(found), tuple(elsewhere))

    async def _draft(self, stored: StoredDraft, note: DraftNote, data: bytes | None) -> Draft:
        from tui.core.store import prompts

        base = data if data is not None and content_hash(data) == stored.base_hash else None
        if base is None and stored.base_hash:
            kept = await self._shelf().database.read(prompts.find_content, stored.base_hash)
            base = kept.encode() if kept is not None else None
        return Draft(note, stored.content.encode(), base, stored.base_hash, stored.cursor, stored.id)

    async def _save(self, path: str, data: bytes, base: bytes | None) -> Conflict | None:
        from tui.core.exchange import Overtaken, replace_if
        from tui.core.store import drafts

        file = self._folder / path
        try:
            await asyncio.to_thread(replace_if, file, data, base)
        except Overtaken as overtaken:
            if overtaken.found != data:
                return Conflict(overtaken.found)
        except OSError as error:
            raise WritingError(
                f"{path} cannot be written ({error.strerror}): mend that and save again; the draft is kept."
            ) from error
        shelf = self._shelf()
        await shelf.database.write(drafts.drop_draft, path, host(), os.getpid())
        await shelf.update([file])
        await self.look()
        return None

    async def _keep_theirs(self, path: str, theirs: bytes) -> None:
        from tui.core.store import prompts

        # What is no text cannot be kept as it is; its bad bytes are spelled out.
        text = theirs.decode("utf-8", "backslashreplace")
        shelf = self._shelf()
        row = next((row for row in shelf.versions if row.path == path), None)
        kept = row is not None and await shelf.database.write(
            prompts.keep_revision, (row.name, row.version), content_hash(theirs), text, datetime.now(UTC)
        )
        if not kept:
            await self._set_aside(path, text.encode(), None)

    async def _set_aside(self, path: str, data: bytes, base: bytes | None) -> None:
        from tui.core.store import drafts

        draft = _stored(path, data, base, datetime.now(UTC), None, host(), None)
        await self._shelf().database.write(drafts.save_draft, draft)
        await self.look()


def _stored(
    path: str,
    data: bytes,
    base: bytes | None,
    moment: datetime,
    pid: int | None,
    where: str,
    cursor: Mapping[str, Any] | None,
) -> StoredDraft:
    from tui.core.store.drafts import StoredDraft

    base_hash = content_hash(base) if base is not None else ""
    return StoredDraft(path, data.decode("utf-8"), base_hash, moment, pid, where, cursor)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _note(stored: StoredDraft) -> DraftNote:
    here = stored.host == host()
    mine = here and stored.pid == os.getpid()
    # A process of another computer may have ended long ago: its draft is offered, and says where it is from.
    elsewhere = here and not mine and stored.pid is not None and runs_here(stored.pid)
    return DraftNote(stored.path, stored.updated_at, stored.pid, stored.host, mine, elsewhere)


def _whose(said: DraftsChanged) -> set[tuple[str, str, int | None, bool]]:
    return {(note.path, note.host, note.pid, note.elsewhere) for note in said.drafts}
