"""One answer: its words on a line, its reasoning folded, its text below, streaming in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical

from tui.actions import key_of
from tui.core.engine.words import about_empty
from tui.core.text import printable
from tui.widgets.desk.answer_words import Figure, fitting, how
from tui.widgets.desk.fold_line import FoldLine
from tui.widgets.heading import Heading
from tui.widgets.ink import width_of
from tui.widgets.reading.differences import difference_lines
from tui.widgets.reading.markdown import marked, muted, unmarked
from tui.widgets.reading.text_view import Line, TextView, plain_lines
from tui.widgets.sentence import Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.events import MouseDown
    from textual.timer import Timer

    from tui.core.engine.events import RunState
    from tui.widgets.ink import Word


_CLICKS = {"# note": "screen.note", "live": "screen.live", "≠": "screen.difference"}
"""What a click on a word of the heading does, by how the word begins."""


class AnswerColumn(Vertical):
    """Shows one run; what has been painted is not painted again."""

    def __init__(self) -> None:
        super().__init__(classes="answer")
        self.run: RunState | None = None
        self.base: RunState | None = None
        """The answer that this one is shown against, once both have ended; None: it is shown as it is."""
        self._title: Sequence[Word] = ()
        self._remarks: Sequence[Figure] = ()
        self._taught = ""
        self._raw = self._unfolded = False
        self._read = self._thought = 0
        self._compared = False
        self._ready = False
        self._clock: Timer | None = None
        self._heading = Heading(("Answer", "strong"), id="answer-heading")
        self._wrong = Sentence("answer-wrong")
        self._fold = FoldLine()
        self._thoughts = TextView(id="answer-thoughts")
        self.text = TextView(id="answer-text")

    def compose(self) -> ComposeResult:
        """Yield the heading, why the text is not whole, the folded reasoning and the text."""
        yield self._heading
        yield self._wrong
        yield self._fold
        yield self._thoughts
        yield self.text

    def on_mount(self) -> None:
        """Show what was asked for before there was anything to show it in."""
        self._ready = True
        self._fold.display = self._thoughts.display = False
        run, self.run = self.run, None
        if run is not None:
            self.show(run, self._title, self._remarks, self.base)
        elif self._taught:
            self.teach(self._taught, self._remarks)

    @on(TextView.Moved)
    def _moved(self, message: TextView.Moved) -> None:
        message.stop()
        self._show_heading()

    # ---------------------------------------------------------------- what is shown

    def teach(self, sentence: str, remarks: Sequence[Figure] = ()) -> None:
        """Say what to do, while there is no answer; `remarks` are figures of the heading."""
        self.run, self.base, self._taught, self._remarks = None, None, sentence, remarks
        if not self._ready:
            return
        self._fold.display = self._thoughts.display = self._wrong.display = False
        right = [word for _, word in remarks]
        self._heading.show([("Answer", "strong")], right, _acts(right))
        self.text.show(plain_lines("\n" + sentence))

    def show(
        self, run: RunState, title: Sequence[Word], remarks: Sequence[Figure], base: RunState | None
    ) -> None:
        """Show a run, or what it has got since, under a title; `remarks` are figures of the heading."""
        before, self.run = self.run, run
        other = (base.id if base else "") != (self.base.id if self.base else "")
        if not self._ready:
            self._title, self._remarks, self.base = title, remarks, base
            return
        if before is run and (title, remarks, base) == (self._title, self._remarks, self.base):
            return
        self._title, self._remarks, self.base = title, remarks, base
        if before is None or before.id != run.id or before.transcript is not run.transcript or other:
            self._begin(run)
        self._go_on(run)
        self._show_heading()

    def look(self, *, raw: bool, unfolded: bool) -> None:
        """Show the text with its marks or without, and the reasoning or one line in its place."""
        if raw != self._raw:
            self._raw = raw
            if self.run is not None and self.run.transcript.length and not self._compared:
                self._begin(self.run, keep_place=True)
        if unfolded != self._unfolded:
            self._unfolded = unfolded
            if self.run is not None and self._ready:
                self._show_reasoning(self.run)

    def _begin(self, run: RunState, *, keep_place: bool = False) -> None:
        """Start with an empty pane, or with all there is of a run that has ended."""
        self._compared = False
        text, self._read = run.transcript.read() if run.over else ("", 0)
        self.text.show_markdown(text, marked if self._raw else unmarked, keep_place=keep_place)
        if not run.over:
            text, self._read = run.transcript.read()
            self.text.append(text)  # which follows the end of what streams in
        if not keep_place:
            self._thought = 0
            self._thoughts.show_markdown("", muted)

    def _go_on(self, run: RunState) -> None:
        piece, self._read = run.transcript.read(self._read)
        base = self.base
        if base is not None and run.over and base.over and not self._compared:
            self._compared = True
            self.text.show(difference_lines(str(base.transcript), str(run.transcript)))
        elif not self._compared:
            self.text.append(piece)
        if not run.transcript.length and (said := run.error or about_empty(run, run.provider)):
            ink = "error" if run.status == "failed" else "warning"
            self.text.show([*plain_lines("\n" + said, ink), *_what_now(run)])
        self._show_wrong(run)
        self._show_reasoning(run)
        self._keep_time(run)

    def _show_wrong(self, run: RunState) -> None:
        """Say above a text that is not whole why; without one, that stands in its place."""
        said = run.error if run.status == "failed" and run.transcript.length else ""
        self._wrong.show(("✗ ", "error"), printable(said), self._heading.size.width)

    def _show_reasoning(self, run: RunState) -> None:
        length = run.thoughts.length
        self._fold.display = bool(length)
        self._thoughts.display = bool(length) and self._unfolded
        self._fold.show(length, unfolded=self._unfolded)
        if self._thoughts.display:
            piece, self._thought = run.thoughts.read(self._thought)
            self._thoughts.append(piece)

    # ---------------------------------------------------------------- the heading

    def on_resize(self) -> None:
        """Show as many figures as there is room for now."""
        self._show_heading()
        if self.run is not None and self._ready:
            self._show_wrong(self.run)

    def _keep_time(self, run: RunState) -> None:
        """Count down while the run waits for a time that no panel shows."""
        counts = run.pause is not None and run.pause.until_ns is not None
        if counts and self._clock is None:
            self._clock = self.set_interval(1.0, self._show_heading)
        elif not counts and self._clock is not None:
            self._clock.stop()
            self._clock = None

    @property
    def counting(self) -> bool:
        """Whether the heading changes with the time."""
        return self._clock is not None

    def _show_heading(self) -> None:
        if self.run is not None and self._ready:
            left = list(self._title)
            figures = [(3, (self.text.place, "muted")), *self._remarks, *how(self.run)]
            if self.base is not None:
                left[-1:-1] = [(f"  ≠ v{self.base.version} {self.base.provider}", "accent")]
            room = self._heading.size.width - width_of(left[:-1]) - 2  # the last word may be cut
            right = fitting(figures, room)
            self._heading.show(left, right, _acts([*left, *right]))

    def on_mouse_down(self, event: MouseDown) -> None:
        """The answer whose heading is clicked is the one at hand, also for what the click does."""
        if event.widget is self._heading:
            self.text.focus()


def _acts(words: Sequence[Word]) -> dict[str, str]:
    """Return the actions of the words that a click acts on."""
    shown = [text.strip() for text, _ in words]
    return {text: call for text in shown for begin, call in _CLICKS.items() if text.startswith(begin)}


def _what_now(run: RunState) -> Sequence[Line]:
    """Return how calls come to go again, while none of this kind does."""
    if not run.stopped:
        return ()
    return plain_lines(
        f"\nMeanwhile no call goes to {run.provider}; {key_of('resume')} lets them go again.", "muted"
    )
