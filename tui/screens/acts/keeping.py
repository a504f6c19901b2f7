"""Keeping what was answered: on the clipboard, in a file, in the user's pager."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from tui.clipboard import copy
from tui.core.atomic import write_new
from tui.core.text import printable_lines
from tui.pager import page
from tui.screens.acts.base import Bench

if TYPE_CHECKING:
    from tui.core.engine.events import RunState


class Keeping(Bench):
    """The acts that take a text out of the program."""

    def action_copy(self) -> None:
        """Copy the text that has the focus, else the answer."""
        what, text = self._at_hand()
        if not text:
            self.key_line.tell("There is nothing to copy yet.", "warning")
            return
        copy(self.app, text)
        self.key_line.tell(f"Copied the {what}, {len(text):,} characters, to the terminal's clipboard.")

    @work(group="pager", exclusive=True)
    async def action_pager(self) -> None:
        """Show the text that has the focus, else the answer, in the user's pager."""
        _, text = self._at_hand()
        if not text:
            self.key_line.tell("There is nothing to view yet.", "warning")
        elif problem := page(self.app, "\n".join(printable_lines(text))):
            self.key_line.tell(problem, "error")

    @work(group="write", exclusive=True)
    async def action_write_answer(self) -> None:
        """Ask for a file, and write the answer there; a file that is there already is not touched."""
        run = self.desk.answer.run
        if run is None or not run.transcript.length:
            self.key_line.tell("There is no answer to write: press r for one.", "warning")
            return
        name = await self.ask_line.ask("write the answer to", _file_name(run))
        if not name:
            return
        path = Path(name).expanduser()
        try:
            write_new(path, str(run.transcript).encode("utf-8", "surrogatepass"))
        except FileExistsError:
            self.key_line.tell(f"{path} is there already: choose another name.", "error")
        except OSError as error:
            self.key_line.tell(f"{path} could not be written ({error.strerror}).", "error")
        else:
            self.key_line.tell(f"Wrote {run.transcript.length:,} characters to {path}.")

    def _at_hand(self) -> tuple[str, str]:
        """Return what the focus is in, in a word, and its text as it came; the answer by default."""
        if self.focused is self.desk.text:
            return self.desk.view, self.desk.raw_text
        run = self.desk.answer.run
        return "answer", str(run.transcript) if run is not None else ""


def _file_name(run: RunState) -> str:
    return f"{run.name}-v{run.version}-{run.provider}-{run.id[:6]}.md"
