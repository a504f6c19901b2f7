"""Carries out a matrix: cells in parallel as the quotas allow, each answered, checked and written down."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tui.core.checks.base import Finding
from tui.core.checks.rubric import SYSTEM, verdict_of
from tui.core.engine.matrix.budget import Budget, OverBudget
from tui.core.engine.matrix.grid import CellState, Grid, MatrixChanged
from tui.core.engine.matrix.lane import Lane
from tui.core.engine.matrix.verdict import as_record, evidence, examine, note, settle
from tui.core.engine.request import FreeText, RunRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from tui.core.checks.rubric import Rubric
    from tui.core.engine.events import RunState
    from tui.core.engine.matrix.grid import CellStatus
    from tui.core.engine.matrix.plan import Cell, Plan
    from tui.core.store.matrices import CellEnd

T = TypeVar("T")

TELL_EVERY_S = 0.1
"""How often a picture of the whole is published at most."""


class Runs(Protocol):
    """Starts and cancels runs."""

    def start(
        self, request: RunRequest, changed: Callable[[RunState], None] | None = None
    ) -> tuple[RunState, asyncio.Task[RunState]]:
        """Queue a run; `changed` is called with every later state."""

    def cancel(self, run_id: str) -> bool:
        """Stop a run."""


class Book(Protocol):
    """Where what came of each cell is written down."""

    async def finish(self, end: CellEnd) -> None:
        """Write down a cell, and rate its run."""

    async def recall(self, run_id: str) -> RunState | None:
        """Return a run that was sent before, however it ended."""


@dataclasses.dataclass(frozen=True, slots=True)
class Means:
    """What carrying out needs of its surroundings."""

    runs: Runs
    book: Book
    publish: Callable[[MatrixChanged], None]
    aside: Callable[[Callable[[], Any]], Awaitable[Any]] = asyncio.to_thread
    """Does what takes the processor, so that the loop goes on."""
    price: Callable[[RunRequest], Decimal | None] = lambda _: None
    """What a call may cost, in US dollars; None: unknown."""


@dataclasses.dataclass(frozen=True, slots=True)
class Start:
    """From where a matrix goes on; every map is by position."""

    run_ids: Mapping[int, str]
    """The id that the run of each cell is to have."""
    answers: Mapping[int, RunState] = dataclasses.field(default_factory=dict)
    """The runs that are there already: nothing is sent for them."""
    done: Mapping[int, CellState] = dataclasses.field(default_factory=dict)
    """The cells of which nothing is left to do."""


class Matrix:
    """A matrix on its way; for the engine's loop. `grid` is replaced, never changed."""

    def __init__(
        self, matrix_id: str, plan: Plan, start: Start, means: Means, budget: Decimal | None = None
    ) -> None:
        """Prepare it; what may cost more than `budget` US dollars in all is not sent."""
        self._means = means
        self._start = start
        self._budget = Budget(budget, means.price)
        there = {
            position: CellState("judging", state.id, kept=True) for position, state in start.answers.items()
        }
        first = {**there, **start.done}
        self._cells = [first.get(cell.position, CellState()) for cell in plan.cells]
        self._timer: asyncio.TimerHandle | None = None
        self.grid = Grid(matrix_id, plan, tuple(self._cells))

    async def carry_out(self) -> Grid:
        """Do all that is left, and return the last state; what is cancelled stays to be done."""
        left = [cell for cell in self.grid.plan.cells if cell.position not in self._start.done]
        lanes: dict[str, list[Cell]] = {}
        for cell in left:
            # Those that are answered already wait for no quota, and so have a lane of their own.
            lane = "" if cell.position in self._start.answers else cell.request.provider
            lanes.setdefault(lane, []).append(cell)
        self._tell()
        try:
            async with asyncio.TaskGroup() as group:
                for cells in lanes.values():
                    group.create_task(self._follow(cells, group))
        finally:
            self._tell(over=True)
        return self.grid

    async def _follow(self, cells: Sequence[Cell], group: asyncio.TaskGroup) -> None:
        lane = Lane()
        for cell in cells:
            await lane.room()
            kept = cell.position in self._start.answers
            try:
                reserved = Decimal(0) if kept else await self._budget.reserve(cell.request)
            except OverBudget as error:
                self._stop(error)
                return
            lane.enter()
            work = self._carry_out(cell, lane, reserved)
            group.create_task(work).add_done_callback(lambda _: lane.leave())

    def _stop(self, error: OverBudget) -> None:
        self.grid = dataclasses.replace(self.grid, stopped=str(error))

    async def _carry_out(self, cell: Cell, lane: Lane, reserved: Decimal) -> None:
        kept = self._start.answers.get(cell.position)
        state = kept or await self._ask(cell, lane, reserved)
        end, shown = await self._examined(cell, state, kept=kept is not None)
        if end is not None:
            await self._means.book.finish(end)
        self._show(cell.position, shown)

    async def _ask(self, cell: Cell, lane: Lane, reserved: Decimal) -> RunState:
        run_id = self._start.run_ids[cell.position]

        def changed(state: RunState) -> None:
            lane.follow(state)
            status: CellStatus = "running" if state.status == "running" else "waiting"
            if not state.over and self._cells[cell.position].status != status:
                self._show(cell.position, CellState(status, run_id))

        request = dataclasses.replace(cell.request, id=run_id, yields=True)
        state = await self._run(request, reserved, changed)
        lane.follow(state)
        return state

    async def _run(
        self, request: RunRequest, reserved: Decimal, changed: Callable[[RunState], None] | None = None
    ) -> RunState:
        state = None
        try:
            first, task = self._means.runs.start(request, changed)
            if changed is not None:
                changed(first)
            try:
                state = await asyncio.shield(task)
            except asyncio.CancelledError:
                self._means.runs.cancel(first.id)
                await asyncio.wait({task})
                raise
        finally:
            self._budget.settle(reserved, request, state)
        return state

    async def _examined(self, cell: Cell, state: RunState, *, kept: bool) -> tuple[CellEnd | None, CellState]:
        """Make the checks; return what is written down, and what is shown.

        Nothing is written where a judge would cost more than is left: the cell stays to be done.
        """
        from tui.core.store.matrices import CellEnd  # slow to import

        usd = state.cost.usd if state.cost else None
        if state.status != "done":
            end = CellEnd(cell.position, state.id, "excluded", ())
            reason = state.error or "It did not end."
            return end, CellState("excluded", state.id, (), reason, usd, state.total_s, kept)
        found, judges = await self._means.aside(partial(examine, cell.tests, evidence(state)))
        if judges:
            self._show(cell.position, CellState("judging", state.id, kept=kept))
        for place, rubric in judges:
            try:
                reply = await self._judged(cell, state, rubric, kept=kept)
            except OverBudget as error:
                self._stop(error)
                return None, CellState("waiting", state.id, (), "", usd, state.total_s, kept)
            found[place] = dataclasses.replace(found[place], finding=_word_of(reply), judge_run=reply.id)
            usd = None if usd is None or reply.cost is None else usd + reply.cost.usd
        status, outcome, source = settle(found)
        said = note(found)
        end = CellEnd(
            cell.position, state.id, status, [as_record(one) for one in found], outcome, source, said
        )
        reason = said if status == "excluded" else ""
        return end, CellState(status, state.id, tuple(found), reason, usd, state.total_s, kept)

    async def _judged(self, cell: Cell, state: RunState, rubric: Rubric, *, kept: bool) -> RunState:
        """Return the run in which a judge was asked: an earlier one, if the answer is one, or one of now.

        Its id follows from all that is asked, so that after a crash it is found, and not paid for twice.
        """
        asked = cell.request
        question = rubric.question(_asked(cell), str(state.transcript))
        for number in range(100):
            name = "\0".join((rubric.provider, rubric.model or "", question, str(number)))
            run_id = uuid.uuid5(uuid.UUID(state.id), name.encode("utf-8", "replace").decode()).hex
            earlier = await self._means.book.recall(run_id) if kept else None
            if earlier is None:
                break
            if earlier.status == "done":
                return earlier
        request = RunRequest(
            FreeText(question, SYSTEM),
            rubric.provider,
            model=rubric.model,
            timeout=asked.timeout,
            id=run_id,
            yields=True,
        )
        return await self._run(request, await self._budget.reserve(request))

    def _show(self, position: int, state: CellState) -> None:
        self._cells[position] = state
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TELL_EVERY_S, self._tell)

    def _tell(self, *, over: bool = False) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.grid = dataclasses.replace(self.grid, cells=tuple(self._cells), over=over)
        self._means.publish(MatrixChanged(self.grid))


def _word_of(reply: RunState) -> Finding:
    if reply.status != "done":
        return Finding("unknown", f"The judge was not heard: {reply.error or 'it did not end.'}")
    return verdict_of(str(reply.transcript))


def _asked(cell: Cell) -> str:
    """Return the prompt of a cell with its values, as the judge is told it."""
    from tui.core.prompts.turns import as_text, conversation

    row = cell.arm.row
    return as_text(conversation(row.system, row.template, row.variables, cell.request.values))
