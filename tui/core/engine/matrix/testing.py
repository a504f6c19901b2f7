"""The engine's commands about matrices: planned and priced, carried out, stopped."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.core.engine.choice import UnknownProvider, choose_provider
from tui.core.engine.matrix.arms import Revisions, Spec, parse_spec, rows_for
from tui.core.engine.matrix.plan import Arm, Plan, PlanError, make_plan
from tui.core.engine.request import FreeText, RunRequest
from tui.core.engine.upkeep import innermost

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Sequence
    from decimal import Decimal

    from tui.core.cases.book import CasesSnapshot
    from tui.core.engine.matrix.grid import Grid
    from tui.core.engine.planning import Forecast, Planning
    from tui.core.engine.reach import Reach
    from tui.core.prompts.snapshot import LibrarySnapshot, VersionRow
    from tui.core.providers.base import Request
    from tui.core.settings import Settings

EVERY = "all"
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
            library, cases = self._reach.library(), self._reach.shelf().cases
            if library is None:
                raise PlanError("The prompts are not loaded yet.")
            arms, unchanged = await self._arms(wish, library, _names(wish, library, cases))
            cells = make_plan(
                arms,
                cases,
                lambda row: self._providers(wish, row),
                self._wire,
                repeats=wish.repeats,
                model=wish.model,
                timeout=wish.timeout,
            )
            made = Plan(cells, frozenset(unchanged), wish.baseline, _notes(cases, arms))
            self._need_judges(made, cases)
            return made

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
        takes answers of earlier matrices, `budget` (US dollars) ends it when so much is spent. Cancelling the
        future ends it; what is done is kept, the rest stays to be done.
        """

        async def carry_out() -> Grid:
            from tui.core.engine.matrix.carry import Matrix, Means
            from tui.core.engine.matrix.written import begin

            shelf = self._reach.shelf()
            written, first = await begin(shelf.database, plan, shelf.is_alive, reuse=reuse, fresh=fresh)
            means = Means(self._reach.runner(), written, self._reach.publish)
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

    def recall(self, plan: Plan) -> concurrent.futures.Future[Grid | None]:
        """Return what came of a plan the last time that it was carried out; None if it never was.

        What was edited since is another plan: a revision, a value, a check.
        """

        async def read() -> Grid | None:
            from tui.core.engine.matrix.written import recall

            return await recall(self._reach.shelf().database, plan)

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

    async def _arms(
        self, wish: Wish, library: LibrarySnapshot, names: Sequence[str]
    ) -> tuple[list[Arm], set[tuple[str, int]]]:
        revisions = Revisions(self._reach.workspace.prompts, self._reach.shelf().database)
        arms: list[Arm] = []
        unchanged: set[tuple[str, int]] = set()
        specs = [parse_spec(text) for text in wish.versions] or [Spec(None)]
        for name in names:
            mine: list[Arm] = []
            for spec in specs:
                rows, at = rows_for(library, name, spec), spec.revision
                mine += [await revisions.arm(row, at) if at else _now(row) for row in rows]
            for row in [arm.row for arm in mine] if wish.baseline else ():
                before = await revisions.baseline(row, wish.baseline)
                if before is not None and before.row.content_hash == row.content_hash:
                    unchanged.add((row.name, row.version))
                elif before is not None:
                    mine.append(before)
            arms += _each_once(mine)
        return arms, unchanged

    def _providers(self, wish: Wish, row: VersionRow) -> Sequence[str]:
        states = self._reach.providers()
        if EVERY in wish.providers:
            return [name for name, state in states.items() if state.usable]
        wanted: Sequence[str | None] = wish.providers or (None,)
        return list(dict.fromkeys(choose_provider(states, row, name, self._settings).name for name in wanted))

    def _wire(self, request: RunRequest) -> Request:
        from tui.core.engine.run import wire_request

        return wire_request(request, self._reach.account(request.provider))

    def _need_judges(self, plan: Plan, cases: CasesSnapshot) -> None:
        """Raise PlanError for a judge at a provider that is not there."""
        known = self._reach.providers()
        for cell in plan.cells:
            for check, test in cell.tests:
                provider = getattr(test, "provider", None)
                if provider is not None and provider not in known:
                    path = cases.sets[cell.arm.row.name].path
                    sentence = UnknownProvider.among(provider, known)
                    raise PlanError(f"{path}:{check.line}:{check.column}: {sentence}")


def _now(row: VersionRow) -> Arm:
    """Return a version as its file says now. Raises PlanError where that cannot be served."""
    broken = next((problem for problem in row.problems if problem.severity == "error"), None)
    if broken is not None:
        raise PlanError(broken.report(row.path))
    return Arm(row, f"v{row.version}")


def _each_once(arms: Sequence[Arm]) -> list[Arm]:
    """Leave out what was asked for twice, in whatever words."""
    found: dict[tuple[int, str, bool], Arm] = {}
    for arm in arms:
        found.setdefault((arm.row.id, arm.row.content_hash, arm.baseline), arm)
    return list(found.values())


def _names(wish: Wish, library: LibrarySnapshot, cases: CasesSnapshot) -> Sequence[str]:
    """Return the prompts that are meant. Raises PlanError."""
    known = {row.name for row in library.versions}
    if wish.names:
        for name in wish.names:
            if name not in known:
                raise PlanError(f"There is no prompt {name!r} in {library.folder}.")
        return list(dict.fromkeys(wish.names))
    names = [name for name in cases.sets if name in known]
    if not names:
        raise PlanError(f"No prompt in {library.folder} has cases: write some into cases/NAME.yaml there.")
    return names


def _notes(cases: CasesSnapshot, arms: Sequence[Arm]) -> tuple[str, ...]:
    """Say which checks of the files will not be made, there being none of that name."""
    sets = [cases.sets[name] for name in dict.fromkeys(arm.row.name for arm in arms) if name in cases.sets]
    return tuple(
        problem.report(found.path)
        for found in sets
        for problem in found.problems
        if problem.code == "unknown-check"
    )
