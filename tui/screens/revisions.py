"""The local history of a version: what its file has said, what changed, what came of it; and going back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from textual import on, work
from textual.containers import Container, Vertical

from tui.action_table import SCREENS
from tui.actions import bindings, key_of
from tui.bridge import EngineNews
from tui.core.diff import counts, diff_lines
from tui.core.engine.events import LibraryChanged
from tui.core.engine.revisions import Past, as_text
from tui.core.prompts.snapshot import versions_of
from tui.screens.acts.base import NoAnswer, Surface
from tui.screens.acts.searching import Searching
from tui.widgets.ask_line import AskLine
from tui.widgets.heading import Heading
from tui.widgets.key_line import KeyLine
from tui.widgets.reading.differences import difference_lines
from tui.widgets.reading.text_view import Line, TextView, coloured, plain_lines
from tui.widgets.revisions.revision_list import RevisionList
from tui.widgets.revisions.rows import run_lines, when

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.core.engine.engine import Engine
    from tui.core.engine.revisions import Revision
    from tui.core.prompts.snapshot import VersionRow
    from tui.widgets.ink import Word

Key = tuple[str, int]
View = Literal["difference", "text", "runs"]

_BEFORE, _FILE, _HEAD = "the one before", "the file", "git HEAD"


class Revisions(Searching["Key | None"], Surface["Key | None"]):
    """Ends with the version that the workbench should show, None if nothing was restored."""

    CSS_PATH = "revisions.tcss"
    PLACES = SCREENS["revisions"]
    BINDINGS = bindings(*PLACES)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual declares it

    def __init__(self, engine: Engine, name: str, version: int) -> None:
        super().__init__(engine)
        self._key = (name, version)
        self._past: Past | None = None
        self._row: VersionRow | None = None
        self._view: View = "difference"
        self._against = _BEFORE
        self.heading = Heading(("Local history", "strong"), id="revisions-heading")
        self.list = RevisionList(_now)
        self.about = Heading(id="revision-heading")
        self.text = TextView(id="revision-text")

    def compose(self) -> ComposeResult:
        """Yield the list, and beside or below it what is known of the revision under the cursor."""
        yield self.heading
        with Container(id="revisions-body"):
            yield self.list
            with Vertical(id="revision"):
                yield self.about
                yield self.text
        yield KeyLine(self.PLACES)
        yield AskLine()

    def on_mount(self) -> None:
        """Read, and follow the files."""
        self.listen()
        self.list.focus()
        self._read()

    # ---------------------------------------------------------------- reading

    @on(EngineNews)
    def _take_in(self, news: EngineNews) -> None:
        for event in news.events:
            match event:
                case LibraryChanged(snapshot=library):
                    rows = versions_of(library, self._key[0])
                    row = next((row for row in rows if row.version == self._key[1]), None)
                    if row is not self._row:
                        self._row = row
                        self._read()

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        self._past = await self.answered(self.engine.revisions.of(*self._key))
        self.list.show(self._past.revisions if self._past is not None else ())
        await self._show(keep_place=True)

    @on(RevisionList.Moved)
    async def _moved(self) -> None:
        self._view = "difference" if self._view == "runs" else self._view
        await self._show()

    async def _show(self, *, keep_place: bool = False) -> None:
        self._show_heading()
        revision = self.list.revision
        if revision is None:
            self.about.show([], [])
            self.text.show([])
            return
        title: list[Word] = [(when(revision.at, _now()), "strong")]
        right: list[Word] = []
        if self._view == "runs":
            lines = await self._runs(revision)
            title.append(("  its runs", "muted"))
        elif self._view == "text":
            lines = coloured(revision.text, lambda _number, _line: ())
            title.append(("  the whole file", "muted"))
        else:
            name, base = self._base(revision)
            if base is None:
                lines = coloured(revision.text, lambda _number, _line: ())
                title.append(("  the first one", "muted"))
            else:
                lines, right = _difference(base, revision.data)
                title.append((f"  against {name}", "muted"))
        self.about.show(title, right)
        self.text.show(lines, keep_place=keep_place)

    def _show_heading(self) -> None:
        name, version = self._key
        left: list[Word] = [("Local history  ", "strong"), (name, "strong"), (f"  v{version}", "text")]
        right: list[Word] = []
        if (past := self._past) is not None:
            left += [("  retired", "warning")] if past.retired else []
            left.append((f"   {past.path}", "muted"))
            saved = sum(one.id is not None for one in past.revisions)
            right.append((f"{saved:,} saved", "muted"))
            right += [(f"  HEAD {past.commit[:8]}", "muted")] if past.commit else []
        self.heading.show(left, right)

    async def _runs(self, revision: Revision) -> list[Line]:
        if revision.id is None:
            return plain_lines("This is no saved revision, so that no run was sent with it.")
        try:
            runs = await self.answered(self.engine.revisions.runs(revision.id))
        except NoAnswer:
            return []
        return run_lines(runs, _now())

    # ---------------------------------------------------------------- comparing

    def _bases(self) -> dict[str, bytes | None]:
        """Return what can be compared with, by what it is called."""
        past = self._past
        if past is None:
            return {}
        before = self.list.before
        bases: dict[str, bytes | None] = {_BEFORE: before.data if before is not None else None}
        if past.file is not None:
            bases[_FILE] = past.file
        if past.head is not None:
            bases[_HEAD] = past.head
        return bases | {f"v{version}": data for version, data in past.others.items()}

    def _base(self, revision: Revision) -> tuple[str, bytes | None]:
        marked = self.list.marked
        if marked is not None and marked is not revision:
            return f"{when(marked.at, _now())} ▸", marked.data
        bases = self._bases()
        name = self._against if self._against in bases else _BEFORE
        return name, bases.get(name)

    async def action_difference(self) -> None:
        """Show the difference, or the whole text."""
        self._view = "text" if self._view == "difference" else "difference"
        await self._show()

    async def action_mark(self) -> None:
        """Mark the revision to compare others with, or take the mark away."""
        self.list.mark()
        self._view = "difference"
        await self._show()

    async def action_against(self) -> None:
        """Compare with the next of what there is: the one before, the file, git HEAD, other versions."""
        names = list(self._bases())
        if not names:
            return
        place = names.index(self._against) if self._against in names else 0
        self._against = names[(place + 1) % len(names)]
        self.list.marked = None
        self.list.refresh()
        self._view = "difference"
        await self._show()

    async def action_runs(self) -> None:
        """Show the runs that were sent with the revision, or again what it changed."""
        self._view = "difference" if self._view == "runs" else "runs"
        await self._show()

    async def action_version(self, step: int) -> None:
        """Go to the history of the prompt's next version, be it retired."""
        if self._past is None:
            return
        numbers = sorted([self._key[1], *self._past.others])
        place = numbers.index(self._key[1]) + step
        if not 0 <= place < len(numbers):
            self.key_line.tell(f"{self._key[0]} has no further version in this direction.")
            return
        self._key, self._past, self._row = (self._key[0], numbers[place]), None, None
        self.list.marked = None
        self.list.reading = True
        self._read()

    # ---------------------------------------------------------------- going back

    @work(group="restore", exclusive=True)
    async def action_restore(self) -> None:
        """Show what restoring the revision would change, ask, and write it to the file."""
        revision, past = self.list.revision, self._past
        if revision is None or past is None:
            return
        if revision.in_file:
            self.key_line.tell("The file says this already.")
            return
        self.list.marked, self._view, self._against = None, "difference", _FILE
        await self._show()
        came, went = counts(diff_lines(as_text(past.file or b""), revision.text))
        what = "write" if past.file is None else "restore"
        hint = f"enter does it, {key_of('no-answer')} leaves the file as it is"
        answer = await self.ask_line.ask(f"{what} {past.path}, +{came:,} −{went:,} lines?", hint=hint)
        if answer is None:
            return
        key = await self.to_its_end(self.answered(self.engine.filing.restore(past, revision.data)))
        if key is not None:
            self.dismiss(key)
        else:
            self._read()

    def action_leave(self) -> None:
        """Go back to the workbench."""
        self.dismiss(None)


def _difference(base: bytes, data: bytes) -> tuple[list[Line], list[Word]]:
    """Return the lines to read, and how many came and went."""
    old, new = as_text(base), as_text(data)
    came, went = counts(diff_lines(old, new))
    if base != data and not came + went:
        return plain_lines(
            "The lines are the same; only their ends, or the mark at the beginning, differ."
        ), []
    return difference_lines(old, new), [(f"+{came:,}", "added"), (f"  −{went:,}", "removed")]


def _now() -> datetime:
    return datetime.now().astimezone()
