"""A box with a text to read, over the screen it was asked for on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.actions import bindings, key_of
from tui.screens.acts.searching import Searching
from tui.widgets.ask_line import AskLine
from tui.widgets.heading import Heading
from tui.widgets.reading.text_view import TextView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui.widgets.reading.text_view import Line


class TextBox(Searching[None], ModalScreen[None]):
    """Its title stands above, and how to leave it."""

    CSS_PATH = "text_box.tcss"
    BINDINGS = bindings("help")

    def __init__(self, title: str, lines: Sequence[Line], *keys: str) -> None:
        """`keys` says what else can be done here, as "y copies"."""
        super().__init__()
        self.heading = Heading((title, "strong"), id="box-heading")
        self._lines = lines
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Yield the box with its title and text."""
        with Vertical(id="box"):
            yield self.heading
            yield TextView(id="box-text")
            yield AskLine()

    def on_mount(self) -> None:
        """Fill in the text."""
        self.hint(*self._keys)
        text = self.query_one(TextView)
        text.show(self._lines)
        text.focus()

    @on(TextView.Moved)
    def _text_moved(self) -> None:
        place = self.query_one(TextView).place
        self.hint(*((place,) if place else ()), *self._keys)

    def hint(self, *words: str) -> None:
        """Say something beside the title, before how to leave."""
        self.heading.show(right=[("   ".join((*words, f"{key_of('close-help')} closes")), "muted")])
