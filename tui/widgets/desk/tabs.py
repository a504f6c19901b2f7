"""The desk's title line: what is at hand, and the views to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from textual.message import Message

from tui.widgets.ink import Painted, Word, clip, fit, width_of
from tui.widgets.jumping import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.events import Click

SHORTEST_NAME = 5
ROOM_FOR_PLACE = 60
"""Width in cells from which the line has room for the place."""

View = Literal["template", "preview", "answer"]


class Tabs(Painted):
    """Words at the left, the views' names at the right; a click chooses one."""

    @dataclass
    class Chosen(Message):
        """A view's name was clicked."""

        view: View

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self._title: tuple[Word, ...] = ()
        self._view: View = "template"
        self._place = ""
        self._views: tuple[View, ...] = ("template", "preview")

    def show(self, title: Sequence[Word], view: View, *, short: bool, place: str = "") -> None:
        """Change what the line says; `place` is where in the text the rows in sight are."""
        views: tuple[View, ...] = ("template", "preview", "answer") if short else ("template", "preview")
        new = (tuple(title), view, views, place)
        if new != (self._title, self._view, self._views, self._place):
            self._title, self._view, self._views, self._place = new
            self.refresh()

    def _tabs(self) -> list[Word]:
        words: list[Word] = []
        for view in self._views:
            words += [(view.capitalize(), "tab" if view == self._view else "muted"), ("  ", "")]
        return words[:-1]

    def words(self, y: int) -> Sequence[Word]:
        """Return the line; of the title the name gives way, not what is said of it."""
        room = self._place and self.size.width >= ROOM_FOR_PLACE
        place: list[Word] = [(self._place, "muted"), ("   ", "")] if room else []
        right = [*place, *self._tabs()]
        if not self._title:
            return fit((), right, self.size.width)
        (name, ink), *rest = self._title
        left = self.size.width - 1 - width_of(right) - width_of(rest)
        return fit([(clip(name, max(SHORTEST_NAME, left)), ink), *rest], right, self.size.width)

    def jump_places(self) -> Iterable[Place]:
        """Return the views' names."""
        position = self.size.width - width_of(self._tabs())
        for view in self._views:
            yield Place(position, 0, partial(self.post_message, self.Chosen(view)))
            position += len(view) + 2

    def on_click(self, event: Click) -> None:
        """Choose the view that was clicked."""
        position = self.size.width - width_of(self._tabs())
        for view in self._views:
            if position <= event.x < position + len(view):
                self.post_message(self.Chosen(view))
            position += len(view) + 2
