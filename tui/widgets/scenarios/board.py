"""The board of scenarios: a list to choose from, by keys or by clicks, that shows what is set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.message import Message

from tui.actions import bindings
from tui.widgets.ink import Painted, Word
from tui.widgets.scenarios.plan import Plan, board, choice_at, choices, height_of, row_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.events import Click


class ScenarioBoard(Painted, can_focus=True):
    """Holds a plan and repaints when it changes; what is wanted goes out as a message."""

    BINDINGS = bindings("scenarios")

    @dataclass
    class Wanted(Message):
        """A scenario is wanted for the next `times` calls (None: every one) to a provider (`*`: to all)."""

        provider: str
        scenario: str
        times: int | None

    def __init__(self, scenarios: Mapping[str, str], active: Mapping[str, str]) -> None:
        super().__init__(id="scenarios")
        self.plan = Plan(scenarios, active)
        self.styles.height = height_of(self.plan)

    def show(self, provider: str, scenario: str) -> None:
        """Show what a provider meets now."""
        self._change(replace(self.plan, active={**self.plan.active, provider: scenario}))

    def words(self, y: int) -> Sequence[Word]:
        """Return line `y` of the board."""
        lines = board(self.plan, self.size.width, self.size.height)
        return lines[y] if y < len(lines) else ()

    def action_cursor(self, rows: int) -> None:
        """Go to another scenario."""
        self._change(self.plan.moved(rows=rows))

    def action_target(self, step: int) -> None:
        """Choose another provider."""
        self._change(self.plan.moved(targets=step))

    def action_often(self) -> None:
        """Choose for how many calls."""
        self._change(self.plan.moved(often=1))

    def action_want(self) -> None:
        """Ask for what is chosen."""
        self.post_message(self.Wanted(*self.plan.wanted))

    def action_clear(self) -> None:
        """Ask for an end of everything unusual."""
        self.post_message(self.Wanted("*", "normal", None))

    def on_click(self, event: Click) -> None:
        """Choose what was clicked; a second click on a scenario sets it."""
        targets, often = choices(self.plan)
        row = row_at(self.plan, event.y, self.size.height)
        if event.y == 0 and (target := choice_at(targets, event.x)) is not None:
            self._change(replace(self.plan, target=target))
        elif event.y == 1 and (number := choice_at(often, event.x)) is not None:
            self._change(replace(self.plan, often=number))
        elif row is not None and row == self.plan.row:
            self.action_want()
        elif row is not None:
            self._change(replace(self.plan, row=row))

    def _change(self, plan: Plan) -> None:
        if plan != self.plan:
            self.plan = plan
            self.refresh()
