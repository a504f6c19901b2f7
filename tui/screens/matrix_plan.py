"""The plan of a test: which versions at which providers, how often, and what that takes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.action_table import SCREENS
from tui.actions import bindings
from tui.core.engine.choice import UnknownProvider
from tui.core.engine.inbox import EngineStopped
from tui.core.engine.matrix.plan import Plan, PlanError
from tui.core.engine.matrix.testing import Wish
from tui.core.store.database import DatabaseError
from tui.screens.plan import PlanBox, choice_of
from tui.widgets.batch.choice import ValueSet
from tui.widgets.heading import Heading

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tui.core.engine.engine import Engine
    from tui.core.engine.planning import Forecast
    from tui.core.prompts.snapshot import VersionRow

MOST = 100
"""Repeats."""


class MatrixPlan(PlanBox[Plan]):
    """Returns the plan of what is chosen."""

    PLACES = SCREENS["matrix-plan"]
    BINDINGS = bindings("matrix-plan")

    def __init__(
        self,
        engine: Engine,
        rows: Sequence[VersionRow],
        chosen: tuple[Collection[int], Collection[str]],
    ) -> None:
        """Offer versions of one prompt; `chosen` are the versions and providers that are marked at first."""
        self._engine = engine
        self._prompt = rows[0].name
        self._repeats = 1
        values = {name: "" for case in engine.cases.of(self._prompt) for name in case.vars}
        choice = choice_of(engine, rows, [ValueSet("cases", values)], chosen)
        super().__init__("Test: ", self._prompt, choice)

    async def look(self) -> None:
        """Show what the test takes, or why it cannot be made."""
        forecasts: dict[str, Forecast] = {}
        problem = ""
        cases = len(self._engine.cases.of(self._prompt))
        try:
            plan = await self._plan()
            if plan is not None:
                forecasts = await asyncio.wrap_future(self._engine.testing.forecast(plan))
                problem = self._obstacle(forecasts)
        except (PlanError, UnknownProvider, DatabaseError, EngineStopped) as error:
            problem = str(error)
        self.board.forecast(forecasts)
        how_often = f"{cases} {'case' if cases == 1 else 'cases'} × {self._repeats}"
        self.query_one("#plan-heading", Heading).show(right=[(how_often, "muted")])
        self.complain(problem)

    async def want(self) -> None:
        """Return the plan, unless something is in its way: that is said already."""
        try:
            plan = await self._plan()
            if plan is None or self._obstacle(await asyncio.wrap_future(self._engine.testing.forecast(plan))):
                return
        except (PlanError, UnknownProvider, DatabaseError, EngineStopped):
            return
        self.dismiss(plan)

    def action_repeats(self, step: int) -> None:
        """Send each case more often, or less."""
        self._repeats = min(max(1, self._repeats + step), MOST)
        self._look()

    async def _plan(self) -> Plan | None:
        choice = self.board.choice
        versions, providers = choice.names("version"), choice.names("provider")
        if not versions or not providers:
            return None
        wish = Wish((self._prompt,), versions, providers, repeats=self._repeats)
        return await asyncio.wrap_future(self._engine.testing.plan(wish))

    def _obstacle(self, forecasts: dict[str, Forecast]) -> str:
        """Return why a judge cannot be asked; providers without a key cannot be chosen at all."""
        states = self._engine.providers
        unusable = [states[name] for name in forecasts if not states[name].usable]
        if not unusable:
            return ""
        why = "is stopped" if not unusable[0].missing else "has no key"
        return f"A judge is at {unusable[0].name}, which {why}."
