"""What is written down of runs: a person's verdicts, and the answers of earlier days."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.core.engine.events import RunChanged, RunRated
from tui.core.engine.undoing import Rated

if TYPE_CHECKING:
    import concurrent.futures

    from sqlalchemy import Connection

    from tui.core.engine.events import RunState
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

    def report(self, run_id: str, outcome: Outcome, note: str) -> concurrent.futures.Future[None]:
        """Write down what a program says of a run; told again, the last word counts."""

        async def report() -> None:
            from tui.core.store import runs

            shelf = self._reach.shelf()
            await shelf.database.write(runs.rate_run, run_id, outcome, "program", note)
            self._reach.publish(RunRated(run_id, outcome, note))
            await shelf.refresh_counts()

        return self._reach.submit(report)

    def recall(self, name: str) -> None:
        """Publish what was run last of a prompt and has ended, as the database has it, as RunChanged."""

        async def read() -> None:
            for run in await self._beside(name, time.time(), earlier=True):
                self._reach.publish(RunChanged(run))

        self._reach.command(read)

    def beside(
        self, name: str, asked_at: float, *, earlier: bool
    ) -> concurrent.futures.Future[tuple[RunState, ...]]:
        """Read the run of a prompt that was asked for next before a moment, or next after it.

        If it was asked for together with others, these come too. `asked_at`: seconds since the epoch.
        """
        return self._reach.submit(lambda: self._beside(name, asked_at, earlier=earlier))

    async def _beside(self, name: str, asked_at: float, *, earlier: bool) -> tuple[RunState, ...]:
        from tui.core.engine.recall import recalled
        from tui.core.store import runs

        at = datetime.fromtimestamp(asked_at, UTC)
        read = self._reach.shelf().database.read
        return tuple(map(recalled, await read(runs.runs_beside, name, at, earlier=earlier)))
