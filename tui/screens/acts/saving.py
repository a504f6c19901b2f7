"""Saving what is written in the editor pane: one save after the other, never over what others wrote."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import work

from tui.actions import key_of
from tui.core.engine.inbox import EngineStopped
from tui.core.engine.writing import WritingError
from tui.core.prompts.source import UnreadableError
from tui.screens.acts.base import Bench

if TYPE_CHECKING:
    import concurrent.futures
    from typing import TypeVar

    from tui.core.engine.engine import Engine
    from tui.core.engine.writing import Conflict
    from tui.widgets.editor.pane import EditorPane

    T = TypeVar("T")

TROUBLE = (WritingError, EngineStopped)
"""What keeps a file or its draft from being read or written; each says so in a sentence."""


class Saving(Bench):
    """The acts that write the text into its file."""

    _warned = b""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._saving = asyncio.Lock()
        """One save after the other: the second one says what was typed meanwhile."""

    @work(group="save")
    async def action_save(self) -> None:
        """Write the draft to its file."""
        await self._save()

    @work(group="save")
    async def save_and_leave(self) -> None:
        """Write the draft to its file, and leave the text once it is there."""
        pane = self.desk.pane
        if pane is not None and await self._save():
            pane.editor.action_leave()

    @work(group="save")
    async def action_save_and_run(self) -> None:
        """Write the draft to its file, if there is one, and run what it says."""
        pane = self.desk.pane
        if pane is not None:
            pane.flush()
        if pane is not None and pane.path and (pane.dirty or self._saving.locked()):
            path = pane.path
            if not await self._save():
                return
            if self.engine.library is not None:
                self.show_library(self.engine.library)
            await self.follow_cursor()
            if self.desk.place is None or self.desk.place[0] != path:
                self.key_line.tell(f"Saved {path}. It was not run: another version is at hand now.")
                return
        elif self.desk.drafted:
            await self._save()
            return
        await self.run_action("run")

    async def _save(self) -> bool:
        """Write the draft to its file; return whether the file says now what was typed."""
        async with self._saving:
            pane = self.desk.pane
            if pane is not None:
                pane.flush()
            if pane is None or not pane.path or not pane.dirty:
                self.key_line.tell("Everything is saved.")
                return pane is not None and bool(pane.path)
            data = pane.data
            lines = [problem.line for problem in pane.problems if problem.code == "conflict"]
            if lines and data != self._warned:
                self._warned = data
                again = f"{key_of('write-save')} once more saves it so."
                self.key_line.tell(f"Line {lines[0]} still marks a conflict: {again}", "warning")
                return False
            try:
                return await self._write(pane, pane.path, data)
            except (*TROUBLE, UnreadableError) as error:
                self.key_line.tell(str(error), "error")
                return False

    async def _write(self, pane: EditorPane, path: str, data: bytes) -> bool:
        conflict = await done(self.engine.writing.save(path, data, pane.base))
        while conflict is not None:
            if pane.path != path:
                self.key_line.tell(f"{path} was changed by another program: its draft is kept.", "warning")
                return False
            pane.overtake()
            way = await self._ask_which(pane, data, conflict)
            if way != "mine":
                await self._yield_to(pane, data, conflict, way)
                return False
            conflict = await done(self.engine.writing.overrule(path, data, conflict.theirs))
        if pane.path != path:  # another file was opened meanwhile
            await self.desk.show_draft(path, None)
            self.key_line.tell(f"Saved {path}.")
            return True
        pane.saved(data)
        await self.desk.show_draft(path, pane.document if pane.dirty else None)
        self.key_line.tell(f"Saved {path}{_but(pane)}.")
        return True

    async def _ask_which(self, pane: EditorPane, data: bytes, conflict: Conflict) -> str | None:
        from tui.screens.choice import ConflictChoice, Side
        from tui.widgets.reading.differences import difference_lines

        mine, theirs = text_of(data), text_of(conflict.theirs)
        if pane.base is None:
            sides = [Side("From theirs to mine", difference_lines(theirs, mine, context=1))]
        else:
            base = text_of(pane.base)
            sides = [
                Side("Mine: what was typed here", difference_lines(base, mine, context=1)),
                Side("Theirs: what the file says now", difference_lines(base, theirs, context=1)),
            ]
        sentence = f"{pane.path} was changed by another program since you began. Nothing is written yet."
        without = set()
        if conflict.theirs is None:
            sentence = f"{pane.path} was removed by another program since you began."
            without = {"merge"}
        elif not is_text(conflict.theirs):
            sentence += " It is not UTF-8 text any more."
            without = {"merge", "theirs"}
        return await self.app.push_screen_wait(ConflictChoice("Changed on disk", sentence, sides, without))

    async def _yield_to(self, pane: EditorPane, data: bytes, conflict: Conflict, way: str | None) -> None:
        """Let the file stay as others made it: with mine set aside, or with both in the editor."""
        from tui.core.merge import merge

        theirs = conflict.theirs
        if way == "theirs":
            await done(self.engine.writing.set_aside(pane.path, data, pane.base))
            if theirs is not None:
                pane.take(theirs, theirs)
            else:
                pane.take(data, data)
                self.desk.writing = False
            self.key_line.tell("Yours is set aside as a draft: it is offered when the file is opened again.")
        elif way == "merge" and theirs is not None:
            base = text_of(pane.base) if pane.base is not None else None
            merged = merge(base, text_of(data), text_of(theirs), ("mine", "on disk"))
            pane.merge(merged.text, theirs)
            left = f"{merged.conflicts} to decide" if merged.conflicts else "no line in dispute"
            self.key_line.tell(
                f"Merged, {left}: {key_of('write-save')} saves it, {key_of('undo')} undoes the merge."
            )
        else:
            self.key_line.tell("Nothing was written; the draft is kept.")


async def done(future: concurrent.futures.Future[T]) -> T:
    """Return what the engine answers; who no longer waits for it does not keep it from being done."""
    return await asyncio.shield(asyncio.wrap_future(future))


def text_of(data: bytes | None) -> str:
    """Return a file's text for reading; what is no text is spelled out, and a file that has gone is empty."""
    return (data or b"").decode("utf-8", "backslashreplace").removeprefix("\ufeff").replace("\r\n", "\n")


def is_text(data: bytes) -> bool:
    """Return whether the bytes are UTF-8 text."""
    from tui.core.prompts.spelling import spelled

    try:
        spelled(data)
    except UnreadableError:
        return False
    return True


def _but(pane: EditorPane) -> str:
    errors = [problem for problem in pane.problems if problem.severity == "error"]
    if not errors:
        return ""
    where = f" at {errors[0].line}:{errors[0].column or 1}" if errors[0].line else ""
    return f", which has an error{where}: the last good content is served"
