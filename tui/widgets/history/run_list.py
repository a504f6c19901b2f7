"""The list of runs: a window of them in memory, the rows in sight on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from textual.geometry import Size
from textual.message import Message

from tui.actions import bindings
from tui.core.engine.figures import local_time
from tui.widgets.cursor_list import WheelList
from tui.widgets.history.columns import run_words
from tui.widgets.history.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.events import Click

    from tui.core.store.search import FoundRun
    from tui.widgets.ink import Word

Part = Literal["above", "below", "top", "bottom"]
_AHEAD = 30
"""Rows before an end of the window at which more are asked for."""


class RunList(WheelList):
    """Asks for rows before they are needed; the cursor goes no further than what is there."""

    BINDINGS = bindings("list")

    class Highlighted(Message):
        """The cursor came to another run."""

    class Clicked(Message):
        """The row under the cursor was clicked once more."""

    @dataclass
    class Wanted(Message):
        """The cursor comes near what is not in memory."""

        part: Part

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(id="runs")
        self.window: Window[FoundRun] = Window()
        self.said = ""
        """What stands in place of rows."""
        self.above_seen = 0
        """New runs above the rows in sight."""
        self._clock = clock

    # ---------------------------------------------------------------- content

    @property
    def length(self) -> int:
        """How many rows there are."""
        return self.window.total

    @property
    def remark(self) -> str:
        """What to say in place of rows."""
        return self.said

    def row_words(self, number: int) -> Sequence[Word]:
        """Return what a row says."""
        run = self.window.get(number)
        if run is None:
            return ()
        return run_words(run, self.size.width, local_time(self._clock()), local_time)

    @property
    def run(self) -> FoundRun | None:
        """The run under the cursor."""
        return self.window.get(self._cursor)

    @property
    def cursor(self) -> int:
        """Which row the cursor is on."""
        return self._cursor

    @property
    def in_sight(self) -> list[FoundRun]:
        """The runs on the screen."""
        top = self.scroll_offset.y
        rows = map(self.window.get, range(top, top + self.size.height))
        return [run for run in rows if run is not None]

    def begin(self, rows: Sequence[FoundRun], *, keep: int | None = None) -> None:
        """Show another list from its top; the cursor stays on the run of that number, if it is there."""
        self.window.begin(rows)
        self.above_seen = 0
        self._cursor = (self.window.place(keep) if keep is not None else None) or 0
        self._lay_out()
        self.scroll_to(y=0, animate=False, immediate=True, force=True)
        self.scroll_to_cursor()
        self._changed()

    def counted(self, total: int) -> None:
        """Take in how many there are in all."""
        self.window.counted(total)
        self._lay_out()

    def more(self, part: Part, rows: Sequence[FoundRun], asked: int) -> None:
        """Take in what was asked for."""
        if part == "below":
            self.window.below(rows, asked)
        elif part == "above":
            self.window.above(rows)
        elif part == "bottom":
            self.window.finish(rows)
        self._lay_out()
        if part == "bottom":
            self._cursor = max(0, self.length - 1)
            self.scroll_to_cursor()
            self._changed()
        else:
            self.refresh()

    def arrived(self, rows: Sequence[FoundRun]) -> None:
        """Take in further runs; the rows in sight stay where they are, unless the list stands at its top."""
        top, run = self.scroll_offset.y, self.run
        above = _above(rows, self.window.get(top))
        self.window.arrived(rows)
        self._cursor = min(self.length - 1, self._cursor + _above(rows, run)) if run is not None else 0
        self._lay_out()
        if top > 0:
            self.above_seen += above
            self.scroll_to(y=top + above, animate=False, immediate=True, force=True)
        self.scroll_to_cursor()
        self._changed()

    def renewed(self, rows: Iterable[FoundRun]) -> None:
        """Take in what runs say now."""
        for number in self.window.renewed(rows):
            self.refresh_row(number)

    def _lay_out(self) -> None:
        self.virtual_size = Size(self.size.width, self.length)

    def _changed(self) -> None:
        self.refresh()
        self.post_message(self.Highlighted())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """What has been scrolled to has been seen."""
        super().watch_scroll_y(old_value, new_value)
        self.above_seen = min(self.above_seen, round(new_value))

    # ---------------------------------------------------------------- moving

    def move_to(self, number: int) -> None:
        """Put the cursor on a row, as far as the rows are there, and ask for those beyond."""
        window = self.window
        super().move_to(max(window.start, min(window.end - 1, number)))
        if self._cursor >= window.end - _AHEAD and window.end < window.total:
            self.post_message(self.Wanted("below"))
        elif self._cursor < window.start + _AHEAD and window.start > 0:
            self.post_message(self.Wanted("above"))

    def cursor_moved(self) -> None:
        """Tell."""
        self.post_message(self.Highlighted())

    def action_cursor_end(self, direction: int) -> None:
        """Go to the first row or the last, wherever they are."""
        window = self.window
        if direction < 0 and window.start > 0:
            self.post_message(self.Wanted("top"))
        elif direction > 0 and window.end < window.total:
            self.post_message(self.Wanted("bottom"))
        else:
            super().action_cursor_end(direction)

    def on_click(self, event: Click) -> None:
        """Move to the row that was clicked; a click on the cursor's row opens it."""
        number = event.y + self.scroll_offset.y
        if number == self._cursor and self.run is not None:
            self.post_message(self.Clicked())
        else:
            self.move_to(number)


def _above(rows: Iterable[FoundRun], run: FoundRun | None) -> int:
    """Return how many of the rows stand above that run."""
    return sum(run is None or row.seq > run.seq for row in rows)
