"""The help: every key, from the one action table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.action_table import ACTIONS, PLACES, Place
from tui.actions import labels
from tui.screens.text_box import TextBox
from tui.widgets.reading.highlight import Span
from tui.widgets.reading.text_view import Line

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEYS_WIDTH = 22
_INDENT = _KEYS_WIDTH + 2


class Help(TextBox):
    """Lists the keys by the place where they count, those of the screen it was asked on first."""

    def __init__(self, first: Sequence[Place] = ()) -> None:
        super().__init__("Keys", help_lines(first))


def help_lines(first: Sequence[Place] = ()) -> list[Line]:
    """Return the keys of every place with what they do, beginning with those places, in that order."""
    lines: list[Line] = []
    for place in (*first, *(other for other in PLACES if other not in first)):
        lines += [_line(("", "text")), _line((PLACES[place], "heading"))]
        for action in ACTIONS:
            if action.place == place:
                keys = " ".join(labels(action)) or "(palette)"
                lines.append(
                    _line((f"  {keys:<{_KEYS_WIDTH}}", "key"), (action.title, "text"), indent=_INDENT)
                )
                if action.help:
                    lines.append(_line((" " * _INDENT, ""), (action.help, "muted"), indent=_INDENT))
    return lines[1:]


def _line(*words: tuple[str, str], indent: int = 0) -> Line:
    spans: list[Span] = []
    position = 0
    for text, ink in words:
        spans.append(Span(position, position + len(text), ink))
        position += len(text)
    return Line("".join(text for text, _ in words), tuple(_visible(spans)), indent)


def _visible(spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if span.end > span.start]
