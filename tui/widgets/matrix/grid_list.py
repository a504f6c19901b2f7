"""The grid on the screen: rows that scroll down, columns that scroll across, and a cell at the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.message import Message

from tui.actions import bindings
from tui.widgets.cursor_list import WheelList
from tui.widgets.ink import Word
from tui.widgets.matrix.table import (
    WIDTH,
    Layout,
    cell_word,
    fitting,
    name_width,
    padded,
    tally,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click

    from tui.core.engine.matrix.grid import CellState, Grid

Lines = tuple[tuple[Word, ...], ...]


class GridList(WheelList):
    """Paints the rows that look different, and only those."""

    BINDINGS = bindings("list", "grid")

    class Highlighted(Message):
        """The cursor came to another cell, or other columns came in sight."""

    class Clicked(Message):
        """The cell under the cursor was clicked once more."""

    def __init__(self) -> None:
        super().__init__(id="matrix-cells")
        self.said = ""
        """What stands in place of rows."""
        self.marked: tuple[int, ...] = ()
        """The columns that are marked, the first marked first."""
        self.running = False
        self._layout = Layout((), (), {})
        self._grid: Grid | None = None
        self._rows: tuple[int, ...] = ()
        self._columns: tuple[int, ...] = ()
        self._at = 0
        self._first = 0
        self._painted: dict[int, tuple[Word, ...]] = {}

    # ---------------------------------------------------------------- content

    @property
    def length(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    @property
    def remark(self) -> str:
        """What to say in place of rows."""
        return self.said

    @property
    def row(self) -> int | None:
        """The case at the cursor."""
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    @property
    def column(self) -> int | None:
        """The column at the cursor."""
        return self._columns[self._at] if self._at < len(self._columns) else None

    @property
    def cell(self) -> tuple[int, int] | None:
        """Case and column at the cursor."""
        row, column = self.row, self.column
        return None if row is None or column is None else (row, column)

    def show(self, layout: Layout, grid: Grid, rows: tuple[int, ...], columns: tuple[int, ...]) -> None:
        """Take in how far the matrix is, and which part of it to show; the cursor stays where it is."""
        here, there = self.row, self.column
        same = layout is self._layout and rows == self._rows and columns == self._columns
        self._layout, self._grid, self._rows, self._columns = layout, grid, rows, columns
        if same:
            self.refresh_changed()
            return
        self._cursor = rows.index(here) if here in rows else min(self._cursor, max(0, len(rows) - 1))
        self._at = columns.index(there) if there in columns else min(self._at, max(0, len(columns) - 1))
        self.virtual_size = Size(self.size.width, len(rows))
        self._keep_column()
        self.scroll_to_cursor()
        self._painted.clear()
        self.refresh()

    def row_words(self, number: int) -> Sequence[Word]:
        """Return what a row says."""
        if self._grid is None:
            return ()
        row, here = self._rows[number], number == self._cursor
        width = name_width(self._layout, self.size.width)
        words: list[Word] = [(padded(self._layout.cases[row], width - 1) + " ", "strong" if here else "text")]
        for column in self._in_sight:
            text, ink = cell_word(self._layout.states(self._grid, row, column), running=self.running)
            mark = "▸ " if here and column == self.column else "  "
            words += [(mark, "accent"), (padded(text, WIDTH - 2), ink)]
        self._painted[number] = tuple(words)
        return words

    def refresh_changed(self) -> None:
        """Paint again those rows in sight that say something else by now."""
        top = self.scroll_offset.y
        for number in range(top, min(self.length, top + self.size.height)):
            before = self._painted.get(number)
            if before != tuple(self.row_words(number)):
                self.refresh_row(number)

    # ---------------------------------------------------------------- above and below

    @property
    def _in_sight(self) -> tuple[int, ...]:
        return self._columns[self._first : self._first + fitting(self._layout, self.size.width)]

    def head(self) -> Lines:
        """Return the two lines above: revisions and providers; and which columns are in sight, if not all."""
        width, shown = name_width(self._layout, self.size.width), self._in_sight
        some = len(shown) < len(self._columns)
        place = f"{self._first + 1}–{self._first + len(shown)} of {len(self._columns)}" if some else ""
        count = f"{len(self._rows)} {'case' if len(self._rows) == 1 else 'cases'}" if self._rows else ""
        above: list[Word] = [(padded(count, width), "muted")]
        below: list[Word] = [(padded(place, width), "muted")]
        for column in shown:
            here = column == self.column
            mark = "◆ " if column in self.marked else "  "
            title = self._layout.columns[column]
            above += [(mark, "accent"), (padded(title.label, WIDTH - 2), "strong" if here else "text")]
            below += [("  ", ""), (padded(title.provider, WIDTH - 2), "accent" if here else "muted")]
        return tuple(above), tuple(below)

    def foot(self) -> Lines:
        """Return the lines below: how each column stands."""
        grid = self._grid
        if grid is None or not self._columns:
            return ()
        width = name_width(self._layout, self.size.width)
        counts: list[Word] = [(padded("totals", width), "muted")]
        rates: list[Word] = [(padded("success rate", width), "muted")]
        for column in self._in_sight:
            found = tally(self.column_states(column))
            pieces: list[Word] = [
                (f"✓{found.passed}", "success"),
                (f" ✗{found.failed}", "error" if found.failed else "faint"),
                (f" –{found.excluded}", "muted" if found.excluded else "faint"),
            ]
            room = WIDTH - 2 - sum(len(text) for text, _ in pieces)
            counts += [("  ", ""), *pieces, (" " * room, "")]
            rates += [("  ", ""), (padded(found.rate, WIDTH - 2), "strong")]
        return tuple(counts), tuple(rates)

    def column_states(self, column: int) -> list[CellState]:
        """Return all cells of a column, those of hidden rows too."""
        grid = self._grid
        if grid is None:
            return []
        rows = range(len(self._layout.cases))
        return [state for row in rows for state in self._layout.states(grid, row, column)]

    # ---------------------------------------------------------------- moving

    def cursor_moved(self) -> None:
        """Tell."""
        self.post_message(self.Highlighted())

    def action_column(self, step: int) -> None:
        """Go to another column."""
        self._go(self._at + step)

    def action_column_end(self, direction: int) -> None:
        """Go to the first column, or the last."""
        self._go(0 if direction < 0 else len(self._columns) - 1)

    def _go(self, at: int) -> None:
        before, first = self._at, self._first
        self._at = max(0, min(len(self._columns) - 1, at))
        if self._at == before:
            return
        self._keep_column()
        if self._first != first:
            self.refresh()
        else:
            self.refresh_row(self._cursor)
        self.cursor_moved()

    def _keep_column(self) -> None:
        """Let the columns in sight hold that of the cursor, and leave no room empty."""
        room = fitting(self._layout, self.size.width)
        first = min(max(self._first, self._at - room + 1), self._at)
        self._first = max(0, min(first, len(self._columns) - room))

    def on_resize(self) -> None:
        """Keep the cell at the cursor in sight."""
        self._keep_column()
        super().on_resize()
        self.refresh()
        self.cursor_moved()

    def on_click(self, event: Click) -> None:
        """Move to the cell that was clicked; a click on that of the cursor opens it."""
        number = event.y + self.scroll_offset.y
        across = event.x - name_width(self._layout, self.size.width)
        at = self._first + across // WIDTH if across >= 0 else self._at
        if number >= self.length or at >= len(self._columns):
            return
        if (number, at) == (self._cursor, self._at):
            self.post_message(self.Clicked())
            return
        self.move_to(number)
        self._go(at)
