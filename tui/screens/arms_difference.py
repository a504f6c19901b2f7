"""What differs between the files of two arms, over the page of their test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.actions import bindings
from tui.widgets.heading import Heading
from tui.widgets.reading.differences import difference_lines
from tui.widgets.reading.text_view import TextView

if TYPE_CHECKING:
    from textual.app import ComposeResult


class ArmsDifference(ModalScreen[None]):
    """Looks like the help: a box with a text to read."""

    CSS_PATH = "help.tcss"
    BINDINGS = bindings("help")

    def __init__(self, names: str, old: str, new: str) -> None:
        super().__init__()
        self._names = names
        self._texts = old, new

    def compose(self) -> ComposeResult:
        """Yield the box with its title and text."""
        with Vertical(id="help-box"):
            yield Heading((self._names, "strong"), id="help-heading")
            yield TextView(id="help-text")

    def on_mount(self) -> None:
        """Fill in what differs."""
        self.query_one("#help-heading", Heading).show(right=[("esc closes", "muted")])
        text = self.query_one(TextView)
        text.show(difference_lines(*self._texts))
        text.focus()
