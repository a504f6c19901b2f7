"""Searching in a text: the words are asked for on the bottom row, and found while they are typed."""

from __future__ import annotations

from textual import on, work
from textual.screen import Screen

from tui.screens.acts.helping import Result
from tui.widgets.ask_line import AskLine
from tui.widgets.key_line import KeyLine
from tui.widgets.reading.text_view import TextView


class Searching(Screen[Result]):
    """The act that any text pane asks for, on a screen or in a box that has the row for questions."""

    @on(TextView.SearchAsked)
    @work(group="search", exclusive=True)
    async def _search(self, message: TextView.SearchAsked) -> None:
        view = message.view
        words = await self.query_one(AskLine).ask("/", hint="words to look for", typed=view.look_for)
        if words is None:
            view.look_for("")
        elif not view.matches and (line := next(iter(self.query(KeyLine)), None)) is not None:
            view.look_for("")  # else it would be said of every text that comes after this one
            if words:
                line.tell(f"{words} is not in this text.", "warning")
