"""Looking for words in the editor pane, and putting others in their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work

from tui.core.veil import veil
from tui.screens.acts.base import Bench
from tui.widgets.editor.told import SearchAsked

if TYPE_CHECKING:
    from tui.widgets.editor.editor import Editor


class Replacing(Bench):
    """The acts that ask for words on the bottom row while one writes."""

    _words = ""
    """What was looked for last."""

    @on(SearchAsked)
    @work(group="search", exclusive=True)
    async def _search_text(self, message: SearchAsked) -> None:
        pane = self.desk.pane
        assert pane is not None
        editor, before = pane.editor, pane.editor.selection
        offered = editor.selected_text if "\n" not in editor.selected_text else ""
        words = await self.ask_line.ask(
            "replace" if message.replace else "find",
            veil(offered) or self._words,
            hint="words to look for",
            typed=lambda typed: editor.look_for(typed, before),
            over=True,
        )
        self._words = words or self._words
        if words:
            editor.look_for(words, before)  # which nobody may have typed: they were offered
            editor.settle_search()
            if not editor.matches:
                self.key_line.tell(f"{words} is not in this text.", "warning")
                words = ""
            elif message.replace:
                text = await self.ask_line.ask(f"replace {words} by")
                if text is not None:
                    await self._replace(editor, text)
        if words is None:
            editor.selection = before
        if not words or message.replace:
            editor.look_for("")

    async def _replace(self, editor: Editor, text: str) -> None:
        """Ask for each match, from here on and around the end, until all are done, or `esc`."""
        count = 0
        for left in range(editor.matches, 0, -1):
            answer = await self._one_of("yna", f"replace this one ({editor.found})?  y yes  n no  a all")
            if answer == "a":
                count += editor.replace_matches(text, left)
            elif answer == "y":
                count += editor.replace_match(text)
            if answer in (None, "a"):
                break
            editor.go_to_match(1)
        self.key_line.tell(f"Replaced {count:,}.")

    async def _one_of(self, letters: str, question: str) -> str | None:
        """Ask for one letter, which needs no enter."""

        def typed(value: str) -> None:
            if value[-1:].lower() in letters:
                self.ask_line.close(value[-1:].lower())

        return await self.ask_line.ask(question, typed=lambda value: typed(value) if value else None)
