"""Painting a line from words with named inks, so that no text is ever taken for markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.strip import Strip
from textual.widget import Widget

from tui.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.css.styles import StylesBase

Word: TypeAlias = tuple[str, str]
"""A piece of text and the name of its ink."""

INKS: set[str] = {
    "ink--text", "ink--strong", "ink--muted", "ink--faint", "ink--accent", "ink--warning", "ink--error",
    "ink--success", "ink--heading", "ink--emphasis", "ink--code", "ink--variable", "ink--undeclared",
    "ink--value",
    "ink--bar", "ink--bar-later", "ink--bar-low", "ink--bar-empty", "ink--track", "ink--key", "ink--tab",
    "ink--added", "ink--added-word", "ink--removed", "ink--removed-word",
    "ink--error-here", "ink--warning-here",
    "ink--found", "ink--found-here",
}  # fmt: skip
"""Component classes of the app; `app.tcss` gives each its colours."""


class Inked(App[None]):
    """An app that mixes the inks once for all its widgets.

    As component classes of the widgets they would be mixed anew for each of them at every change of a class:
    that was most of the time that a key took.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = INKS

    def __init__(self) -> None:
        super().__init__()
        self._inks: dict[str, Style] = {}

    def ink(self, name: str) -> Style:
        """Return the colours and marks of an ink, to lay over what is painted below; "" is none."""
        if not name:
            return Style.null()
        style = self._inks.get(name)
        if style is None:
            style = self._inks[name] = self._mix(self.get_component_styles(f"ink--{name}"))
        return style

    def _mix(self, styles: StylesBase) -> Style:
        """Return an ink as a terminal can show it: Textual would take what shines through for opaque."""
        ground = Color.parse(self.theme_variables["background"])
        below, style = ground + styles.background, styles.partial_rich_style
        if 0 < styles.background.a < 1:
            style += Style.from_color(bgcolor=below.rich_color)
        if 0 < styles.color.a < 1:
            style += Style.from_color(color=(below + styles.color).rich_color)
        return style

    def refresh_css(self, animate: bool = True) -> None:
        """Mix the inks anew for another theme, and paint everything with them."""
        self._inks.clear()
        super().refresh_css(animate)
        for screen in self.screen_stack:
            for node in screen.walk_children(Widget, with_self=True):
                node.notify_style_update()
                node.refresh()


def inks_of(widget: Widget) -> Callable[[str], Style]:
    """Return `ink` of the app that a widget is in; to be looked up once for many words."""
    app = widget.app
    assert isinstance(app, Inked)
    return app.ink


def width_of(words: Iterable[Word]) -> int:
    """Return the width in cells."""
    return sum(cell_len(text) for text, _ in words)


def clip(text: str, width: int) -> str:
    """Return `text` in at most `width` cells, with an ellipsis where something is left out."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def clip_front(text: str, width: int) -> str:
    """Return the end of `text` in at most `width` cells, with an ellipsis where something is left out."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) >= width:
        text = text[1:]
    return "…" + text if width > 0 else ""


def fit(left: Sequence[Word], right: Sequence[Word], width: int, *, fill: Word = (" ", "text")) -> list[Word]:
    """Put `left` and `right` at the two ends of a line of `width` cells; the left one gives way.

    What is between them is filled, but for the space behind a left end that had to give way.
    """
    right_width = width_of(right)
    if right_width > width:
        return fit(left, (), width, fill=fill)
    room = width - right_width - (1 if right else 0)
    words: list[Word] = []
    for text, ink in left:
        shown = clip(text, room)
        if shown == "…" and words and words[-1][0].endswith(shown):
            break  # that something is left out stands there already
        words.append((shown, ink))
        room -= cell_len(shown)
        if shown != text or room <= 0:
            break
    gap = width - right_width - width_of(words)
    whole = len(words) == len(left) and room > 0
    return [*words, ((fill[0] if whole else " ") * gap, fill[1]), *right]


def word_at(words: Iterable[Word], x: int) -> int | None:
    """Return which word is at a cell of a line, None if none is."""
    for number, (text, _) in enumerate(words):
        x -= cell_len(text)
        if x < 0:
            return number
    return None


class Painted(Widget):
    """A widget that paints its own lines; a subclass gives `words(y)` for each."""

    def words(self, y: int) -> Sequence[Word]:
        """Return the words of line `y` of the content."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """Paint one line, cut or padded to the width of the content."""
        return paint(self, self.words(y), self.size.width)


def paint(widget: Widget, words: Iterable[Word], width: int, *, background: str = "") -> Strip:
    """Return a strip of exactly `width` cells; `background` names a component class to lay underneath.

    On a reversed one the words have no colours: each would be a ground of its own.
    """
    base = widget.rich_style
    mixed = inks_of(widget)
    styles: Callable[[str], Style] = mixed
    if background:
        ground = widget.get_component_styles(background).partial_rich_style
        base += ground
        if ground.reverse:
            base, styles = base.without_color, lambda ink: mixed(ink).without_color
    segments = [Segment(printable(text), base + styles(ink)) for text, ink in words]
    return Strip(segments).adjust_cell_length(width, base)
