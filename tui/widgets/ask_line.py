"""A question on the bottom row: a label and a field, in place of the keys until it is answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import on
from textual.containers import Horizontal
from textual.suggester import Suggester
from textual.widgets import Input
from textual.widgets.input import Selection

from tui.actions import bindings, key_of
from tui.core.text import printable
from tui.widgets.field import Field
from tui.widgets.ink import Painted, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

_ROOMY = 78
"""Cells of the row from which the keys that end a question are named."""


class _Words(Painted):
    """Takes as many cells as its text has, and one more."""

    def __init__(self, id: str, ink: str) -> None:
        super().__init__(id=id)
        self._text, self._ink = "", ink

    def show(self, text: str) -> None:
        self._text = printable(text)
        self.styles.width = cell_len(self._text) + 1
        self.refresh()

    def words(self, y: int) -> Sequence[Word]:
        return [(self._text, self._ink)]


class AskField(Field):
    """The field; its keys come from the action table."""

    BINDINGS = bindings("question")

    def action_complete(self) -> None:
        """Take what is offered behind the cursor."""
        if self.cursor_at_end:
            self.action_cursor_right()

    def action_dismiss(self) -> None:
        """Give no answer."""
        self._line.close(None)

    def action_step(self, step: int) -> None:
        """Go through what is offered above the question."""
        self._line.step(step)

    @property
    def _line(self) -> AskLine:
        line = self.parent
        assert isinstance(line, AskLine)
        return line


class _Offer(Suggester):
    def __init__(self, complete: Callable[[str], str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        offered = self._complete(value)
        return offered if offered.startswith(value) and offered != value else None


class AskLine(Horizontal):
    """One row, like the command line of an editor: no box, no repainted screen.

    `ask` is for a worker, since it returns only with the answer. Whoever asks while a question is open takes
    its place; the first one gets no answer.
    """

    def __init__(self) -> None:
        super().__init__(id="ask")
        self.display = False
        self._label = _Words("ask-label", "key")
        self._keys = _Words("ask-keys", "muted")
        self._field = AskField(compact=True, select_on_focus=False)
        self._field.cursor_blink = False
        self._answer: asyncio.Future[str | None] | None = None
        self._typed: Callable[[str], object] | None = None
        self._stepped: Callable[[int], object] | None = None
        self._before: Widget | None = None

    def compose(self) -> ComposeResult:
        """Yield the label, the field, and the keys that end it."""
        yield self._label
        yield self._field
        yield self._keys

    def on_resize(self) -> None:
        """Name the keys where there is room for them."""
        self._keys.display = self.size.width >= _ROOMY

    @property
    def open(self) -> bool:
        """Whether a question is waiting for its answer."""
        return self._answer is not None

    @property
    def field(self) -> Input:
        """The field that is typed in."""
        return self._field

    async def ask(
        self,
        question: str,
        value: str = "",
        *,
        hint: str = "",
        typed: Callable[[str], object] | None = None,
        stepped: Callable[[int], object] | None = None,
        complete: Callable[[str], str] | None = None,
        over: bool = False,
    ) -> str | None:
        """Return what is typed, or None for `esc`; with `over`, in place of `value` if anything is typed.

        Meanwhile `typed` is called with every change, `stepped` with 1 for ↓ and -1 for ↑. `complete` returns
        what a text may be meant to become; that is offered, and taken by `tab` or `→`.
        """
        self.close(None)
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._before = self.screen.focused
        self._label.show(question)
        self._keys.show(f" enter takes it   {key_of('no-answer')} leaves")
        self._typed = None
        self._field.suggester = None if complete is None else _Offer(complete)
        self._field.value, self._field.placeholder = value, printable(hint)
        self._field.selection = Selection(0 if over else len(value), len(value))
        self._typed, self._stepped = typed, stepped
        self._show(True)
        self.screen.set_focus(self._field)  # at once: what is typed behind the key belongs to it
        try:
            return await answer
        finally:
            if self._answer is answer:
                self.close(None)

    def close(self, answer: str | None) -> None:
        """Answer the open question, and give the row and the focus back."""
        future, self._answer = self._answer, None
        self._typed = self._stepped = None
        if future is None:
            return
        self._show(False)
        before = self._before
        if before is not None and before.is_attached and before.display:
            before.screen.set_focus(before)  # at once, as above: another question may follow
        elif self.is_attached and self._field.has_focus:
            self.screen.set_focus(None)  # nor does a field that has gone keep what is typed next
        if not future.done():
            future.set_result(answer)

    def step(self, step: int) -> None:
        """Go through what is offered, if something is."""
        if self._stepped is not None:
            self._stepped(step)

    def _show(self, asking: bool) -> None:
        if not self.is_attached:
            return  # the screen was closed while the question was open
        self.display = asking
        for keys in self.screen.query("#keys"):
            keys.display = not asking

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typed is not None:
            self._typed(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.close(event.value)
