"""Saving cases by command: each comes back through the watcher's way in, and can be undone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.core.cases.book import path_for
from tui.core.cases.document import parse_cases
from tui.core.cases.edit import CaseEditError, save_case
from tui.core.engine.undoing import FilesChanged
from tui.core.file_changes import ChangeRefused, FileChange, carry_out

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Collection, Mapping

    from tui.core.engine.reach import Reach


class CaseNotSaved(Exception):
    """The case cannot be saved; the message says why and what to do."""


class Casing:
    """For any thread."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._folder = reach.workspace.prompts

    def save(
        self,
        prompt: str,
        name: str,
        values: Mapping[str, str],
        *,
        figures: Collection[str] = (),
        seen: Mapping[str, str] | None = None,
    ) -> concurrent.futures.Future[None]:
        """Save values as a case of a prompt, into its file of cases.

        `seen` is what the case said when it was last looked at, None if there was none: a case that says
        something else in the file by now is not written over. `figures` are the variables whose values are
        written as numbers or booleans. Done when the case is there for all. Raises CaseNotSaved.
        """

        async def save() -> None:
            shelf = self._reach.shelf()
            known = shelf.cases.sets.get(prompt)
            path = known.path if known else path_for(prompt)
            if path is None:
                raise CaseNotSaved(f"A prompt that is named {prompt!r} can have no file of cases: rename it.")
            async with self._reach.journal.turn:
                try:
                    change = await asyncio.to_thread(self._write, path, name, values, figures, seen)
                except CaseEditError as error:
                    raise CaseNotSaved(f"{path}: {error}") from error
                except ChangeRefused as error:
                    raise CaseNotSaved(f"{path} {error.reason}: save the case again.") from error
                except OSError as error:
                    raise CaseNotSaved(f"{path} cannot be written ({error.strerror}).") from error
                if change is not None:
                    self._reach.journal.note(FilesChanged(f"{path} is as it was before {name!r}.", [change]))
            await shelf.update([self._folder / path])

        return self._reach.submit(save)

    def _write(
        self,
        path: str,
        name: str,
        values: Mapping[str, str],
        figures: Collection[str],
        seen: Mapping[str, str] | None,
    ) -> FileChange | None:
        file = self._folder / path
        before = file.read_bytes() if file.exists() else None
        document = parse_cases(before or b"").document
        case = document.find(name) if document else None
        if case is not None and (seen is None or dict(case.vars) != dict(seen)):
            raise CaseEditError(
                f"{name!r} says something else in the file by now; look at it and save again."
            )
        after = save_case(before, name, values, figures)
        if after == before:
            return None
        file.parent.mkdir(parents=True, exist_ok=True)
        change = FileChange(file, before, after)
        carry_out([change])
        return change
