"""NO_COLOR as https://no-color.org means it: no colour is sent, only bold, dim, underlined and the like."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.filter import LineFilter, Monochrome, NoColor

if TYPE_CHECKING:
    from rich.style import Style
    from textual.color import Color


class Colourless(LineFilter):
    """Takes the colours out of what is painted; Textual's own makes greys of them."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without colours."""
        return [Segment(text, style and _plain(style), control) for text, style, control in segments]


def colourless(filters: list[LineFilter]) -> list[LineFilter]:
    """Return an app's filters with ours in place of Textual's.

    It comes first: without a colour what is dim stays dim, and does not become a darker colour.
    """
    kept = [each for each in filters if not isinstance(each, Monochrome | NoColor)]
    return [Colourless(), *kept]


@lru_cache(4096)
def _plain(style: Style) -> Style:
    return style.without_color
