"""Taking back what was done to files, and verdicts on runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.core.engine.events import RunRated
from tui.core.engine.journal import NotTakenBack, Undone
from tui.core.engine.processes import who
from tui.core.file_changes import ChangeRefused, carry_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from tui.core.engine.reach import Reach
    from tui.core.file_changes import FileChange
    from tui.core.store.runs import Outcome, Rating

_WORDS: Mapping[Outcome | None, str] = {
    "success": "rated good",
    "failure": "rated bad",
    "excluded": "left out of the count",
    None: "unrated",
}


@dataclass(frozen=True, slots=True)
class FilesChanged:
    """Files that were changed in place, made or removed."""

    undone: str
    """What to say once it is taken back."""
    changes: Sequence[FileChange]
    key: tuple[str, int] | None = None
    """The version that the user will want to see then."""

    async def take_back(self, reach: Reach) -> Undone:
        """Give every file its former content, if none was changed since."""
        try:
            await asyncio.to_thread(carry_out, [change.reversed() for change in reversed(self.changes)])
        except ChangeRefused as error:
            raise not_taken_back(error) from error
        await reach.shelf().update([change.path for change in self.changes])
        return Undone(self.undone, self.key)


@dataclass(frozen=True, slots=True)
class Decided:
    """What is served of a prompt, changed in its files; the audit has it."""

    files: FilesChanged
    name: str
    experiment_id: int | None = None
    """The test that was closed by it."""

    async def take_back(self, reach: Reach) -> Undone:
        """Give the files their former content, and open the test again; the audit has that too."""
        from tui.core.store import experiments

        undone = await self.files.take_back(reach)

        def put_back(connection: Connection) -> None:
            if self.experiment_id is not None:
                experiments.change_experiment(connection, self.experiment_id, closed_at=None)
            experiments.audit(connection, datetime.now(UTC), who(), "undo", self.name, undone.said)

        await reach.shelf().database.write(put_back)
        return undone


@dataclass(frozen=True, slots=True)
class Rated:
    """A verdict on a run."""

    run_id: str
    before: Rating
    after: Rating

    async def take_back(self, reach: Reach) -> Undone:
        """Give the run the verdict that it had, if nobody has judged it since."""
        from tui.core.store import runs

        before = self.before

        def put_back(connection: Connection) -> bool:
            same = runs.rating_of(connection, self.run_id) == self.after
            if same:
                runs.rate_run(connection, self.run_id, before.outcome, before.source or "", before.note)
            return same

        if not await reach.shelf().database.write(put_back):
            raise NotTakenBack("Not undone: the answer was rated again since; that rating stays.")
        reach.publish(RunRated(self.run_id, before.given, before.note))
        await reach.shelf().refresh_counts()
        return Undone(f"The answer is {_WORDS[before.outcome]} again.")


def not_taken_back(error: ChangeRefused) -> NotTakenBack:
    """Return why a change of files cannot be taken back."""
    return NotTakenBack(f"Not undone: {error.path.name} {error.reason}; it stays as it is.")
