"""Jump mode: a letter on everything that can be gone to; typing it goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.geometry import Offset
from textual.screen import ModalScreen

from tui.actions import bindings
from tui.widgets.ink import Painted, Word
from tui.widgets.jumping import Jumpable, Place, codes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.events import Click, Key
    from textual.screen import Screen
    from textual.strip import Strip
    from textual.widget import Widget

    Go = Callable[[], object]


class Mark(Painted):
    """The letters of one place; those that are typed already are quiet."""

    def __init__(self, code: str, at: Offset) -> None:
        super().__init__()
        self.code = code
        self.typed = ""
        self.styles.width = len(code)
        self.absolute_offset = at

    def words(self, y: int) -> Sequence[Word]:
        """Return the letters."""
        done = len(self.typed)
        return [(self.code[:done], "muted"), (self.code[done:], "found-here")]


class Jump(ModalScreen["Go | None"]):
    """Lies over a screen that shows through; ends with what goes to the place, or None."""

    CSS_PATH = "jump.tcss"
    BINDINGS = bindings("jump")

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        found = list(places(screen))
        rows = screen._compositor.render_strips()  # not public: what is on the screen
        named = zip(codes(len(found)), found, strict=False)
        self._places = {code: (beside(rows, at, len(code)), go) for code, (at, go) in named}

    def compose(self) -> ComposeResult:
        """Yield the letters."""
        yield from (Mark(code, at) for code, (at, _) in self._places.items())

    def on_key(self, event: Key) -> None:
        """Go where the letters say; any key that is no letter of one leaves."""
        if event.key == "escape":
            return
        event.stop()
        marks = list(self.query(Mark))
        typed = marks[0].typed + (event.character or " ") if marks else " "
        if typed in self._places:
            self.dismiss(self._places[typed][1])
        elif not any(code.startswith(typed) for code in self._places):
            self.dismiss(None)
        else:
            for mark in marks:
                mark.typed = typed
                mark.display = mark.code.startswith(typed)

    def on_click(self, event: Click) -> None:
        """Go where a letter was clicked, or leave."""
        mark = event.widget if isinstance(event.widget, Mark) else None
        self.dismiss(self._places[mark.code][1] if mark is not None else None)


def places(screen: Screen[Any]) -> list[tuple[Offset, Go]]:
    """Return what can be gone to on a screen: panes and fields, then the parts of those that have some."""
    panes = [widget for widget in screen.focus_chain if not isinstance(widget, Jumpable)]
    whole = [(widget, Place(0, 0, widget.focus)) for widget in panes if widget.is_on_screen]
    parts = [
        (widget, place)
        for widget in screen.query("*")
        if isinstance(widget, Jumpable) and widget.is_on_screen
        for place in widget.jump_places()
    ]
    found = [(_shown(screen, widget, place), place.go) for widget, place in (*whole, *parts)]
    return [(at, go) for at, go in found if at is not None]


def beside(rows: Sequence[Strip], at: Offset, cells: int) -> Offset:
    """Return where letters of so many cells stand: left of `at`, as far as it is blank there."""
    if at.y >= len(rows):
        return at
    before = rows[at.y].crop(max(0, at.x - cells), at.x).text
    return at - Offset(len(before) - len(before.rstrip(" ")), 0)


def _shown(screen: Screen[Any], widget: Widget, place: Place) -> Offset | None:
    """Return where a place is on the screen; None if it is not in sight."""
    spot = widget.content_region.offset + Offset(place.x, place.y)
    seen = screen.find_widget(widget).visible_region
    return spot if seen.contains_point(spot) else None
