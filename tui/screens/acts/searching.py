"""Searching in a text: the words are asked for on the bottom row, and found while they are typed."""

from __future__ import annotations

from textual import on, work
from textual.screen import Screen

from tui.screens.acts.helping import Result
from tui.widgets.ask_line import AskLine
from tui.widgets.reading.text_view import TextView


class Searching(Screen[Result]):
    """The act that any text pane asks for, on a screen or in a box that has the row for questions."""

    @on(TextView.SearchAsked)
    @work(group="search", exclusive=True)
    async def _search(self, message: TextView.SearchAsked) -> None:
        look_for = message.view.look_for
        if await self.query_one(AskLine).ask("/", hint="words to look for", typed=look_for) is None:
            look_for("")
