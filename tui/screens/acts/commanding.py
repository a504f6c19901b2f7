"""The command line of hands that know vim, while they write: `:w` and its like on the bottom row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work

from tui.actions import key_of
from tui.screens.acts.editing import Editing
from tui.widgets.editor.told import CommandAsked, NothingToEnd

if TYPE_CHECKING:
    from tui.widgets.editor.pane import EditorPane


class Commanding(Editing):
    """The acts that vim's commands stand for."""

    @on(NothingToEnd)
    def _nothing_to_end(self) -> None:
        self.key_line.tell(":q or q leaves the text, with its draft kept; :w saves it.")

    @on(CommandAsked)
    @work(group="command", exclusive=True)
    async def _command(self, message: CommandAsked) -> None:
        pane = self.desk.pane
        command = message.command or await self.ask_line.ask(":", hint="w, q, wq, q!, e! or a line")
        if command and pane is not None:
            await self._obey(pane, command.strip())

    async def _obey(self, pane: EditorPane, command: str) -> None:
        match command:
            case "w" | "w!" | "write":
                self.action_save()  # a worker of its own, which the next command does not cancel
            case "wq" | "wq!" | "x" | "xit":
                self.save_and_leave()
            case "q" | "quit":
                pane.editor.action_leave()
            case "q!" | "e!":
                if pane.dirty:
                    self.action_drop_draft()
                if command == "q!":
                    self.desk.writing = False
                    self.desk.text.focus()
            case "noh" | "nohlsearch":
                pane.editor.look_for("")
            case _ if command == "$" or command.isdecimal():
                last = pane.editor.document.line_count
                line = last if command == "$" else max(1, min(int(command[:9]), last))
                pane.editor.move_cursor((line - 1, 0))
            case _:
                known = ":w :q :wq :x :q! :e! :noh :LINE"
                self.key_line.tell(
                    f":{command} is not known here, {known} are; {key_of('edit')} opens your own editor.",
                    "warning",
                )
