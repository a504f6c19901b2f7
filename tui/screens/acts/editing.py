"""Writing in the editor pane: opening a file or its draft, keeping what is typed, saving it, conflicts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on, work

from tui.actions import key_of
from tui.core.engine.inbox import EngineStopped
from tui.core.engine.writing import WritingError
from tui.core.prompts.source import UnreadableError
from tui.screens.acts.base import Bench
from tui.widgets.editor.told import Left, Typed

if TYPE_CHECKING:
    import concurrent.futures
    from typing import TypeVar

    from tui.core.engine.events import DraftNote
    from tui.core.engine.writing import Conflict, Draft, Opening
    from tui.core.prompts.snapshot import LibrarySnapshot
    from tui.widgets.editor.pane import EditorPane

    T = TypeVar("T")

_TROUBLE = (WritingError, EngineStopped)
"""What keeps a file or its draft from being read or written; each says so in a sentence."""


class Editing(Bench):
    """The acts on the file that is open in the editor pane."""

    _pane: EditorPane | None = None
    _handed: tuple[str, bytes] | None = None
    """The draft that the engine was given last, and of which file."""
    """The editor pane, also when the screen has let go of its parts already."""
    _settling = False
    _warned = b""
    file_gone = False
    """Whether the file that is being written has no row in the browser any more."""

    def on_mount(self) -> None:
        """Show the keys of writing while there is writing."""
        self.watch(self.desk, "writing", self._show_keys, init=False)

    def _show_keys(self, writing: bool) -> None:
        self.key_line.about(("editor",) if writing else self.PLACES)

    # ---------------------------------------------------------------- opening

    async def action_write(self) -> None:
        """Go to the editor pane with the file at hand.

        Not in a worker, unless there is something to ask: what is typed behind the key belongs into the text.
        """
        await self.follow_cursor()
        place = self.desk.place
        if place is None:
            self.key_line.tell("There is no file to write in here: choose one in the browser.", "warning")
            return
        path, line = place
        self._pane = pane = await self.desk.editor_pane(vim=self.engine.settings.vim)
        if pane.path == path and pane.dirty:
            self._show_pane(pane)
            return
        try:
            opening = await _done(self.engine.writing.open(path))
            draft = next(iter(opening.drafts), None)
            if pane.path == path and draft is None and opening.data == pane.base:
                self._show_pane(pane)
            elif draft is not None and not draft.note.mine:
                self._ask_and_write(pane, path, line, opening, draft)
            else:
                self._load(pane, path, line, opening, draft)
        except _TROUBLE as error:
            self.key_line.tell(str(error), "error")

    @work(group="open", exclusive=True)
    async def _ask_and_write(
        self, pane: EditorPane, path: str, line: int, opening: Opening, draft: Draft
    ) -> None:
        """Go to the editor pane with the draft of an earlier day, or with the file."""
        try:
            match await self._ask_about(path, draft, opening.data):
                case "file":
                    self._load(pane, path, line, opening, None)
                case "drop":
                    await _done(self.engine.writing.forget([draft]))
                    self._load(pane, path, line, opening, None)
                case "draft":
                    if self._load(pane, path, line, opening, draft):
                        await _done(self.engine.writing.forget([draft]))
        except _TROUBLE as error:
            self.key_line.tell(str(error), "error")

    def _load(self, pane: EditorPane, path: str, line: int, opening: Opening, draft: Draft | None) -> bool:
        """Open the draft, or else the file; False where that cannot be, which is told."""
        data = draft.data if draft is not None else opening.data
        if data is None:
            self.key_line.tell(f"{path} is not there any more.", "warning")
            return False
        try:
            pane.load(path, data, draft.base if draft else data, _cursor(draft, line))
        except UnreadableError as error:
            reason = error.problems[0].message
            self.key_line.tell(
                f"{path} cannot be opened here: {reason} Press {key_of('edit')} for your editor.", "error"
            )
            return False
        self._show_pane(pane)
        self._say_who_else(path, opening.elsewhere)
        if draft is not None:
            pane.tell()  # so that it is this process's draft from now on
            self.key_line.tell(f"This is the draft of {_when(draft.note)}; {key_of('write-save')} saves it.")
        return True

    async def _ask_about(self, path: str, draft: Draft, data: bytes | None) -> str | None:
        from tui.screens.choice import DraftChoice, Side  # only when asked for
        from tui.widgets.reading.differences import difference_lines

        whose = "set aside" if draft.note.pid is None else "not saved when Penstock ended"
        where = f" on {draft.note.host}" if draft.note.host != self.engine.writing.host else ""
        sentence = f"A draft of {_when(draft.note)}{where}, {whose}, waits for {path}."
        sides = [Side("From the file to the draft", difference_lines(_text(data), _text(draft.data)))]
        return await self.app.push_screen_wait(DraftChoice("A draft of this file", sentence, sides))

    def _say_who_else(self, path: str, elsewhere: tuple[DraftNote, ...]) -> None:
        if elsewhere:
            other = elsewhere[0]
            self.key_line.tell(
                f"Another Penstock (process {other.pid}) has an unsaved draft of {path}, of {_when(other)}.",
                "warning",
            )

    def _show_pane(self, pane: EditorPane) -> None:
        if self.desk.view == "answer":
            self.desk.view = "template"
        self.desk.writing = True
        pane.editor.focus()

    def action_beside(self) -> None:
        """Show or hide the preview beside the text."""
        self.desk.beside = not self.desk.beside

    @on(Left)
    async def _left(self) -> None:
        pane = self.desk.pane
        if pane is not None:
            pane.flush()
            if pane.dirty and self.file_gone:
                self.key_line.tell(f"{pane.path} is not there now: its draft waits until it is.", "warning")
            elif pane.dirty:
                self.key_line.tell(
                    f"The draft is kept: {key_of('write')} goes on with it, {key_of('save')} saves it."
                )
        self.desk.writing = self.file_gone = False
        self.desk.text.focus()
        await self.follow_cursor()

    # ---------------------------------------------------------------- keeping

    @on(Typed)
    async def _typed(self, message: Typed) -> None:
        pane = message.pane
        await self.desk.show_draft(pane.path, pane.document if pane.dirty else None)
        self._keep(pane)

    @work(group="keep")
    async def _keep(self, pane: EditorPane) -> None:
        try:
            await _done(self.keep_now(pane))
        except _TROUBLE as error:
            pane.kept(problem=True)
            self.key_line.tell(f"The draft could not be kept. {error}", "error")
        else:
            if not pane.untold:
                pane.kept()

    def keep_now(self, pane: EditorPane) -> concurrent.futures.Future[None]:
        """Hand the text to the engine, which keeps it even if nobody waits for that."""
        self._handed = pane.path, pane.data
        return self.engine.writing.keep(pane.path, pane.data, pane.base, pane.cursor)

    def keep_at_end(self) -> None:
        """Keep what was typed in the last moment before the screen goes."""
        pane = self._pane
        if pane and (pane.dirty or pane.untold) and (pane.path, pane.data) != self._handed:
            self.keep_now(pane)

    @work(group="drop", exclusive=True)
    async def action_drop_draft(self) -> None:
        """Go back to what the file says."""
        place, pane = self.desk.place, self.desk.pane
        if place is None or pane is None or pane.path != place[0] or not pane.dirty:
            self.key_line.tell("There is no draft here to drop; i opens one of an earlier day.", "warning")
            return
        try:
            data = await _done(self.engine.writing.read(pane.path))
            if data is not None:
                pane.take(data, data)
                self.key_line.tell("This is what the file says; ctrl+z in the editor brings the draft back.")
        except (*_TROUBLE, UnreadableError) as error:
            self.key_line.tell(str(error), "error")

    # ---------------------------------------------------------------- saving

    @work(group="save")
    async def action_save(self) -> None:
        """Write the draft to its file."""
        await self._save()

    @work(group="save")
    async def action_save_and_run(self) -> None:
        """Write the draft to its file, if there is one, and run what it says."""
        pane = self.desk.pane
        if pane is not None:
            pane.flush()
        writing = pane is not None and pane.path and pane.dirty
        if await self._save() if writing else not self.desk.drafted:
            if self.engine.library is not None:
                self.browser.show(self.engine.library)
            await self.run_action("run")

    async def _save(self) -> bool:
        pane = self.desk.pane
        if pane is not None:
            pane.flush()
        if pane is None or not pane.path or not pane.dirty:
            self.key_line.tell("Everything is saved.")
            return False
        if self._settling:
            return False
        data = pane.data
        if (lines := [p.line for p in pane.problems if p.code == "conflict"]) and data != self._warned:
            self._warned = data
            self.key_line.tell(
                f"Line {lines[0]} still marks a conflict: ctrl+s once more saves it so.", "warning"
            )
            return False
        self._settling = True
        try:
            conflict = await _done(self.engine.writing.save(pane.path, data, pane.base))
            while conflict is not None:
                pane.overtake()
                way = await self._ask_which(pane, data, conflict)
                if way != "mine":
                    await self._yield_to(pane, data, conflict, way)
                    return False
                conflict = await _done(self.engine.writing.overrule(pane.path, data, conflict.theirs))
        except (*_TROUBLE, UnreadableError) as error:
            self.key_line.tell(str(error), "error")
            return False
        finally:
            self._settling = False
        pane.saved(data)
        await self.desk.show_draft(pane.path, pane.document if pane.dirty else None)
        self.key_line.tell(f"Saved {pane.path}{_but(pane)}.")
        return True

    async def _ask_which(self, pane: EditorPane, data: bytes, conflict: Conflict) -> str | None:
        from tui.screens.choice import ConflictChoice, Side
        from tui.widgets.reading.differences import difference_lines

        mine, theirs = _text(data), _text(conflict.theirs)
        if pane.base is None:
            sides = [Side("From theirs to mine", difference_lines(theirs, mine, context=1))]
        else:
            base = _text(pane.base)
            sides = [
                Side("Mine: what was typed here", difference_lines(base, mine, context=1)),
                Side("Theirs: what the file says now", difference_lines(base, theirs, context=1)),
            ]
        sentence = f"{pane.path} was changed by another program since you began. Nothing is written yet."
        without = set()
        if conflict.theirs is None:
            sentence = f"{pane.path} was removed by another program since you began."
            without = {"merge"}
        elif not _is_text(conflict.theirs):
            sentence += " It is not UTF-8 text any more."
            without = {"merge", "theirs"}
        return await self.app.push_screen_wait(ConflictChoice("Changed on disk", sentence, sides, without))

    async def _yield_to(self, pane: EditorPane, data: bytes, conflict: Conflict, way: str | None) -> None:
        """Let the file stay as others made it: with mine set aside, or with both in the editor."""
        from tui.core.merge import merge

        theirs = conflict.theirs
        if way == "theirs":
            await _done(self.engine.writing.set_aside(pane.path, data, pane.base))
            if theirs is not None:
                pane.take(theirs, theirs)
            else:
                pane.take(data, data)
                self.desk.writing = False
            self.key_line.tell("Yours is set aside as a draft: it is offered when the file is opened again.")
        elif way == "merge" and theirs is not None:
            base = _text(pane.base) if pane.base is not None else None
            merged = merge(base, _text(data), _text(theirs), ("mine", "on disk"))
            pane.merge(merged.text, theirs)
            left = f"{merged.conflicts} to decide" if merged.conflicts else "no line in dispute"
            self.key_line.tell(
                f"Merged, {left}: {key_of('write-save')} saves it, {key_of('undo')} undoes the merge."
            )
        else:
            self.key_line.tell("Nothing was written; the draft is kept.")

    # ---------------------------------------------------------------- what others do

    def follow_files(self, library: LibrarySnapshot) -> None:
        """Keep the text under the hands that write it, also while its file is gone: as in another branch."""
        pane, gone = self.desk.pane, self.file_gone
        self.file_gone = (
            pane is not None
            and self.desk.writing
            and (self.focused is pane.editor or self.ask_line.open)
            and pane.path not in {row.path for row in library.versions} | {r.path for r in library.reports}
        )
        if pane is not None and gone and not self.file_gone and self.desk.writing:
            self.browser.show_file(pane.path)
        self.look_at_file()

    @work(group="look", exclusive=True)
    async def look_at_file(self) -> None:
        """See whether the file in the editor pane says something else now."""
        pane = self.desk.pane
        if pane is None or not pane.path or self._settling:
            return
        path = pane.path
        try:
            data = await _done(self.engine.writing.read(path))
            if path != pane.path:
                return
            if data is None:
                pane.overtake(removed=True)
            elif data == pane.base:
                pane.restored()
            elif data == pane.data:
                pane.saved(data)
            elif pane.dirty:
                pane.overtake()
            else:
                pane.take(data, data)
        except (*_TROUBLE, UnreadableError):
            pane.overtake()  # what it is will be told when it is saved or opened


async def _done(future: concurrent.futures.Future[T]) -> T:
    return await asyncio.wrap_future(future)


def _text(data: bytes | None) -> str:
    """Return a file's text for reading; what is no text is spelled out, and a file that has gone is empty."""
    return (data or b"").decode("utf-8", "backslashreplace").removeprefix("\ufeff").replace("\r\n", "\n")


def _is_text(data: bytes) -> bool:
    from tui.core.prompts.spelling import spelled

    try:
        spelled(data)
    except UnreadableError:
        return False
    return True


def _cursor(draft: Draft | None, line: int) -> dict[str, int]:
    if draft is not None and draft.cursor is not None:
        return {"row": int(draft.cursor["row"]), "column": int(draft.cursor["column"])}
    return {"row": line - 1, "column": 0}


def _when(note: DraftNote) -> str:
    return f"{note.updated_at.astimezone():%d %b %H:%M}"


def _but(pane: EditorPane) -> str:
    errors = [problem for problem in pane.problems if problem.severity == "error"]
    if not errors:
        return ""
    where = f" at {errors[0].line}:{errors[0].column or 1}" if errors[0].line else ""
    return f", which has an error{where}: the last good content is served"
