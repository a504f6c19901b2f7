"""Searching in a text: the words are asked for on the bottom row, and found while they are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work

from tui.screens.acts.base import Result, Surface
from tui.widgets.reading.text_view import TextView

if TYPE_CHECKING:
    from tui.widgets.ask_line import AskLine


async def look_for(ask_line: AskLine, view: TextView) -> None:
    """Ask for words, and mark them in the text while they are typed."""
    if await ask_line.ask("/", hint="words to look for", typed=view.look_for) is None:
        view.look_for("")


class Searching(Surface[Result]):
    """The act that any text pane asks for."""

    @on(TextView.SearchAsked)
    @work(group="search", exclusive=True)
    async def _search(self, message: TextView.SearchAsked) -> None:
        await look_for(self.ask_line, message.view)
