"""The editor pane: one prompt file's text, what it was begun from, and a line that says how it stands."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from textual import on
from textual.containers import Vertical
from textual.widgets import TextArea

from tui.core.merge import marked_lines
from tui.core.prompts.document import parse_document
from tui.core.prompts.problems import Problem
from tui.core.prompts.spelling import Spelling, spelled, unspelled
from tui.widgets.editor.completion import CompletionList
from tui.widgets.editor.editor import Editor
from tui.widgets.editor.told import Moved, Typed
from tui.widgets.heading import Heading
from tui.widgets.ink import width_of
from tui.widgets.sentence import Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.timer import Timer

    from tui.core.prompts.document import PromptDocument
    from tui.widgets.ink import Word

TOLD_AFTER_S = 0.2
"""What is typed is told (kept as a draft, looked at, previewed) after so many seconds at the latest."""

Standing = Literal["saved", "typed", "kept", "not kept"]
_WORDS: Mapping[Standing, Word] = {
    "saved": ("saved", "muted"),
    "typed": ("…", "muted"),
    "kept": ("kept", "accent"),
    "not kept": ("NOT KEPT", "error"),
}


class EditorPane(Vertical):
    """Holds one file at a time; `Typed` tells of changes, and whoever hears it keeps the draft."""

    def __init__(self, *, vim: bool) -> None:
        super().__init__(id="writing")
        self.path = ""
        self.base: bytes | None = None
        """What the file was when this text was begun or last saved; None: no file, or not known."""
        self.document: PromptDocument | None = None
        """The last text that could be read as a prompt."""
        self.problems: tuple[Problem, ...] = ()
        self.overtaken: Literal["", "changed on disk", "removed on disk"] = ""
        """What the file is known to be now, if it does not say `base` any more."""
        self._spelling = Spelling()
        self._on_disk: bytes | None = None
        """What the file was last known to be; `base` is older once an undo brings old text back."""
        self._origins: dict[str, tuple[bytes | None, Spelling]] = {}
        """What a text that another one took the place of was begun from, and how its file was spelled."""
        self._standing: Standing = "saved"
        self._timer: Timer | None = None
        self._completion = CompletionList()
        self.editor = Editor(self._completion, vim=vim)
        self._wrong = Sentence("writing-wrong")
        self._status = Heading(id="writing-status", rule=" ")

    def compose(self) -> ComposeResult:
        """Yield the text, its lines of words, and the list that lies over it when it is open."""
        yield self.editor
        yield self._wrong
        yield self._status
        yield self._completion

    @on(CompletionList.Picked)
    def _name_clicked(self, message: CompletionList.Picked) -> None:
        self.editor.complete(message.name)

    # ---------------------------------------------------------------- the file

    def load(self, path: str, data: bytes, base: bytes | None, cursor: Mapping[str, int] | None) -> None:
        """Begin with a file's bytes, or a draft's. Raises UnreadableError for what is no text."""
        text, spelling = spelled(data)
        self.path, self.base, self._on_disk, self._spelling = path, base, base, spelling
        self.document, self.overtaken = None, ""
        self._origins.clear()
        place = (cursor["row"], cursor["column"]) if cursor else (0, 0)
        with self.prevent(TextArea.Changed):
            self.editor.load(text, place)
        self._stop_timer()
        self._standing = "kept" if self.dirty else "saved"
        self._examine()

    def take(self, data: bytes, base: bytes | None) -> None:
        """Put another text in place of this one, as an edit: undo brings this one back."""
        text, spelling = spelled(data)
        self._exchange(text, spelling, base)

    def merge(self, text: str, theirs: bytes) -> None:
        """Show a merge with what the file is now, as an edit, and go to its first conflict."""
        self._exchange(text, spelled(theirs)[1], theirs)
        if lines := marked_lines(text):
            self.editor.move_cursor((lines[0] - 1, 0), center=True)

    def _exchange(self, text: str, spelling: Spelling, base: bytes | None) -> None:
        # Who undoes this has the text of before, and with it what that was begun from: else a save of it
        # would go over what others wrote, unasked.
        self._origins[self.editor.content] = self.base, self._spelling
        self._spelling, self.base, self._on_disk, self.overtaken = spelling, base, base, ""
        self.editor.exchange(text)
        self._origins[self.editor.content] = base, spelling
        self.tell()

    def saved(self, data: bytes) -> None:
        """Note that the file has these bytes now; what was typed since stays a draft."""
        self.base, self._on_disk, self.overtaken = data, data, ""
        self._origins.clear()
        self.tell()

    def overtake(self, *, removed: bool = False) -> None:
        """Note that somebody else has changed the file, or removed it."""
        self.overtaken = "removed on disk" if removed else "changed on disk"
        self.show_status()

    def restored(self) -> None:
        """Note that the file says `base` again."""
        if self.overtaken or self._on_disk != self.base:
            self._on_disk, self.overtaken = self.base, ""
            self.tell()

    @property
    def data(self) -> bytes:
        """The bytes that a save would write."""
        return unspelled(self.editor.content, self._spelling)

    @property
    def dirty(self) -> bool:
        """Whether the text differs from what the file was, or was begun from something older than that."""
        return self.data != self.base or self.outdated

    @property
    def outdated(self) -> bool:
        """Whether the file is known to have become something else than what this text was begun from."""
        return self.base != self._on_disk

    @property
    def cursor(self) -> dict[str, int]:
        """Where the cursor is."""
        row, column = self.editor.cursor_location
        return {"row": row, "column": column}

    # ---------------------------------------------------------------- telling

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self._timer is None:
            # Not put off by the next key: whoever types without a pause has a draft as well.
            self._timer = self.set_timer(TOLD_AFTER_S, self.tell)
            self._standing = "typed"
            self.show_status()

    def flush(self) -> None:
        """Tell now what would be told in a moment."""
        if self._timer is not None:
            self.tell()

    @property
    def untold(self) -> bool:
        """Whether something was typed that has not been told."""
        return self._timer is not None

    @property
    def standing(self) -> Standing:
        """How the text stands: saved, typed a moment ago, kept as a draft, or not kept."""
        return self._standing

    def tell(self) -> None:
        """Look at the text and tell that it is there."""
        self._stop_timer()
        before = self.base
        self.base, self._spelling = self._origins.get(self.editor.content, (self.base, self._spelling))
        if self.base != before:
            self.overtaken = "changed on disk" if self.base != self._on_disk else ""
        self._examine()
        self.post_message(Typed(self))

    def kept(self, *, problem: bool = False) -> None:
        """Note that the draft of a moment ago is kept, or could not be."""
        self._standing = "not kept" if problem else "kept" if self.dirty else "saved"
        self.show_status()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _examine(self) -> None:
        parsed = parse_document(self.data, PurePosixPath(self.path))
        self.document = parsed.document or self.document
        self.problems = (*_markers(self.editor.content), *parsed.problems)
        self.editor.mark([v.name for v in self.document.variables] if self.document else (), self.problems)
        self.show_status()

    # ---------------------------------------------------------------- the line of words

    @on(Moved)
    def _moved(self, event: Moved) -> None:
        event.stop()
        self.show_status()

    def on_resize(self) -> None:
        """Lay the words out for the width."""
        self.call_after_refresh(self.show_status)  # when the rows below have theirs

    def show_status(self) -> None:
        """Say what is wrong, the mode, and whether the draft is kept."""
        right: list[Word] = []
        if self.editor.vim is not None:
            right += [(self.editor.vim.words, "key"), ("   ", "")]
        if self.editor.found:
            right += [(self.editor.found, "muted"), ("   ", "")]
        if self.overtaken:
            right += [(self.overtaken, "warning"), ("   ", "")]
        row, column = self.editor.cursor_location
        right += [_WORDS[self._standing], (f"{row + 1:>5}:{column + 1:<3}", "muted")]
        self._show_problem(right)

    def _show_problem(self, right: Sequence[Word]) -> None:
        """Say what is wrong in the cursor's line, in rows of its own if it takes them, or else first."""
        here = self.editor.problem_here
        problem = here or next(iter(self.problems), None)
        width = self._status.size.width
        mark, sentence = _words_of(problem) if problem is not None else (("", ""), ("", ""))
        fits = not width or width_of([mark, sentence, *right]) + 1 <= width
        alone = here is not None and not fits
        self._wrong.show(mark, sentence[0] if alone else "", width)
        self._status.show([] if alone else [mark, sentence], right)


def _words_of(problem: Problem) -> tuple[Word, Word]:
    """Return the mark of what is wrong, and its place with the sentences on it."""
    where = f"{problem.line}:{problem.column or 1} " if problem.line else ""
    mark = "✖" if problem.severity == "error" else "!"
    return (f"{mark} ", problem.severity), (f"{where}{problem.message} {problem.fix}".strip(), "text")


def _markers(text: str) -> list[Problem]:
    fix = "Choose what stays, and remove the marker lines."
    return [
        Problem("warning", "conflict", "This line marks a conflict of two saves.", line, 1, fix)
        for line in marked_lines(text)
    ]
