"""The form for the values of a prompt's variables, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message

from tui.actions import bindings
from tui.core.text import printable
from tui.widgets.field import Field
from tui.widgets.ink import Painted, Word, clip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult

    from tui.core.prompts.document import Variable

LINE_BREAK = "⏎"
"""Stands for a line break inside a field of one line."""
MAX_LABEL = 24


class ValueField(Field):
    """The field of one variable; a line break in a pasted text is kept, shown as ⏎."""

    BINDINGS = bindings("values")

    def __init__(self, variable: Variable, value: str) -> None:
        placeholder = variable.description or ("needed" if variable.required else "empty")
        super().__init__(
            value=value.replace("\n", LINE_BREAK),
            placeholder=printable(" ".join(placeholder.split())),
            compact=True,
            select_on_focus=False,
        )
        self.cursor_blink = False  # a blinking cursor sends bytes for ever
        self.variable = variable

    @property
    def text(self) -> str:
        """The value, with its line breaks."""
        return self.value.replace(LINE_BREAK, "\n")

    def _on_paste(self, event: events.Paste) -> None:
        text = event.text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").replace("\n", LINE_BREAK)
        self.replace(text, *self.selection)
        event.prevent_default()
        event.stop()

    def on_blur(self) -> None:
        """Show the beginning of a long value again."""
        self.cursor_position = 0

    def action_next_field(self) -> None:
        """Go on to the next value."""
        self.screen.focus_next(ValueField)

    def action_previous_field(self) -> None:
        """Go back to the value before."""
        self.screen.focus_previous(ValueField)


class _Label(Painted):
    def __init__(self, text: str, width: int) -> None:
        super().__init__()
        self._text = text
        self.styles.width = width

    def words(self, y: int) -> Sequence[Word]:
        return [(clip(self._text, max(1, self.size.width - 2)), "variable")]


class ValuesForm(VerticalScroll, can_focus=False):
    """Builds itself anew only when the variables differ, so that a reload keeps what is being typed."""

    class Edited(Message):
        """Some value changed."""

    def __init__(self) -> None:
        super().__init__(id="values")
        self._variables: tuple[Variable, ...] = ()
        self._prompt = ""

    def compose(self) -> ComposeResult:
        """Start empty."""
        return ()

    async def show(self, prompt: str, variables: tuple[Variable, ...], values: Mapping[str, str]) -> None:
        """Show the fields of a prompt, filled with `values` or the defaults."""
        if (prompt, variables) == (self._prompt, self._variables):
            return
        focused = self.screen.focused
        name = focused.variable.name if isinstance(focused, ValueField) and prompt == self._prompt else None
        self._prompt, self._variables = prompt, variables
        label = min(MAX_LABEL, max((cell_len(variable.name) for variable in variables), default=0)) + 2
        async with self.batch():
            await self.remove_children()
            await self.mount_all(
                Horizontal(
                    _Label(variable.name, label),
                    ValueField(variable, values.get(variable.name, variable.default or "")),
                )
                for variable in variables
            )
        for field in self.query(ValueField):
            if field.variable.name == name:
                field.focus()

    @property
    def values(self) -> dict[str, str]:
        """What is in the fields; a field that is empty and has no default counts as not given."""
        return {
            field.variable.name: field.text
            for field in self.query(ValueField)
            if field.value or not field.variable.required
        }

    def focus_first(self, missing: Sequence[str] = ()) -> bool:
        """Go to the first field, or the first that lacks a value; False when there are none."""
        fields = list(self.query(ValueField))
        wanted = [field for field in fields if field.variable.name in missing] or fields
        if wanted:
            wanted[0].focus()
        return bool(wanted)

    def on_input_changed(self, event: Field.Changed) -> None:
        """Tell the screen, which renders the preview anew."""
        event.stop()
        self.post_message(self.Edited())
