"""What is written down of runs: a person's verdicts, and the answers of earlier days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.engine.events import RunChanged

if TYPE_CHECKING:
    from tui.core.engine.reach import Reach
    from tui.core.store.runs import Outcome


class Records:
    """For any thread; a failure is published as a Notice."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def rate(self, run_id: str, outcome: Outcome | None, note: str = "") -> None:
        """Record a person's verdict on a run: "success", "failure", "excluded", or None for none any more."""

        async def rate() -> None:
            from tui.core.store import runs

            shelf = self._reach.shelf()
            await shelf.database.write(runs.rate_run, run_id, outcome, "human", note)
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
