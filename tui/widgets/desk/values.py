"""The form for the values of a prompt's variables, a row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import on
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message

from tui.core.prompts.fitting import choices_of
from tui.core.text import printable
from tui.widgets.desk.value_area import ValueArea
from tui.widgets.desk.value_field import ChoiceField, ValueField
from tui.widgets.ink import Painted, Word, clip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.events import DescendantBlur, DescendantFocus

    from tui.core.prompts.document import Variable
    from tui.widgets.field import Field

MAX_LABEL = 24


class _Label(Painted):
    def __init__(self, text: str, width: int) -> None:
        super().__init__()
        self._text = text
        self.styles.width = width

    def words(self, y: int) -> Sequence[Word]:
        return [(clip(self._text, max(1, self.size.width - 2)), "variable")] if y == 0 else []


class _Remark(Painted):
    """What is wrong with the value at its left; takes no room while nothing is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = ""
        self.show(text)

    def show(self, text: str) -> None:
        self.display = bool(text)
        if text != self._text:
            self._text = printable(text)
            self.styles.width = cell_len(self._text) + 4
            self.refresh()

    def words(self, y: int) -> Sequence[Word]:
        return [("  ✖ ", "warning"), (self._text, "warning")] if y == 0 else []


class _Row(Horizontal):
    """Label, field and remark; while a long value has the focus, an area is in the place of its field."""

    def __init__(self, variable: Variable, label: int, base: str, text: str) -> None:
        super().__init__()
        self.field = (ChoiceField if choices_of(variable) else ValueField)(variable, base, text)
        self.field.add_class("value")
        self._label = _Label(variable.name, label)
        self._remark = _Remark(self.field.problem)
        self._area: ValueArea | None = None

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.field
        yield self._remark

    @on(ValueField.Changed)
    def _changed(self) -> None:
        self.look()
        if self._area is not None and self._area.display:
            self._area.take_over()  # a key that was on its way to the field when the area opened

    def look(self) -> None:
        """Say what is wrong with the value now."""
        self._remark.show(self.field.problem)

    def put(self, text: str) -> None:
        """Let the value be another one, without telling anybody."""
        self.field.put(text, quietly=True)
        self.look()
        if self._area is not None and self._area.display:
            self._area.take_over()

    @on(ValueField.Outgrown)
    async def _open(self, message: ValueField.Outgrown) -> None:
        message.stop()
        if self._area is None:
            self._area = ValueArea(self.field)
            await self.mount(self._area, after=self.field)
        if self._area.display or self.screen.focused is not self.field:
            return
        self._area.display = True
        self._area.take_over()
        self.screen.set_focus(self._area)
        self.field.display = False

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Fold a long value to its one line again; not while the user only looks into another window."""
        if event.widget is self._area and self._area is not None and self.app.app_focus:
            self._area.give()
            self.field.display = True
            self._area.display = False
            self._area.move_cursor((0, 0))
            self.field.cursor_position = 0


class ValuesForm(VerticalScroll, can_focus=False):
    """Builds itself anew only when the variables differ, so that a reload keeps what is being typed."""

    class Edited(Message):
        """Some value changed."""

    class Pointed(Message):
        """The cursor is in another value, or in none: None."""

        def __init__(self, variable: Variable | None) -> None:
            super().__init__()
            self.variable = variable

    class Gone(Message):
        """A file was saved that has no variable of that name any more, while the hands were in its value."""

        def __init__(self, name: str, *, typed: bool, now: str) -> None:
            super().__init__()
            self.name, self.typed = name, typed
            self.now = now
            """In which value the hands are now."""

    def __init__(self) -> None:
        super().__init__(id="values")
        self._variables: tuple[Variable, ...] = ()
        self._prompt = ""

    def compose(self) -> ComposeResult:
        """Start empty."""
        return ()

    async def show(
        self, prompt: str, variables: tuple[Variable, ...], base: Mapping[str, str], typed: Mapping[str, str]
    ) -> None:
        """Show the values of a prompt: what was typed, else what `base` has, else the default.

        Not for two at a time.
        """
        texts = {variable.name: base.get(variable.name, variable.default or "") for variable in variables}
        if (prompt, variables) == (self._prompt, self._variables):
            for row in self.query(_Row):
                name = row.field.variable.name
                row.field.base = texts[name]
                row.put(typed.get(name, texts[name]))
            return
        focused = self.field if prompt == self._prompt else None
        at = self.fields.index(focused) if focused is not None else 0
        # Nobody's, while the rows are some of the one's and the other's.
        self._prompt, self._variables = "", ()
        label = min(MAX_LABEL, max((cell_len(variable.name) for variable in variables), default=0)) + 2
        async with self.batch():
            await self.remove_children()
            await self.mount_all(
                _Row(each, label, texts[each.name], typed.get(each.name, texts[each.name]))
                for each in variables
            )
        self._prompt, self._variables = prompt, variables
        if focused is not None and (fields := self.fields):
            # A value that is not declared any more leaves its place to another one: what is typed on must not
            # act on the screen.
            in_its_place = fields[min(at, len(fields) - 1)]
            name = focused.variable.name
            if (found := next((field for field in fields if field.variable.name == name), None)) is None:
                by_hand = focused.text != focused.base
                self.post_message(self.Gone(name, typed=by_hand, now=in_its_place.variable.name))
            (found or in_its_place).focus()

    def rename(self, old: str, new: str) -> None:
        """Let the fields be of a prompt that is called otherwise, if they are its own."""
        if self._prompt == old:
            self._prompt = new

    @property
    def prompt(self) -> str:
        """Whose values they are; empty for nobody's."""
        return self._prompt

    @property
    def fields(self) -> list[ValueField]:
        """The fields from top to bottom."""
        return list(self.query(ValueField))

    @property
    def field(self) -> ValueField | None:
        """The field that the cursor is in, however its value is shown."""
        focused = self.screen.focused
        field = focused.field if isinstance(focused, ValueArea) else focused
        return field if isinstance(field, ValueField) else None

    @property
    def values(self) -> dict[str, str]:
        """What is in the fields; a field that is empty and has no default counts as not given."""
        return {
            field.variable.name: field.text
            for field in self.fields
            if field.value or not field.variable.required
        }

    @property
    def typed(self) -> dict[str, str]:
        """The values that are not those that stood there before anybody typed."""
        return {field.variable.name: field.text for field in self.fields if field.text != field.base}

    def focus_first(self, missing: Sequence[str] = ()) -> bool:
        """Go to the first field, or the first that lacks a value; False when there are none."""
        fields = self.fields
        wanted = [field for field in fields if field.variable.name in missing] or fields
        if wanted:
            wanted[0].focus()
        return bool(wanted)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Tell which value the cursor is in."""
        self.post_message(self.Pointed(self.field.variable if self.field else None))

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Tell that the cursor is in none."""
        if self.field is None:
            self.post_message(self.Pointed(None))

    def on_input_changed(self, event: Field.Changed) -> None:
        """Tell the screen, which renders the preview anew."""
        event.stop()
        self.post_message(self.Edited())
