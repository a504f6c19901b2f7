"""The desk: one version as template or preview, its values, and the answer of its last run."""

from __future__ import annotations

import dataclasses
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal, TypeAlias

from textual import on
from textual.containers import Container, Vertical
from textual.reactive import var

from tui.core.engine.request import RunRequest
from tui.widgets.batch.choice import ValueSet
from tui.widgets.browser.rows import first_error
from tui.widgets.desk.answer import AnswerPane
from tui.widgets.desk.tabs import Tabs, View
from tui.widgets.desk.template import TemplateView
from tui.widgets.desk.texts import preview_lines, problem_lines, report_lines, template_lines
from tui.widgets.desk.values import ValuesForm
from tui.widgets.desk.values_at_hand import ValuesAtHand
from tui.widgets.reading.text_view import TextView, plain_lines
from tui.widgets.title_bar import home_relative

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from textual.app import ComposeResult

    from tui.core.prompts.document import PromptDocument
    from tui.core.prompts.snapshot import FileReport, LibrarySnapshot, VersionRow
    from tui.widgets.desk.value_book import ValueBook
    from tui.widgets.editor.pane import EditorPane
    from tui.widgets.ink import Word


ROOM_BESIDE = 110
"""Width in cells from which the preview stands beside the editor pane."""
ROOM_FOR_WORDS = 60
"""Width in cells from which the title has room for words beside its marks."""


ROOM_FOR_TEXT, ROOM_FOR_ANSWER = 40, 34
"""Cells that the text keeps beside several answers, and that each of these is given as far as that goes."""
Zoom: TypeAlias = Literal["browser", "text", "answer"]
"""A pane that can have the room of all."""


class Desk(Vertical):
    """Shows what the browser points at; keeps the values typed for each prompt."""

    view: var[View] = var("template")
    """What the upper pane shows; on a short screen the answer takes its place and that of the values."""
    short: var[bool] = var(False)
    """Whether there is room for one text only."""
    writing: var[bool] = var(False)
    """Whether the upper pane is the editor pane."""
    beside: var[bool] = var(False)
    """Whether the preview stands beside the editor pane, or below where that is narrow."""
    abreast: var[bool] = var(False, toggle_class="-abreast")
    """Whether the answer stands beside the text."""
    zoomed: var[Zoom | None] = var(None)
    """The pane that has all the room; on a short screen the view says which of the desk's that is."""
    share: var[int | None] = var(None)
    """How much of the room of text and answer the text has, in per cent; None: as the styles say."""

    def __init__(self, book: ValueBook) -> None:
        super().__init__(id="desk")
        self.row: VersionRow | None = None
        self.report: FileReport | None = None
        self.values = ValuesAtHand(book)
        self.book, self.form = book, self.values.form
        self.tabs = Tabs()
        self.text = TemplateView()
        self.upper = Container(self.text, id="upper")
        self.pane: EditorPane | None = None
        """The editor pane, once it has been opened."""
        self._drafts: dict[str, VersionRow] = {}
        self.answer = AnswerPane()

    def compose(self) -> ComposeResult:
        """Yield the panes from top to bottom."""
        yield self.tabs
        yield self.upper
        yield self.values.heading
        yield self.form
        yield self.answer

    # ---------------------------------------------------------------- what is shown

    async def show_version(self, row: VersionRow) -> bool:
        """Show a version, or what its file says now; return whether it is another version than before."""
        before = self.row
        same = before is not None and (before.id, before.name) == (row.id, row.name)
        self.row, self.report = row, None
        self._leave_other(row.path)
        await self._note_and_fill()
        self._show_text(keep_place=same)
        return not same

    async def show_report(self, report: FileReport) -> None:
        """Show what is wrong with a file that serves nothing."""
        self.row, self.report = None, report
        self._leave_other(report.path)
        await self.values.fill(None)
        self._show_text(keep_place=False)
        self.answer.teach("")

    async def show_nothing(self, library: LibrarySnapshot) -> None:
        """Teach how to begin, while there are no prompts."""
        folder = home_relative(library.folder)
        self.row = self.report = None
        self.writing = False
        await self.values.fill(None)
        self.values.show(in_sight=False)
        what = "There are no prompts in" if library.folder_exists else "There is no folder"
        hint = f"Save a markdown file there, or run `penstock init {folder}` for four prompts to start from."
        self.text.show(plain_lines(f"\n{what} {folder}.\n\n{hint}"))
        self.tabs.show([], self.view, short=self.short)
        self.answer.teach("")

    @property
    def place(self) -> tuple[str, int] | None:
        """The file at hand, relative to the prompts folder, and the line that an editor should go to."""
        if self.report is not None:
            error = first_error(self.report.problems)
            return self.report.path, (error.line if error else None) or 1
        if self.row is not None:
            error = first_error(self.row.problems)
            return self.row.path, (error.line if error else None) or self.row.body_line
        return None

    @property
    def raw_text(self) -> str:
        """The text of the upper pane as it is in the file, or as it is shown where no file has it."""
        shown = self.shown
        return shown.template if shown is not None and self.view == "template" else self.text.text

    def request(self, provider: str) -> RunRequest:
        """Return the run of what is at hand."""
        if self.row is None:
            raise ValueError("there is no version at hand")
        case = "" if self.form.typed else self.book.case(self.row.name)
        return RunRequest(self.row, provider, self.form.values, case=case)

    @property
    def value_sets(self) -> list[ValueSet]:
        """The sets of values that the prompt at hand can be run with; the first are those that are typed."""
        return [ValueSet("", self.form.values)]

    def missing_values(self) -> list[str]:
        """Return the variables that have neither a value nor a default."""
        return self.values.missing(self.shown.variables if self.shown else ())

    # ---------------------------------------------------------------- writing

    @property
    def shown(self) -> VersionRow | None:
        """The version at hand as it is shown: as its draft says, where this screen has one."""
        return self._drafts.get(self.row.path, self.row) if self.row is not None else None

    @property
    def drafted(self) -> bool:
        """Whether what is shown is a draft."""
        return self.row is not None and self.row.path in self._drafts

    async def editor_pane(self, *, vim: bool) -> EditorPane:
        """Return the editor pane; it is made when it is first wanted."""
        if self.pane is None:
            from tui.widgets.editor.pane import EditorPane

            self.pane = EditorPane(vim=vim)
            await self.upper.mount(self.pane, before=self.text)
            self._arrange()
        return self.pane

    async def show_draft(self, path: str, document: PromptDocument | None) -> None:
        """Let a file's version be shown as its draft says, or as the file does for None."""
        row = self.row if self.row is not None and self.row.path == path else None
        if document is not None and row is not None:
            self._drafts[path] = _drafted(row, document)
        elif document is None:
            self._drafts.pop(path, None)
        if row is not None:
            await self._note_and_fill()
            self._show_text(keep_place=True)

    def _leave_other(self, path: str) -> None:
        """Put the editor pane away when something else than its file comes to hand."""
        if self.pane is not None and self.pane.path != path:
            self.writing = False

    def watch_writing(self) -> None:
        """Lay the panes out with the editor pane, or without."""
        self._arrange()

    def watch_beside(self) -> None:
        """Lay the panes out with the preview beside the editor pane, or without."""
        self._arrange()

    # ---------------------------------------------------------------- values

    async def restore_values(self, kept: Mapping[str, Any]) -> None:
        """Take over what was typed before this start."""
        self.values.restore(kept)
        await self._refill()

    async def refill(self) -> None:
        """Show what the cases say now."""
        self.values.note()
        await self._refill()

    async def choose_case(self, prompt: str, case: str) -> None:
        """Let the values of a prompt be those of a case, "" for none, as it was left."""
        self.values.choose(prompt, case)
        await self._refill()

    async def take_case(self, prompt: str, case: str) -> None:
        """Go to a case that was just saved from the form."""
        self.book.forget(prompt, case)
        await self._refill()

    async def _refill(self) -> None:
        if self.shown is not None:
            await self.values.fill(self.shown)
            self._show_text(keep_place=True)

    async def _note_and_fill(self) -> None:
        self.values.note()
        if self.shown is not None:
            await self.values.fill(self.shown)

    # ---------------------------------------------------------------- views

    def next_view(self) -> None:
        """Go on to the next view."""
        self.writing = False
        self._end_other_zoom("text")
        views: list[View] = ["template", "preview", "answer"] if self.short else ["template", "preview"]
        self.view = views[(views.index(self.view) + 1) % len(views)] if self.view in views else "template"

    def show_run(self) -> None:
        """Make sure that the answer is in sight."""
        if self.short:
            self.view = "answer"
        self._end_other_zoom("answer")

    def show_values(self) -> None:
        """Make sure that the values are in sight."""
        self.zoomed = None
        if self.view == "answer":
            self.view = "template"

    def _end_other_zoom(self, pane: Zoom) -> None:
        """Show all panes again, unless this one is in sight."""
        if self.zoomed == "browser" or (self.zoomed != pane and not self.short):
            self.zoomed = None

    def watch_view(self) -> None:
        """Lay the panes out for the view."""
        self._arrange()

    def watch_short(self) -> None:
        """Lay the panes out for the height."""
        if not self.short and self.view == "answer":
            self.view = "template"
        self._arrange()

    def on_resize(self) -> None:
        """Notice how much room there is."""
        self._look_at_room()

    def watch_zoomed(self) -> None:
        """Lay the panes out with one of them alone, or with all."""
        self._look_at_room()
        self._arrange()

    def watch_share(self) -> None:
        """Give text and answer their shares."""
        self._look_at_room()

    def _look_at_room(self) -> None:
        if not self.is_mounted:
            return
        broad, alone = self.screen.has_class("-broad"), self.zoomed is not None
        self.short = self.screen.has_class("-short") and not broad
        self.abreast = broad and not alone
        text, answer = (self.share, 100 - self.share) if self.share is not None else (50, 50)
        shared = self.share is not None and not self.short
        width = self.size.width * (100 - text) // 100
        if self.abreast and not shared:  # several answers are read side by side
            wanted = self.answer.abreast * ROOM_FOR_ANSWER
            width = max(width, min(wanted, self.size.width - ROOM_FOR_TEXT))
        self.answer.styles.width = width if self.abreast else None
        self.answer.styles.height = f"{answer}fr" if shared and not self.abreast else None
        self.upper.styles.height = f"{text}fr" if shared and not self.abreast else None
        room = self.size.width - width if self.abreast else self.size.width
        self.upper.set_class(room >= ROOM_BESIDE, "-beside")

    @on(AnswerPane.Counted)
    def _answers_counted(self) -> None:
        self._look_at_room()

    @on(TextView.Moved)
    def _text_moved(self) -> None:
        self.tabs.show(self._title(), self.view, short=self.short, place=self.text.place)

    @on(Tabs.Chosen)
    def _tab_chosen(self, message: Tabs.Chosen) -> None:
        self.writing = False
        self.view = message.view

    @on(ValuesForm.Pointed)
    def _value_pointed(self, message: ValuesForm.Pointed) -> None:
        self.values.heading.show_variable(message.variable)

    @on(ValuesForm.Edited)
    def _values_edited(self) -> None:
        self.values.note()
        if self.view == "preview" or self.writing:
            self._show_text(keep_place=True)
        self.values.count(self.shown.variables if self.shown else ())

    def _arrange(self) -> None:
        if not self.is_mounted:
            return
        self.upper.display = not self._answer_only
        self.upper.set_class(self.writing, "-writing")
        self.text.display = not self.writing or self.beside
        if self.pane is not None:
            self.pane.display = self.writing
        self.answer.display = self._answer_only or not (self.short or self.zoomed == "text")
        self._show_text(keep_place=False)

    @property
    def _answer_only(self) -> bool:
        return self.view == "answer" if self.short else self.zoomed == "answer"

    def _show_text(self, *, keep_place: bool) -> None:
        has_fields = self.shown is not None and bool(self.shown.variables)
        self.values.show(in_sight=has_fields and not self._answer_only and self.zoomed is None)
        self.tabs.show(self._title(), self.view, short=self.short, place=self.text.place)
        if not self.text.display:
            return  # a draft grows behind the editor pane; it is put together when it comes into sight
        if self.report is not None:
            self.text.show(report_lines(self.report))
        elif self.row is not None and self.shown is not None and (self.view == "preview" or self.writing):
            self.text.show(preview_lines(self.shown, self.form.values), keep_place=keep_place)
        elif self.row is not None and self.shown is not None:
            # What is wrong stands above, unnumbered: the numbers at the left stay the file's own.
            above = problem_lines(self.row.path, self.shown.problems)
            above += plain_lines("") if above else []
            first = self.shown.body_line - len(above)
            self.text.show([*above, *template_lines(self.shown)], first_number=first, keep_place=keep_place)

    def _title(self) -> list[Word]:
        if self.report is not None:
            return [(PurePosixPath(self.report.path).name, "strong"), ("  not served", "error")]
        if self.row is None:
            return []
        row = self.row
        words: list[Word] = [(row.name, "strong"), (f"  v{row.version} ", "text")]
        mark = ("●", "accent") if row.active else ("○", "muted")
        state = " active" if row.active else " not active"
        words += [mark, (state if self.size.width >= ROOM_FOR_WORDS else "", mark[1])]
        if self.drafted:
            words.append(
                ("   draft" if self.size.width < ROOM_FOR_WORDS else "   draft, not saved", "warning")
            )
        elif error := first_error(row.problems):
            words.append(
                (
                    f"   ✖ {error.line}:{error.column or 1} last good content" if error.line else "   ✖",
                    "error",
                )
            )
        return words


def _drafted(row: VersionRow, document: PromptDocument) -> VersionRow:
    """Return a version as its draft says; its name, number and figures stay the file's."""
    return dataclasses.replace(
        row,
        template=document.template,
        variables=document.variables,
        description=document.description,
        system=document.system,
        provider=document.provider,
        model=document.model,
        parameters=document.parameters,
        tags=document.tags,
        body_line=document.body_line,
        problems=(),
    )
