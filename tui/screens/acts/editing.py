"""Writing in the editor pane: opening a file or its draft, keeping what is typed, following the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work

from tui.actions import key_of
from tui.core.prompts.source import UnreadableError
from tui.screens.acts.saving import TROUBLE, Saving, done, text_of
from tui.widgets.editor.told import Left, Typed

if TYPE_CHECKING:
    import concurrent.futures

    from tui.core.engine.events import DraftNote
    from tui.core.engine.writing import Draft, Opening
    from tui.core.prompts.snapshot import LibrarySnapshot
    from tui.widgets.editor.pane import EditorPane

_NOT_IN_VIM = "leave", "write-run"
"""Actions whose keys mean something else in vim's modes."""


class Editing(Saving):
    """The acts on the file that is open in the editor pane."""

    _pane: EditorPane | None = None
    """The editor pane, also when the screen has let go of its parts already."""
    _handed: tuple[str, bytes] | None = None
    """The draft that the engine was given last, and of which file."""
    file_gone = False
    """Whether the file that is being written has no row in the browser any more."""

    def on_mount(self) -> None:
        """Show the keys of writing while there is writing."""
        self.watch(self.desk, "writing", self._show_keys, init=False)

    def _show_keys(self, writing: bool) -> None:
        vim = writing and self.engine.settings.vim
        self.key_line.about(("editor",) if writing else self.PLACES, _NOT_IN_VIM if vim else ())

    # ---------------------------------------------------------------- opening

    async def action_write(self) -> None:
        """Go to the editor pane with the file at hand.

        Not in a worker, unless there is something to ask: what is typed behind the key belongs into the text.
        """
        await self.follow_cursor()
        self._pane = pane = await self.desk.editor_pane(vim=self.engine.settings.vim)
        place = self.desk.place
        if place is None:
            self.key_line.tell("There is no file to write in here: choose one in the browser.", "warning")
            return
        path, line = place
        if pane.path == path and pane.dirty:
            self._show_pane(pane)
            return
        try:
            opening = await done(self.engine.writing.open(path))
            if self.desk.place is None or self.desk.place[0] != path:
                await self.action_write()  # another file is at hand by now
                return
            draft = next(iter(opening.drafts), None)
            if pane.path == path and draft is None and opening.data == pane.base:
                self._show_pane(pane)
            elif draft is not None and not draft.note.mine:
                self._ask_and_write(pane, path, line, opening, draft)
            else:
                self._load(pane, path, line, opening, draft)
        except TROUBLE as error:
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
                    await done(self.engine.writing.forget([draft]))
                    self._load(pane, path, line, opening, None)
                case "draft":
                    if self._load(pane, path, line, opening, draft):
                        await done(self.engine.writing.forget([draft]))
        except TROUBLE as error:
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
            self.look_at_file()  # which may say something else than when the draft was begun
            self.key_line.tell(f"This is the draft of {_when(draft.note)}; {key_of('write-save')} saves it.")
        return True

    async def _ask_about(self, path: str, draft: Draft, data: bytes | None) -> str | None:
        from tui.screens.choice import DraftChoice, Side  # only when asked for
        from tui.widgets.reading.differences import difference_lines

        whose = "set aside" if draft.note.pid is None else "not saved when Penstock ended"
        where = f" on {draft.note.host}" if draft.note.host != self.engine.writing.host else ""
        sentence = f"A draft of {_when(draft.note)}{where}, {whose}, waits for {path}."
        sides = [Side("From the file to the draft", difference_lines(text_of(data), text_of(draft.data)))]
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
        if pane.outdated:
            self.look_at_file()  # an undo has brought old text back: the file may say that again by now

    @work(group="keep")
    async def _keep(self, pane: EditorPane) -> None:
        try:
            await done(self.keep_now(pane))
        except TROUBLE as error:
            pane.kept(problem=True)
            self.key_line.tell(f"The draft could not be kept. {error}", "error")
        else:
            if not pane.untold:
                pane.kept()

    def keep_now(self, pane: EditorPane) -> concurrent.futures.Future[None]:
        """Hand the text to the engine, which keeps it even if nobody waits for that."""
        self._handed = pane.path, pane.data
        keep = self.engine.writing.keep
        return keep(pane.path, pane.data, pane.base, pane.cursor, outdated=pane.outdated)

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
            opens = f"{key_of('write')} opens one of an earlier day."
            self.key_line.tell(f"There is no draft here to drop; {opens}", "warning")
            return
        path = pane.path
        try:
            data = await done(self.engine.writing.read(path))
            if data is not None and pane.path == path:
                pane.take(data, data)
                self.key_line.tell("This is what the file says; ctrl+z in the editor brings the draft back.")
        except (*TROUBLE, UnreadableError) as error:
            self.key_line.tell(str(error), "error")

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
        if pane is None or not pane.path or self._saving.locked():
            return
        path = pane.path
        try:
            data = await done(self.engine.writing.read(path))
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
        except (*TROUBLE, UnreadableError):
            pane.overtake()  # what it is will be told when it is saved or opened


def _cursor(draft: Draft | None, line: int) -> dict[str, int]:
    if draft is not None and draft.cursor is not None:
        return {"row": int(draft.cursor["row"]), "column": int(draft.cursor["column"])}
    return {"row": line - 1, "column": 0}


def _when(note: DraftNote) -> str:
    return f"{note.updated_at.astimezone():%d %b %H:%M}"
