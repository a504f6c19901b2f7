"""The list of settings, in groups that fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from textual.geometry import Size
from textual.message import Message

from tui.actions import bindings
from tui.core.text import printable
from tui.widgets.cursor_list import CursorList
from tui.widgets.ink import Word, clip, fit, width_of
from tui.widgets.settings.setting import Group, Setting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click

Row: TypeAlias = "Group | Setting"
LABELS = ((100, 36), (70, 26), (0, 20))
"""From which width on a setting's name has how many cells."""


class SettingList(CursorList):
    """Keeps what is folded, and the cursor on its setting, while the settings change."""

    BINDINGS = bindings("list")

    class Moved(Message):
        """The cursor is on another row, or its row says something else."""

    @dataclass
    class Wanted(Message):
        """A setting was clicked twice: the user wants to change it."""

        setting: Setting

    def __init__(self) -> None:
        super().__init__(id="settings-list")
        self.file_name = ""
        self._groups: tuple[Group, ...] = ()
        self._folded: dict[str, bool] = {}
        self._rows: list[Row] = []
        self._words: list[str] = []

    # ---------------------------------------------------------------- content

    def show(self, groups: Sequence[Group]) -> None:
        """Show settings as they are now."""
        self._groups = tuple(groups)
        self._rebuild()

    def filter(self, text: str) -> None:
        """Show only the settings that have all of these words; their groups are unfolded meanwhile."""
        self._words = text.casefold().split()
        self._rebuild()
        if self._words:
            self.move_to(1)  # the first that was found, below the title of its group

    @property
    def filtered(self) -> bool:
        """Whether words choose what is shown."""
        return bool(self._words)

    @property
    def row(self) -> Row | None:
        """The row at the cursor."""
        return self._rows[self._cursor] if self._rows else None

    @property
    def text(self) -> str:
        """What is shown."""
        numbers = range(len(self._rows))
        return "\n".join("".join(word for word, _ in self.row_words(number)) for number in numbers)

    def go_to(self, *keys: str) -> None:
        """Put the cursor on a setting, in an unfolded group."""
        for group in self._groups:
            if any(one.keys == keys for one in group.settings):
                self._folded[group.title] = False
                self._rebuild()
        numbers = [n for n, row in enumerate(self._rows) if isinstance(row, Setting) and row.keys == keys]
        self.move_to(next(iter(numbers), self._cursor))

    def _rebuild(self) -> None:
        before = _name(self.row)
        self._rows = []
        for group in self._groups:
            found = [one for one in group.settings if self._fits(group, one)]
            if self._words and not found:
                continue
            self._rows.append(group)
            if self._words or not self._is_folded(group):
                self._rows += found
        names = [_name(row) for row in self._rows]
        self._cursor = names.index(before) if before in names else min(self._cursor, max(0, len(names) - 1))
        self.virtual_size = Size(self.size.width, len(self._rows))
        self.scroll_to_cursor()
        self.refresh()
        self.post_message(self.Moved())

    def _fits(self, group: Group, setting: Setting) -> bool:
        said = f"{group.title} {setting.label} {'.'.join(setting.keys)} {setting.value} {setting.about}"
        return all(word in said.casefold() for word in self._words)

    def _is_folded(self, group: Group) -> bool:
        return self._folded.get(group.title, not group.open)

    # ---------------------------------------------------------------- folding

    def fold(self, *, folded: bool) -> None:
        """Fold or unfold the group at the cursor; from a setting, go to its group."""
        row = self.row
        if isinstance(row, Group):
            if self._is_folded(row) == folded and not folded:
                self.move_to(self._cursor + 1)
            self._folded[row.title] = folded
            self._rebuild()
        elif folded and row is not None:
            above = [n for n in range(self._cursor) if isinstance(self._rows[n], Group)]
            self.move_to(above[-1])

    def toggle(self) -> None:
        """Fold the group at the cursor, or unfold it."""
        if isinstance(self.row, Group):
            self.fold(folded=not self._is_folded(self.row))

    def on_click(self, event: Click) -> None:
        """Go to the row that was clicked; a group folds, a setting wants to be changed by a second click."""
        number = event.y + self.scroll_offset.y
        if number >= self.length:
            return
        self.move_to(number)
        row = self._rows[number]
        if isinstance(row, Group):
            self.toggle()
        elif event.chain == 2:
            self.post_message(self.Wanted(row))

    # ---------------------------------------------------------------- painting

    @property
    def length(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    @property
    def remark(self) -> str:
        """What to say in place of rows."""
        return "No setting has these words; esc shows all." if self._words else "Reading the settings …"

    def cursor_moved(self) -> None:
        """Tell."""
        self.post_message(self.Moved())

    def row_words(self, number: int) -> Sequence[Word]:
        """Return what a row says."""
        row = self._rows[number]
        label = next(cells for width, cells in LABELS if self.size.width >= width)
        if isinstance(row, Group):
            sign = "▾ " if self._words or not self._is_folded(row) else "▸ "
            title: list[Word] = [(sign, "muted"), (row.title, "heading")]
            gap = max(2, label + 4 - width_of(title))
            left = [*title, (" " * gap, ""), (printable(row.gist), "warning" if row.warns else "muted")]
            own = f"{row.own} of yours" if row.own else ""
            return fit(left, [(own, "accent")], self.size.width)
        where, ink = self._where(row)
        changed = "strong" if where else "text"
        name = clip(printable(row.label), label - 1)
        left = [(f"    {name}", "text"), (" " * (label - width_of([(name, "")])), "")]
        left.append((printable(row.value), "warning" if row.warns else changed))
        return fit(left, [(where, ink)], self.size.width)

    def _where(self, row: Setting) -> Word:
        if row.origin.variable:
            return f"${row.origin.variable}", "warning"
        return (f"{self.file_name}:{row.origin.line}", "accent") if row.origin.line else ("", "muted")


def _name(row: Row | None) -> tuple[str, ...]:
    """Return what tells a row from others, whatever it says."""
    if row is None:
        return ()
    return ("", row.title) if isinstance(row, Group) else (*row.keys, row.label)
