"""What the editor pane tells the screen, in a module that costs nothing to import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from tui.widgets.editor.pane import EditorPane


class Left(Message):
    """The user wants to leave the text."""


class SearchAsked(Message):
    """The user wants to look for words, or to replace them."""

    def __init__(self, *, replace: bool = False) -> None:
        super().__init__()
        self.replace = replace


class CommandAsked(Message):
    """The user wants to give a command as to vim: that one, or one to be asked for."""

    def __init__(self, command: str = "") -> None:
        super().__init__()
        self.command = command


class NothingToEnd(Message):
    """The user has pressed esc where it ends nothing."""


class Moved(Message):
    """The cursor is elsewhere, or the mode is another one."""


class Typed(Message):
    """The text is another one than when this was told before."""

    def __init__(self, pane: EditorPane) -> None:
        super().__init__()
        self.pane = pane
