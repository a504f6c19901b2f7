"""What somebody wants to have tested, made into a plan: which revisions, which cases, at which providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.engine.choice import UnknownPrompt, UnknownProvider, choose_provider
from tui.core.engine.matrix.arms import Revisions, Spec, parse_spec, rows_for
from tui.core.engine.matrix.plan import Arm, Plan, PlanError, make_plan
from tui.core.engine.run import wire_request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.cases.book import CasesSnapshot
    from tui.core.engine.matrix.testing import Wish
    from tui.core.engine.reach import Reach
    from tui.core.engine.request import RunRequest
    from tui.core.prompts.snapshot import LibrarySnapshot, VersionRow
    from tui.core.providers.base import Request
    from tui.core.settings import Settings

EVERY = "all"


class Planner:
    """Makes one plan; for the engine's loop."""

    def __init__(self, reach: Reach, settings: Settings, wish: Wish) -> None:
        self._reach = reach
        self._settings = settings
        self._wish = wish

    async def plan(self) -> Plan:
        """Return the plan. Raises PlanError and UnknownProvider."""
        wish, library, cases = self._wish, self._reach.library(), self._reach.shelf().cases
        if library is None:
            raise PlanError("The prompts are not loaded yet.")
        arms, unchanged = await self._arms(library, _names(wish, library, cases))
        cells = make_plan(
            arms,
            cases,
            self._providers,
            self._wire,
            repeats=wish.repeats,
            model=wish.model,
            timeout=wish.timeout,
        )
        made = Plan(cells, frozenset(unchanged), wish.baseline, _notes(cases, arms))
        self._need_judges(made, cases)
        return made

    async def _arms(
        self, library: LibrarySnapshot, names: Sequence[str]
    ) -> tuple[list[Arm], set[tuple[str, int]]]:
        wish = self._wish
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

    def _providers(self, row: VersionRow) -> Sequence[str]:
        wish, states = self._wish, self._reach.providers()
        if EVERY in wish.providers:
            return [name for name, state in states.items() if state.usable]
        wanted: Sequence[str | None] = wish.providers or (None,)
        return list(dict.fromkeys(choose_provider(states, row, name, self._settings).name for name in wanted))

    def _wire(self, request: RunRequest) -> Request:
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
                raise PlanError(str(UnknownPrompt.among(name, library)))
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
