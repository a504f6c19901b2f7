"""The field of one variable: one line to type in, or a choice to go through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.message import Message
from textual.suggester import SuggestFromList

from tui.actions import bindings
from tui.core.prompts.fitting import choices_of, misfit, nearest_choice
from tui.core.text import printable
from tui.widgets.field import Field

if TYPE_CHECKING:
    from textual import events

    from tui.core.prompts.document import Variable

LINE_BREAK = "⏎"
"""Stands for a line break inside a field of one line."""


class ValueField(Field):
    """Holds the value, whatever its length; `base` is what stands there until something else is typed."""

    BINDINGS = bindings("values")

    class Outgrown(Message):
        """What it holds does not fit on its line, and somebody is about to change it."""

        def __init__(self, field: ValueField) -> None:
            super().__init__()
            self.field = field

    def __init__(self, variable: Variable, base: str, text: str) -> None:
        choices = choices_of(variable)
        placeholder = variable.description or ("needed" if variable.required else "empty")
        super().__init__(
            value=text.replace("\n", LINE_BREAK),
            placeholder=printable(" ".join(placeholder.split())),
            compact=True,
            select_on_focus=False,
            suggester=SuggestFromList(choices, case_sensitive=False) if choices else None,
        )
        self.cursor_blink = False  # a blinking cursor sends bytes for ever
        self.variable = variable
        self.base = base

    @property
    def text(self) -> str:
        """The value, with its line breaks."""
        return self.value.replace(LINE_BREAK, "\n")

    @property
    def fits(self) -> bool:
        """Whether all of it is in sight on the one line; a field without a size yet is not too small."""
        width = self.size.width
        return LINE_BREAK not in self.value and (not width or cell_len(self.value) < width)

    @property
    def problem(self) -> str:
        """Why the value is not what the variable asks for."""
        return misfit(self.variable, self.text)

    def put(self, text: str, *, quietly: bool = False) -> None:
        """Let it hold a text; `quietly`: nobody is told."""
        value = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", LINE_BREAK)
        if value == self.value:
            return
        if quietly:
            with self.prevent(Field.Changed):
                self.value = value
        else:
            self.value = value

    def _on_paste(self, event: events.Paste) -> None:
        text = event.text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").replace("\n", LINE_BREAK)
        self.replace(text, *self.selection)
        event.prevent_default()
        event.stop()

    def on_focus(self) -> None:
        """Go to the end of the value, and ask for more room for a long one."""
        self.cursor_position = len(self.value)  # a click says another place after this
        self._ask_for_room(focused=True)  # has_focus follows after this

    def on_resize(self) -> None:
        """Ask again, now that the room is known."""
        self._ask_for_room(focused=self.has_focus)

    def on_blur(self) -> None:
        """Show the beginning of a long value again."""
        self.cursor_position = 0

    def watch_value(self) -> None:
        """Ask for more room when what is typed or pasted needs it."""
        self._ask_for_room(focused=self.has_focus)

    def _ask_for_room(self, *, focused: bool) -> None:
        if focused and not self.fits:
            self.post_message(self.Outgrown(self))

    def action_line_break(self) -> None:
        """Go on in a new line."""
        self.replace(LINE_BREAK, *self.selection)

    def action_next_field(self) -> None:
        """Go on to the next value."""
        self.screen.focus_next(".value")

    def action_previous_field(self) -> None:
        """Go back to the value before."""
        self.screen.focus_previous(".value")


class ChoiceField(ValueField):
    """A field whose value is one of some: → and ← go through them, typing finds one by its letters.

    Another value may stand there all the same, and is marked: the file proposes, the template takes any.
    """

    BINDINGS = bindings("choice")

    def action_choose(self, step: int) -> None:
        """Take the next choice, or the one before."""
        choices = choices_of(self.variable)
        place = choices.index(self.text) if self.text in choices else -1 if step > 0 else 0
        self.put(choices[(place + step) % len(choices)])
        self.cursor_position = len(self.value)

    def on_blur(self) -> None:
        """Take the choice whose beginning was typed; who looks into another window may type on."""
        if self.app.app_focus:
            self._complete()
        super().on_blur()

    def action_next_field(self) -> None:
        """Take the choice whose beginning was typed, and go on."""
        self._complete()
        super().action_next_field()

    def _complete(self) -> None:
        if found := nearest_choice(choices_of(self.variable), self.text):
            self.put(found)
