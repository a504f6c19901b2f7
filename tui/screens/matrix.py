"""The test of a prompt as a grid that fills in: cases down, versions at providers across."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import TYPE_CHECKING

from textual import on, work
from textual.getters import query_one
from textual.worker import get_current_worker

from tui.action_table import SCREENS
from tui.actions import bindings, key_of
from tui.bridge import EngineNews
from tui.core.engine.inbox import EngineStopped
from tui.core.engine.matrix.grid import CellState, Grid, MatrixChanged
from tui.core.prompts.snapshot import versions_of
from tui.core.store.database import DatabaseError
from tui.screens.acts.base import Surface
from tui.widgets.ask_line import AskLine
from tui.widgets.heading import Heading
from tui.widgets.key_line import KeyLine
from tui.widgets.matrix.cell_lines import said
from tui.widgets.matrix.grid_list import GridList
from tui.widgets.matrix.table import Layout, layout_of, left_s, left_words, rows_of
from tui.widgets.painted_lines import PaintedLines
from tui.widgets.reading.wrapping import wrapped
from tui.widgets.spent import spent

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Collection

    from textual.app import ComposeResult

    from tui.core.engine.engine import Engine
    from tui.core.engine.matrix.plan import Plan
    from tui.widgets.ink import Word

_TICK_S = 1.0
"""How often the time that is left is counted anew."""
_CHECKS = (
    "What a good answer has to satisfy goes into cases/{}.yaml: contains, max_words, json_schema, judge, …"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """Some cells of the grid that are run together: a plan, and where its cells stand in the whole."""

    plan: Plan
    places: tuple[int, ...]


class MatrixPage(Surface[None]):
    """Plans, runs and shows the matrix of one prompt."""

    CSS_PATH = "matrix.tcss"
    PLACES = SCREENS["matrix"]
    BINDINGS = bindings(*PLACES)

    heading = query_one("#matrix-heading", Heading)
    head = query_one("#matrix-head", PaintedLines)
    cells = query_one(GridList)
    foot = query_one("#matrix-foot", PaintedLines)
    said = query_one("#matrix-said", PaintedLines)

    def __init__(self, engine: Engine, name: str, chosen: tuple[Collection[int], Collection[str]]) -> None:
        """`chosen` are the versions and providers that the plan marks at first."""
        super().__init__(engine)
        self.prompt_name = name
        self.grid: Grid | None = None
        self.compared: tuple[int, int] | None = None
        self._chosen = chosen
        self._layout = Layout((), (), {})
        self._narrow = False
        self._part: Part | None = None
        self._left_over = False
        self._future: concurrent.futures.Future[Grid] | None = None
        self._matrix_id = ""
        self._began = self._forecast_s = 0.0

    def compose(self) -> ComposeResult:
        """Yield the regions of the screen, from top to bottom."""
        yield Heading(("Test ", "muted"), (self.prompt_name, "strong"), id="matrix-heading")
        yield PaintedLines(id="matrix-head")
        yield GridList()
        yield PaintedLines(id="matrix-foot")
        yield PaintedLines(id="matrix-said")
        yield KeyLine(self.PLACES)
        yield AskLine()

    def on_mount(self) -> None:
        """Begin to listen, and to plan."""
        self.listen()
        self.cells.focus()
        self.set_interval(_TICK_S, self._show_heading)
        self.action_choose()

    def on_unmount(self) -> None:
        """Stop what runs: it can be gone on with."""
        self._stop()

    @property
    def running(self) -> bool:
        """Whether something is on its way."""
        return self._future is not None

    # ---------------------------------------------------------------- planning and running

    @work(group="matrix")
    async def action_choose(self) -> None:
        """Show the plan; what it leads to is shown if it is known already, else run."""
        from tui.screens.matrix_plan import MatrixPlan  # only when asked for

        library, cases = self.engine.library, self.engine.cases.of(self.prompt_name)
        rows = versions_of(library, self.prompt_name) if library else ()
        if self._is_busy():
            return
        if not cases or not rows:
            back, save = key_of("matrix-leave"), key_of("save-case")
            self.cells.said = (
                f"No cases yet. Go back ({back}), fill in the values, and {save} saves them as one."
            )
            self.cells.refresh()
            checks = wrapped(_CHECKS.format(self.prompt_name), max(20, self.size.width - 2))
            self.said.show(tuple(((line, "muted"),) for line in checks))
            return
        plan = await self.app.push_screen_wait(MatrixPlan(self.engine, rows, self._chosen))
        if plan is None:
            if self.grid is None:
                self.dismiss()
            return
        await self._recall(plan)

    def lay_out(self, plan: Plan) -> Part:
        """Make the grid of a plan of which nothing is known yet."""
        versions = {cell.arm.row.version for cell in plan.cells}
        self._chosen = versions, {cell.request.provider for cell in plan.cells}
        self._layout = layout_of(plan)
        self.compared, self.cells.marked, self._narrow = None, (), False
        self.grid = Grid("", plan, (CellState(),) * len(plan.cells))
        self._part = part = Part(plan, tuple(range(len(plan.cells))))
        return part

    async def _recall(self, plan: Plan) -> None:
        """Show what came of a plan before, with the failures that were run again; run what is left."""
        part = self.lay_out(plan)
        try:
            found = await asyncio.wrap_future(self.engine.testing.recall(plan))
            if found is None or not found.over:
                await self._carry_out(part)
                return
            while found is not None:
                self._take(part, found)
                self._part, self._left_over = part, not found.over
                places = self._not_passed()
                if not places or not found.over:
                    break
                part = Part(plan.only(places), places)
                found = await asyncio.wrap_future(self.engine.testing.recall(part.plan, after=found.id))
        except (DatabaseError, EngineStopped) as error:
            self.key_line.tell(str(error), "error")
            return
        self.show_grid()
        self.key_line.tell(f"As it was tested before: {key_of('all-again')} runs all of it again.")

    async def _carry_out(self, part: Part, *, fresh: bool = False) -> None:
        """Run some cells; raises DatabaseError and EngineStopped."""
        if self.running:
            return
        self.key_line.tell("")
        self._began, self._part, self._matrix_id = time.monotonic(), part, ""
        forecast = self.engine.testing.forecast(part.plan)  # of the quotas as they are before it begins
        self._future = future = self.engine.testing.start(part.plan, fresh=fresh)
        try:
            forecasts = await asyncio.wrap_future(forecast)
            self._forecast_s = max((one.wait_s for one in forecasts.values()), default=0.0)
            grid = await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if not future.cancelled() or get_current_worker().is_cancelled:
                raise  # the page goes, not only the matrix
            self._left_over = True
            self.key_line.tell(f"Stopped: {key_of('failed-again')} goes on with what is left.")
        else:
            self._left_over = bool(grid.stopped)
            self._take(part, grid)
        finally:
            future.cancel()  # if the forecast failed
            self._future = None
        self.show_grid()

    @work(group="matrix")
    async def _run(self, part: Part, *, fresh: bool) -> None:
        try:
            await self._carry_out(part, fresh=fresh)
        except (DatabaseError, EngineStopped) as error:
            self.key_line.tell(str(error), "error")

    @on(EngineNews)
    def _take_in(self, news: EngineNews) -> None:
        for event in news.events:
            match event:
                case MatrixChanged(grid=grid) if self._part is not None and grid.plan is self._part.plan:
                    self._matrix_id = grid.id
                    self._take(self._part, grid)
                    self.show_grid()

    def _take(self, part: Part, grid: Grid) -> None:
        """Put what a part of the cells says in its places."""
        if self.grid is not None:
            cells = list(self.grid.cells)
            for place, state in zip(part.places, grid.cells, strict=True):
                cells[place] = state
            self.grid = dataclasses.replace(self.grid, cells=tuple(cells), stopped=grid.stopped)

    def _not_passed(self) -> tuple[int, ...]:
        states = self.grid.cells if self.grid else ()
        return tuple(place for place, state in enumerate(states) if state.status in ("fail", "excluded"))

    # ---------------------------------------------------------------- showing

    def show_grid(self) -> None:
        """Show what is so now."""
        if self.grid is None:
            return
        layout = self._layout
        rows = rows_of(layout, self.grid, only_failures=self._narrow, compared=self.compared)
        columns = self.compared or tuple(range(len(layout.columns)))
        self.cells.running = self.running
        none = "The two columns say the same of every case" if self.compared else "No case has failed"
        self.cells.said = f"{none}: {key_of('only-failures')} shows all of them."
        self.cells.show(layout, self.grid, rows, columns)
        self._show_around()

    @on(GridList.Highlighted)
    def _show_around(self) -> None:
        if self.grid is None:
            return
        self.head.show(self.cells.head())
        self.foot.show(self.cells.foot())
        self.said.show(self._said())
        self._show_heading()

    def _said(self) -> tuple[tuple[Word, ...], ...]:
        cell = self.cells.cell
        if cell is None or self.grid is None:
            return ()
        row, column = cell
        where = f"{self._layout.cases[row]}, {self._layout.columns[column].name}"
        return said(where, self._layout.states(self.grid, row, column), running=self.running)

    def _show_heading(self) -> None:
        grid = self.grid
        if grid is None:
            return
        left: list[Word] = [("Test ", "muted"), (self.prompt_name, "strong")]
        if self.compared:
            names = " ↔ ".join(self._layout.columns[column].name for column in self.compared)
            left.append((f"  {names}", "accent"))
        if self._narrow:
            left.append(("  only where they differ" if self.compared else "  only failures", "warning"))
        done, total = sum(cell.over for cell in grid.cells), len(grid.cells)
        right: list[Word] = [(f"{done:,} of {total:,}", "text" if self.running else "muted")]
        if (left_now := self._left()) is not None:
            right.append((f"  {left_words(left_now)}", "warning"))
        elif self._left_over and not self.running:
            right.append(("  stopped", "warning"))
        right += spent(grid.usd, done, grid.unpriced, estimated=False, ink="muted")
        self.heading.show(left, right)

    def _left(self) -> float | None:
        if not self.running or self._part is None or self.grid is None:
            return None
        mine = [self.grid.cells[place] for place in self._part.places]
        done = sum(cell.over for cell in mine)
        return left_s(self._forecast_s, time.monotonic() - self._began, done, len(mine))

    # ---------------------------------------------------------------- acts

    @on(GridList.Clicked)
    @work(group="open", exclusive=True)
    async def action_open(self) -> None:
        """Open the cell at the cursor, or what differs between the two that are compared."""
        from tui.screens.matrix_cell import OpenedCell, Repeats  # only when asked for

        cell = self.cells.cell
        if cell is None or self.grid is None:
            return
        if self.compared is not None:
            await self._open_difference(cell[0], self.compared)
            return
        states = [state for state in self._layout.states(self.grid, *cell) if state.over and state.run_id]
        if not states:
            self.key_line.tell("There is no answer here yet.")
            return
        self.app.push_screen(OpenedCell(self.engine, Repeats(states)))

    async def _open_difference(self, row: int, columns: tuple[int, int]) -> None:
        from tui.screens.text_box import TextBox  # only when asked for
        from tui.widgets.reading.differences import difference_lines

        assert self.grid is not None
        both = [self._layout.states(self.grid, row, column) for column in columns]
        pairs = list(zip(*both, strict=False))
        pair = next((pair for pair in pairs if pair[0].status != pair[1].status), pairs[0] if pairs else ())
        texts = []
        for state in pair:
            opened = await self.answered(self.engine.history.open(state.run_id))
            texts.append(opened.run.answer if opened is not None else "")
        if len(texts) < 2 or not all(state.over for state in pair):
            self.key_line.tell("There are no two answers here yet.")
            return
        names = " → ".join(self._layout.columns[column].name for column in columns)
        self.app.push_screen(
            TextBox(f"{self._layout.cases[row]}: {names}", difference_lines(texts[0], texts[1]))
        )

    def action_failures(self) -> None:
        """Show fewer rows, or all."""
        self._narrow = not self._narrow
        self.show_grid()

    def action_mark(self) -> None:
        """Mark the column at the cursor, or unmark it; of more than two the first is unmarked."""
        column, marked = self.cells.column, self.cells.marked
        if column is None or self.compared is not None:
            return
        without = tuple(other for other in marked if other != column)
        self.cells.marked = without if column in marked else (*marked, column)[-2:]
        self._show_around()

    def action_compare(self) -> None:
        """Show the two marked columns only, where they differ; or all columns again."""
        if self.compared is not None:
            self.compared, self._narrow = None, False
        elif len(self._layout.columns) == 2:
            self.compared, self._narrow = (0, 1), True
        elif len(self.cells.marked) == 2:
            one, other = self.cells.marked
            self.compared, self._narrow = (one, other), True
        else:
            self.key_line.tell(f"Mark two columns with {key_of('column-mark')} first.", "warning")
            return
        self.show_grid()

    def action_again(self) -> None:
        """Go on with what was stopped; else run again what failed or was excluded."""
        if self.grid is None or self._is_busy():
            return
        if self._left_over and self._part is not None:
            self._run(self._part, fresh=False)
            return
        places = self._not_passed()
        if not places:
            self.key_line.tell("Nothing has failed.")
            return
        self._run(Part(self.grid.plan.only(places), places), fresh=True)

    def action_all_again(self) -> None:
        """Run all of it again."""
        if self.grid is not None and not self._is_busy():
            plan = self.grid.plan
            self._run(Part(plan, tuple(range(len(plan.cells)))), fresh=True)

    def _stop(self) -> None:
        """Stop what runs; it is over when its future says so."""
        if self.running and self._matrix_id:
            self.engine.testing.cancel(self._matrix_id)
        elif self._future is not None:  # not begun yet
            self._future.cancel()

    def _is_busy(self) -> bool:
        if self.running:
            self.key_line.tell(f"It is running: {key_of('matrix-leave')} stops it.", "warning")
        return self.running

    def action_back(self) -> None:
        """Stop what runs; else end a comparison; else go back to the workbench."""
        if self.running:
            self._stop()
        elif self.compared is not None:
            self.action_compare()
        else:
            self.dismiss()
