"""The plan of several runs: what is asked for together, and what it takes, before anything is sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on, work
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.action_table import ACTIONS
from tui.actions import key_of, labels
from tui.widgets.batch.board import PlanBoard
from tui.widgets.batch.choice import Choice, Item, Key, ValueSet, missing, requests
from tui.widgets.heading import Heading

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual.app import ComposeResult
    from textual.events import Resize

    from tui.core.engine.engine import Engine
    from tui.core.engine.events import ProviderState
    from tui.core.engine.request import RunRequest
    from tui.core.prompts.snapshot import VersionRow
    from tui.widgets.ink import Word

_AROUND = 6
"""Lines of the box besides the board: padding, title and keys with an empty line each."""


class Plan(ModalScreen["list[RunRequest] | None"]):
    """Returns the runs to ask for, or None; nothing is sent from here."""

    CSS_PATH = "plan.tcss"

    def __init__(
        self,
        engine: Engine,
        rows: Sequence[VersionRow],
        sets: Sequence[ValueSet],
        chosen: tuple[Collection[int], Collection[str]],
    ) -> None:
        """Offer versions of one prompt; `chosen` are the versions and providers that are marked at first."""
        super().__init__()
        self._engine = engine
        self._rows = rows
        self._sets = sets
        versions, providers = chosen
        items = _items(rows, sets, list(engine.providers.values()))
        wanted: set[Key] = {("values", sets[0].name), *(("provider", name) for name in providers)}
        wanted |= {("version", str(version)) for version in versions}
        free = {item.key for item in items if not item.obstacle}
        self._choice = Choice(items, frozenset(free & wanted))

    def compose(self) -> ComposeResult:
        """Yield the box with its title, the board and its keys."""
        with Vertical(id="plan-box"):
            yield Heading(("Run together: ", "strong"), (self._rows[0].name, "accent"), id="plan-heading")
            yield PlanBoard(self._choice)
            yield Heading(id="plan-keys", rule=" ")

    def on_mount(self) -> None:
        """Name the keys, and look at what is marked at first."""
        self.query_one("#plan-heading", Heading).show(right=[("esc leaves", "muted")])
        self.query_one("#plan-keys", Heading).show(_keys())
        self.query_one(PlanBoard).focus()
        self._look()

    def on_resize(self, event: Resize) -> None:
        """Let the board give way on a short screen."""
        self.query_one(PlanBoard).styles.max_height = max(6, event.size.height - _AROUND)

    @property
    def requests(self) -> list[RunRequest]:
        """The runs that are chosen."""
        return requests(self.query_one(PlanBoard).choice, self._rows, self._sets)

    @on(PlanBoard.Changed)
    @work(group="forecast", exclusive=True)
    async def _look(self) -> None:
        wanted = self.requests
        forecasts = await asyncio.wrap_future(self._engine.planning.forecast(wanted))
        self.query_one(PlanBoard).forecast(forecasts)

    @on(PlanBoard.Wanted)
    def _wanted(self) -> None:
        if wanted := self.requests:
            self.dismiss(wanted)


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


def _keys() -> list[Word]:
    words: list[Word] = []
    for action in ACTIONS:
        if action.place == "plan" and action.short:
            words += [(labels(action)[0], "key"), (f" {action.short}   ", "muted")]
    return words
