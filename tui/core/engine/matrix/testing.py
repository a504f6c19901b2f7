"""The engine's commands about matrices: planned and priced, carried out, stopped."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.core.engine.request import FreeText, RunRequest
from tui.core.engine.upkeep import innermost

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Sequence
    from decimal import Decimal

    from tui.core.engine.matrix.grid import Grid
    from tui.core.engine.matrix.plan import Plan
    from tui.core.engine.planning import Forecast, Planning
    from tui.core.engine.reach import Reach
    from tui.core.settings import Settings

_USUAL_ANSWER = "word " * 800
"""What a judge is reckoned to read, before there is an answer."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to have tested."""

    names: Sequence[str] = ()
    """Prompts; empty: all that have cases."""
    versions: Sequence[str] = ()
    """As `arms.parse_spec` reads them; empty: what is served."""
    providers: Sequence[str] = ()
    """Empty: the prompt's own, or that of the settings; `all`: every one that has a key."""
    model: str | None = None
    repeats: int = 1
    baseline: str = ""
    """A revision of git to compare with."""
    timeout: float | None = None
    """Seconds that a cell may wait for its quota; None: as long as it takes."""


class Testing:
    """For any thread; futures raise DatabaseError too."""

    def __init__(self, reach: Reach, settings: Settings, planning: Planning) -> None:
        self._reach = reach
        self._settings = settings
        self._planning = planning
        self._running: dict[str, asyncio.Task[Grid]] = {}

    def plan(self, wish: Wish) -> concurrent.futures.Future[Plan]:
        """Say what is to be done; nothing is sent. The future raises PlanError and UnknownProvider."""

        async def plan() -> Plan:
            from tui.core.engine.matrix.planned import Planner

            return await Planner(self._reach, self._settings, wish).plan()

        return self._reach.submit(plan)

    def forecast(self, plan: Plan) -> concurrent.futures.Future[dict[str, Forecast]]:
        """Say what a plan takes at most, by provider: the answers, and every judge that may be asked."""
        answers = [cell.request for cell in plan.cells]
        judges = [
            RunRequest(FreeText(rubric.question("", _USUAL_ANSWER)), rubric.provider, model=rubric.model)
            for _, rubric in plan.judges
        ]
        return self._planning.forecast([*answers, *judges])

    def start(
        self, plan: Plan, *, reuse: bool = False, fresh: bool = False, budget: Decimal | None = None
    ) -> concurrent.futures.Future[Grid]:
        """Carry a plan out; the future has the last state. Each state until then is a MatrixChanged.

        A plan that was left unfinished, by a crash or a cancellation, is gone on with unless `fresh`. `reuse`
        takes answers of earlier matrices, `budget` (US dollars) ends it before more may be spent. Cancelling
        the future ends it; what is done is kept, the rest stays to be done.
        """

        async def carry_out() -> Grid:
            from tui.core.engine.matrix.carry import Matrix, Means
            from tui.core.engine.matrix.written import begin

            shelf = self._reach.shelf()
            written, first = await begin(shelf.database, plan, shelf.is_alive, reuse=reuse, fresh=fresh)
            means = Means(self._reach.runner(), written, self._reach.publish, price=self._planning.price)
            matrix = Matrix(written.id, plan, first, means, budget)
            task = asyncio.ensure_future(matrix.carry_out())
            self._running[written.id] = task
            try:
                grid = await task
                if not grid.stopped:
                    await written.close()
            except BaseExceptionGroup as error:  # of its cells; whoever waits for it has use for one reason
                raise innermost(error) from error
            finally:
                del self._running[written.id]
                await shelf.refresh_counts()
            return grid

        return self._reach.submit(carry_out)

    def recall(self, plan: Plan, after: str = "") -> concurrent.futures.Future[Grid | None]:
        """Return what came of a plan the last time that it was carried out; None if it never was.

        With `after` only if that began later than the matrix of that id.
        What was edited since is another plan: a revision, a value, a check.
        """

        async def read() -> Grid | None:
            from tui.core.engine.matrix.written import recall

            return await recall(self._reach.shelf().database, plan, after)

        return self._reach.submit(read)

    def cancel(self, matrix_id: str) -> None:
        """End a matrix; it can be gone on with."""

        async def cancel() -> None:
            if matrix_id in self._running:
                self._running[matrix_id].cancel()

        self._reach.command(cancel)

    async def stop(self) -> None:
        """End all matrices, and wait for their ends; for the engine's loop."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
