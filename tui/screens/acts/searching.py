"""Searching in a text: the words are asked for on the bottom row, and found while they are typed."""

from __future__ import annotations

from textual import on, work

from tui.screens.acts.base import Result, Surface
from tui.widgets.reading.text_view import TextView


class Searching(Surface[Result]):
    """The act that any text pane asks for."""

    @on(TextView.SearchAsked)
    @work(group="search", exclusive=True)
    async def _search(self, message: TextView.SearchAsked) -> None:
        view = message.view
        if await self.ask_line.ask("/", hint="words to look for", typed=view.look_for) is None:
            view.look_for("")
