"""Live mode: every save of the prompt at hand repeats its last run, and its difference is shown."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import work
from textual.reactive import var

from tui.actions import key_of
from tui.core.engine.choice import choose_model
from tui.core.engine.inbox import EngineStopped
from tui.core.prompts.snapshot import versions_of
from tui.core.quota.clock import now_ns
from tui.screens.acts.base import NoAnswer
from tui.screens.acts.reading import Reading
from tui.widgets.batch.choice import ValueSet, missing, request_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.engine.engine import Engine
    from tui.core.engine.events import ProviderState, RunState
    from tui.core.prompts.snapshot import LibrarySnapshot, VersionRow
    from tui.widgets.desk.answer_words import Figure
    from tui.widgets.desk.runs import Showing

SETTLE_S = 0.4
"""Seconds without a further save after which one counts."""
LOOK_S = 1.0
"""How often a save that is held back looks whether it may go."""
NEARLY_EMPTY = 0.1
"""The part of a bucket from which on down nothing is repeated."""


class Living(Reading):
    """Repeats runs one at a time: a newer save takes the place of one that waits or runs."""

    live: var[bool] = var(False)
    """Whether saves are answered."""
    _saved: VersionRow | None = None
    """The save that is not answered yet."""
    _paused = ""
    _library_before: LibrarySnapshot | None = None
    _answered = ""
    """The run that answered the last save, if it was shown as a difference or the user did not want that."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._stir = asyncio.Event()

    def action_live(self) -> None:
        """Turn live mode on or off."""
        self.live = not self.live
        said = "Live: every save of the prompt at hand repeats its last run."
        if self.desk.answer.run is None:
            said = f"Live: press {key_of('run')} once, and every save of the prompt at hand repeats that."
        self.key_line.tell(said if self.live else "Live is off.")

    def watch_live(self, live: bool) -> None:
        """Begin to answer saves, or end it; an answer that streams goes on."""
        self._saved, self._paused, self._answered = None, "", ""
        if live:
            self._answer_saves()
        else:
            self.workers.cancel_group(self, "live")
        if self.is_mounted:
            self.show_answer()

    def look_for_saves(self, library: LibrarySnapshot) -> None:
        """Notice that the file of the prompt at hand says something else to a model than before."""
        before, self._library_before = self._library_before, library
        row = self.desk.row
        if not self.live or row is None or before is None or before.loading:
            return
        self.show_answer()  # its heading says whether the file at hand can be answered at all
        said = {each.version: _said(each) for each in versions_of(before, row.name)}
        now = versions_of(library, row.name)
        if changed := [each for each in now if said.get(each.version, _said(each)) != _said(each)]:
            self._saved = next((each for each in changed if each.version == row.version), changed[-1])
            self._stir.set()

    def show_answer(self) -> None:
        """Show the answers of the prompt at hand; how they go may be what live mode waits for."""
        super().show_answer()
        self._stir.set()

    def answer_remarks(self, showing: Showing) -> list[Figure]:
        """Return what the heading says besides the runs themselves, of which there may be none."""
        remarks = super().answer_remarks(showing)
        if self.live:
            broken = self.desk.row is not None and self.desk.row.broken
            paused = self._paused or ("the file is broken" if broken else "")
            words = (f"live paused: {paused}", "warning") if paused else ("live", "accent")
            remarks.append((7, words))
        return remarks

    @work(group="live", exclusive=True)
    async def _answer_saves(self) -> None:
        while True:
            await self._until(lambda: self._saved is not None)
            await self._settle()
            last = self.desk.answer.run
            row, self._saved = self._saved, None
            if row is None or self.desk.row is None or row.name != self.desk.row.name:
                continue
            if last is None:
                self.key_line.tell(f"Live repeats the last run: press {key_of('run')} once.", "warning")
                continue
            if not last.over:  # the user's own: it comes to its end first, and can be compared with
                self._saved = self._saved or row
                await self._until(lambda: self._over(last.id))  # noqa: B023 - awaited here
                continue
            values = await self._values_of(last)
            if self._held_back(row, last, values):
                self._saved = self._saved or row  # it is looked at again, unless a newer one has come
                await asyncio.sleep(LOOK_S)
                continue
            await self._repeat(row, last, values)

    async def _values_of(self, last: RunState) -> ValueSet:
        """Return what the last run was given; what it did not need is as it stands in the form."""
        from tui.core.store.database import DatabaseError  # slow to import; the engine has it by now

        form = self.desk.value_sets[0].values
        try:
            opened = await asyncio.wrap_future(self.engine.history.open(last.id))
        except (DatabaseError, EngineStopped):
            opened = None
        given = {name: str(value) for name, value in opened.run.values.items()} if opened else {}
        return ValueSet(last.case, {**form, **given})

    async def _repeat(self, row: VersionRow, last: RunState, values: ValueSet) -> None:
        """Run what a save says as the last run was run, until it has ended or another save is there."""
        request = request_for(row, last.provider, values)
        plain = last.id == self._answered and self.desk.answer.base is None  # the user has put it so
        try:
            run = await asyncio.wrap_future(self.engine.run(request))
        except (ValueError, EngineStopped) as error:  # such as: the values do not fit what the save says
            self.key_line.tell(str(error), "error")
            return
        self.runs.remember([run])
        self.runs.choose(row.name)
        with suppress(NoAnswer):
            base = None if plain else await self.answer_before(run)
            if base is not None:
                self.desk.answer.compare(run, base)
            self._answered = run.id if plain or base is not None else ""
        self.show_answer()
        await self._until(lambda: self._over(run.id) or self._saved is not None)
        if not self._over(run.id):
            self.engine.cancel(run.id)
            await self._until(lambda: self._over(run.id))

    def _held_back(self, row: VersionRow, last: RunState, values: ValueSet) -> bool:
        """Return whether it is not the time to send this; the heading says why."""
        lacking = missing(row, values)
        state = self.engine.providers.get(last.provider)
        if lacking:
            paused = f"no value for {lacking[0]}"
        elif state is None:
            paused = last.provider
        else:
            paused = _obstacle(state.about(choose_model(row, state.name, state.model)))
        if paused != self._paused:
            self._paused = paused
            self.show_answer()
        return bool(paused)

    def _over(self, run_id: str) -> bool:
        run = self.runs.get(run_id)
        return run is not None and run.over

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._stir.clear()
            await self._stir.wait()

    async def _settle(self) -> None:
        seen = None
        while seen is not self._saved:
            seen = self._saved
            await asyncio.sleep(SETTLE_S)


def _said(row: VersionRow) -> tuple[object, ...]:
    """Return what of a version reaches a model."""
    return row.template, row.system, row.model, row.provider, row.parameters, row.variables


def _obstacle(state: ProviderState) -> str:
    """Return why a provider is better left alone, in a few words; "" if it is not."""
    quota, now = state.quota, now_ns()
    if not state.usable:
        return f"{state.name} has no key"
    if state.stopped:
        return f"{state.name} stopped"
    if quota.hold_in(now) > 0:
        return f"{state.name} held"
    nearly_empty = not quota.unlimited and quota.left(now) <= quota.capacity * NEARLY_EMPTY
    return f"{state.name} nearly empty" if nearly_empty else ""
