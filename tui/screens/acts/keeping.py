"""Keeping what was answered: on the clipboard, in a file, in the user's pager."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import work

from tui.actions import key_of
from tui.clipboard import copy
from tui.core.atomic import write_new
from tui.core.prompts.files import why_no_file_at
from tui.core.text import printable_lines
from tui.core.typed import PathError, path_of
from tui.pager import page
from tui.screens.acts.base import Surface

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that is at hand."""

    what: str
    """In a word: "answer", "template"."""
    text: str
    """As it came."""
    file_name: str = ""
    """What a file of it may be called."""


class Keeping(Surface[None]):
    """The acts that take a text out of the program; a screen says what is at hand."""

    async def answer_at_hand(self) -> Kept | None:
        """Return the answer, None or an empty text while there is none."""
        raise NotImplementedError

    async def text_at_hand(self) -> Kept | None:
        """Return the text that the focus is in; the answer by default."""
        return await self.answer_at_hand()

    def new_file(self, name: str) -> Path | None:
        """Return where the file that was typed would be; None where none may be, which is told."""
        try:
            path = path_of(name)
        except PathError as error:
            self.key_line.tell(str(error), "error")
            return None
        if reason := why_no_file_at(path, self.engine.workspace.prompts):
            self.key_line.tell(f"{reason}.", "error")
            return None
        return path

    @work(group="copy", exclusive=True)
    async def action_copy(self) -> None:
        """Copy the text that has the focus, else the answer."""
        kept = await self.text_at_hand()
        if kept is None or not kept.text:
            self.key_line.tell("There is nothing to copy yet.", "warning")
            return
        copy(self.app, kept.text)
        said = f"Copied the {kept.what}, {len(kept.text):,} characters, to the terminal's clipboard."
        self.key_line.tell(said)

    @work(group="pager", exclusive=True)
    async def action_pager(self) -> None:
        """Show the text that has the focus, else the answer, in the user's pager."""
        kept = await self.text_at_hand()
        if kept is None or not kept.text:
            self.key_line.tell("There is nothing to view yet.", "warning")
        elif problem := page(self.app, "\n".join(printable_lines(kept.text))):
            self.key_line.tell(problem, "error")

    @work(group="write", exclusive=True)
    async def action_write_answer(self) -> None:
        """Ask for a file, and write the answer there; a file that is there already is not touched."""
        kept = await self.answer_at_hand()
        if kept is None or not kept.text:
            self.key_line.tell(f"There is no answer to write: press {key_of('run')} for one.", "warning")
            return
        name = await self.ask_line.ask("write the answer to", kept.file_name)
        if not name:
            return
        path = self.new_file(name)
        if path is None:
            return
        try:
            write_new(path, kept.text.encode("utf-8", "surrogatepass"))
        except FileExistsError:
            self.key_line.tell(f"{path} is there already: choose another name.", "error")
        except OSError as error:
            self.key_line.tell(f"{path} could not be written ({error.strerror}).", "error")
        else:
            self.key_line.tell(f"Wrote {len(kept.text):,} characters to {path}.")


def answer_file_name(name: str, version: int, provider: str, run_id: str) -> str:
    """Return what a file with an answer is called, unless the user says otherwise."""
    prompt = f"{name}-v{version}" if name else "answer"
    return f"{prompt}-{provider}-{run_id[:6]}.md"
