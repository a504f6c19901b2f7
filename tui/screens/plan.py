"""The plan of several runs: what is asked for together, and what it takes, before anything is sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from textual import on, work
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.action_table import SCREENS
from tui.actions import key_of
from tui.core.text import printable
from tui.screens.acts.helping import Helping
from tui.widgets.batch.board import PlanBoard
from tui.widgets.batch.choice import Choice, Item, Key, ValueSet, left_out, missing, requests
from tui.widgets.heading import Heading
from tui.widgets.key_line import KeyLine
from tui.widgets.painted_lines import PaintedLines
from tui.widgets.reading.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual.app import ComposeResult
    from textual.events import Resize

    from tui.core.engine.engine import Engine
    from tui.core.engine.events import ProviderState
    from tui.core.engine.request import RunRequest
    from tui.core.prompts.snapshot import VersionRow

_AROUND = 9
"""Lines of the box besides the board: padding, title, keys and a problem, with an empty line each."""


Wanted = TypeVar("Wanted")


class PlanBox(Helping[Wanted | None], ModalScreen[Wanted | None]):
    """A board on which something is chosen; returns what is wanted, or None. Nothing is sent from here."""

    CSS_PATH = "plan.tcss"
    PLACES = SCREENS["plan"]

    def __init__(self, title: str, name: str, choice: Choice) -> None:
        super().__init__()
        self._heading = title, name
        self._choice = choice

    def compose(self) -> ComposeResult:
        """Yield the box with its title, the board and its keys."""
        title, name = self._heading
        with Vertical(id="plan-box"):
            yield Heading((title, "strong"), (name, "accent"), id="plan-heading")
            yield PlanBoard(self._choice)
            yield PaintedLines(id="plan-problem")
            yield KeyLine(self.PLACES)

    def on_mount(self) -> None:
        """Look at what is marked at first."""
        self.board.focus()
        self.complain("")
        self._look()

    def on_resize(self, event: Resize) -> None:
        """Let the board give way on a short screen."""
        self.board.styles.max_height = max(6, event.size.height - _AROUND)

    @property
    def board(self) -> PlanBoard:
        """The rows to choose from."""
        return self.query_one(PlanBoard)

    def complain(self, problem: str) -> None:
        """Say below the board what is in the way of the choice; nothing with an empty text."""
        lines = self.query_one("#plan-problem", PaintedLines)
        lines.display = bool(problem)
        room = max(20, self.board.size.width)
        lines.show(tuple(((line, "warning"),) for line in wrapped(printable(problem), room)))

    async def look(self) -> None:
        """Find out what the choice takes, and show it."""
        raise NotImplementedError

    async def want(self) -> None:
        """Return what is chosen, if there is something."""
        raise NotImplementedError

    @on(PlanBoard.Changed)
    @work(group="forecast", exclusive=True)
    async def _look(self) -> None:
        await self.look()

    @on(PlanBoard.Wanted)
    @work(group="forecast", exclusive=True)
    async def _want(self) -> None:
        await self.want()


class Plan(PlanBox["list[RunRequest]"]):
    """Returns the runs to ask for."""

    def __init__(
        self,
        engine: Engine,
        rows: Sequence[VersionRow],
        sets: Sequence[ValueSet],
        chosen: tuple[Collection[int], Collection[str]],
    ) -> None:
        """Offer versions of one prompt; `chosen` are the versions and providers that are marked at first."""
        self._engine = engine
        self._rows = rows
        self._sets = sets
        super().__init__("Run together: ", rows[0].name, choice_of(engine, rows, sets, chosen))

    @property
    def requests(self) -> list[RunRequest]:
        """The runs that are chosen."""
        return requests(self.board.choice, self._rows, self._sets)

    async def look(self) -> None:
        """Show what the runs take."""
        self.complain(left_out(self.board.choice, self._rows, self._sets))
        forecasts = await asyncio.wrap_future(self._engine.planning.forecast(self.requests))
        self.board.forecast(forecasts)

    async def want(self) -> None:
        """Return the runs that are chosen."""
        if wanted := self.requests:
            self.dismiss(wanted)


def choice_of(
    engine: Engine,
    rows: Sequence[VersionRow],
    sets: Sequence[ValueSet],
    chosen: tuple[Collection[int], Collection[str]],
) -> Choice:
    """Return what can be chosen of versions, providers and values, with what is marked at first."""
    versions, providers = chosen
    items = _items(rows, sets, list(engine.providers.values()))
    wanted: set[Key] = {("values", sets[0].name), *(("provider", name) for name in providers)}
    wanted |= {("version", str(version)) for version in versions}
    free = {item.key for item in items if not item.obstacle}
    return Choice(items, frozenset(free & wanted))


def _items(
    rows: Sequence[VersionRow], sets: Sequence[ValueSet], states: Sequence[ProviderState]
) -> tuple[Item, ...]:
    found = []
    for row in rows:
        lacking = [", ".join(missing(row, values)) for values in sets]
        obstacle = f"a value is missing for {lacking[0]}" if all(lacking) else ""
        label = f"v{row.version} {'●' if row.active else '○'}"
        found.append(Item(("version", str(row.version)), label, row.description, obstacle))
    found += [Item(("provider", state.name), state.name, state.model, _obstacle(state)) for state in states]
    if len(sets) > 1:
        found += [Item(("values", each.name), each.name or "as typed", _first_words(each)) for each in sets]
    return tuple(found)


def _first_words(values: ValueSet) -> str:
    return ", ".join(" ".join(text.split()) for text in values.values.values())


def _obstacle(state: ProviderState) -> str:
    if state.missing:
        return f"no key {state.missing[0]}"
    return f"stopped: {key_of('resume')} resumes" if state.stopped else ""
