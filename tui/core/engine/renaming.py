"""Renaming a prompt: its files and its rows in the database change together, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tui.core.cases.book import path_for
from tui.core.engine.journal import NotTakenBack, Undone
from tui.core.engine.memory import VALUES
from tui.core.engine.undoing import not_taken_back
from tui.core.file_changes import ChangeRefused, FileChange, carry_out, removal
from tui.core.prompts.authoring import renamed_content, renamed_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from tui.core.engine.reach import Reach
    from tui.core.engine.shelf import Shelf
    from tui.core.prompts.snapshot import VersionRow
    from tui.core.store.thread import DatabaseThread


@dataclass(frozen=True, slots=True)
class Renamed:
    """A prompt that was called otherwise."""

    old: str
    new: str
    changes: Sequence[FileChange]
    version: int
    """The one that was at hand."""

    async def take_back(self, reach: Reach) -> Undone:
        """Let it be called as before, if none of its files was changed since, and no other has the name."""
        from tui.core.store import prompts

        if await reach.shelf().database.read(prompts.highest_version, self.old):
            raise NotTakenBack(
                f"Not undone: there is a prompt {self.old} again, or there was one whose history is kept; "
                f"{self.new} keeps its name."
            )
        back = [change.reversed() for change in reversed(self.changes)]
        try:
            await _carry_out(reach.shelf(), self.new, self.old, back)
        except ChangeRefused as error:
            raise not_taken_back(error) from error
        return Undone(f"{self.new} is named {self.old} again.", (self.old, self.version))


async def rename_problem(
    database: DatabaseThread, rows: Sequence[VersionRow], old: str, new: str
) -> str | None:
    """Return, as a sentence, what keeps a prompt from being renamed, if anything does."""
    from tui.core.store import drafts, prompts

    if not rows:
        return f"There is no prompt {old}; its files may have been removed just now."
    if new == old:
        return f"{old} is its name already."
    if broken := next((row for row in rows if row.broken), None):
        return f"{broken.path} has an error: mend it first, then rename the prompt."
    if await database.read(prompts.highest_version, new):
        return f"There is a prompt {new}, or there was one whose history is kept: choose another name."
    paths = {row.path for row in rows}
    if draft := next((one for one in await database.read(drafts.load_drafts) if one.path in paths), None):
        return f"{draft.path} has an unsaved draft: save or drop it first."
    return None


async def renaming(
    shelf: Shelf, folder: Path, rows: Sequence[VersionRow], at_hand: tuple[str, int], new: str
) -> Renamed:
    """Rename a prompt of these versions. Raises ChangeRefused, EditError and DatabaseError."""
    old, version = at_hand
    changes: list[FileChange] = []
    for row in rows:
        changes += _changes(folder, PurePosixPath(row.path), old, new)
    cases, moved = shelf.cases.sets.get(old), path_for(new)
    if cases is not None and moved is not None:
        removed = _removal(folder / cases.path)
        changes += [replace(removed.reversed(), path=folder / moved), removed]
    await _carry_out(shelf, old, new, changes)
    return Renamed(old, new, changes, version)


def _changes(folder: Path, path: PurePosixPath, old: str, new: str) -> list[FileChange]:
    """Return the changes for one file: where it is, and what it says of its name."""
    target = renamed_path(path, old, new)
    removed = _removal(folder / path)
    data = removed.before or b""
    renamed = renamed_content(data, target, new)
    changes: list[FileChange] = []
    if target != path:
        changes += [replace(removed.reversed(), path=folder / target), removed]
    if renamed != data:
        changes.append(FileChange(folder / target, data, renamed))
    return changes


def _removal(path: Path) -> FileChange:
    try:
        return removal(path)
    except OSError as error:
        raise ChangeRefused(path, f"cannot be read ({error.strerror})") from error


async def _carry_out(shelf: Shelf, old: str, new: str, changes: Sequence[FileChange]) -> None:
    from tui.core.store import memory, prompts

    def rename(connection: Connection) -> None:
        # The rows first: another process that sees the new files then waits for this transaction, and finds
        # the rows under the name that the files say.
        prompts.rename_prompt(connection, old, new)
        memory.rename(connection, VALUES + old, VALUES + new)
        prompts.rename_runs(connection, new)  # the newest, which a screen asks for with the new rows
        carry_out(changes)

    await shelf.rewrite(rename)
    await shelf.update([change.path for change in changes])  # the cases
    while await shelf.database.write(prompts.rename_runs, new):
        pass  # their words are indexed anew with each: in parts, so that others get their turn
