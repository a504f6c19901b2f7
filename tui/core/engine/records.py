"""What is written down of runs: a person's verdicts, and the answers of earlier days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.engine.events import RunChanged, RunRated
from tui.core.engine.undoing import Rated

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tui.core.engine.reach import Reach
    from tui.core.store.runs import Outcome, Rating


class Records:
    """For any thread; a failure is published as a Notice."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def rate(self, run_id: str, outcome: Outcome | None, note: str = "") -> None:
        """Record a person's verdict on a run: "success", "failure", "excluded", or None for none any more.

        Published as RunRated.
        """

        async def rate() -> None:
            from tui.core.store import runs

            def rated(connection: Connection) -> tuple[Rating | None, Rating | None]:
                before = runs.rating_of(connection, run_id)
                runs.rate_run(connection, run_id, outcome, "human", note)
                return before, runs.rating_of(connection, run_id)

            shelf, journal = self._reach.shelf(), self._reach.journal
            async with journal.turn:
                before, after = await shelf.database.write(rated)
                if before is not None and after is not None and before != after:
                    journal.note(Rated(run_id, before, after))
            self._reach.publish(RunRated(run_id, outcome, note))
            await shelf.refresh_counts()

        self._reach.command(rate)

    def recall(self, name: str) -> None:
        """Publish the last finished run of a prompt that the database has, as a RunChanged."""

        async def read() -> None:
            from tui.core.engine.recall import recalled
            from tui.core.store import runs

            stored = await self._reach.shelf().database.read(runs.recent_runs, 5, name)
            last = next((run for run in stored if run.status != "running"), None)
            if last is not None:
                self._reach.publish(RunChanged(recalled(last)))

        self._reach.command(read)
