"""The answer pane: one run's words on a line, its text below, streaming in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical

from tui.core.engine.words import about_empty, error_word, pause_words
from tui.core.quota.clock import now_ns
from tui.widgets.heading import Heading
from tui.widgets.quota.gauge import seconds
from tui.widgets.reading.text_view import Line, TextView, plain_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.timer import Timer

    from tui.core.engine.events import RunState
    from tui.widgets.ink import Word

_OUTCOMES: dict[str, Word] = {
    "success": ("✓ good", "success"),
    "failure": ("✗ bad", "error"),
    "excluded": ("– excluded", "muted"),
}


class AnswerPane(Vertical):
    """Shows one run; what has been painted is not painted again."""

    def __init__(self) -> None:
        super().__init__(id="answer")
        self.run: RunState | None = None
        self._read = 0
        self._queued = 0
        self._clock: Timer | None = None
        self._heading = Heading(("Answer", "strong"), id="answer-heading")
        self._text = TextView(id="answer-text")

    def compose(self) -> ComposeResult:
        """Yield the heading and the text."""
        yield self._heading
        yield self._text

    @on(TextView.Moved)
    def _moved(self, message: TextView.Moved) -> None:
        message.stop()
        self._show_heading()

    @property
    def text(self) -> TextView:
        """The pane with the text."""
        return self._text

    def teach(self, sentence: str) -> None:
        """Say what to do, while there is no answer."""
        self.run = None
        self._heading.show([("Answer", "strong")], [])
        self._text.show(plain_lines("\n" + sentence))

    def show(self, run: RunState, queued: int = 0) -> None:
        """Show a run, or what it has got since; `queued` others wait behind it."""
        if self.run is None or self.run.id != run.id:
            self._text.show_markdown("")
            self._read = 0
        self.run = run
        piece, self._read = run.transcript.read(self._read)
        self._text.append(piece)
        if not run.transcript.length and (said := run.error or about_empty(run, run.provider)):
            ink = "error" if run.status == "failed" else "warning"
            self._text.show([*plain_lines("\n" + said, ink), *_what_now(run)])
        self._keep_time(run)
        self._queued = queued
        self._show_heading()

    def _keep_time(self, run: RunState) -> None:
        """Count down while the run waits for a time that no panel shows."""
        counts = run.pause is not None and run.pause.until_ns is not None
        if counts and self._clock is None:
            self._clock = self.set_interval(1.0, self._show_heading)
        elif not counts and self._clock is not None:
            self._clock.stop()
            self._clock = None

    def _show_heading(self) -> None:
        if self.run is not None:
            place: list[Word] = [(self._text.place, "muted"), ("   ", "")] if self._text.place else []
            right = [*place, *_queue(self._queued), *_how(self.run)]
            self._heading.show([("Answer", "strong"), ("  ", ""), *_who(self.run)], right)


def _what_now(run: RunState) -> Sequence[Line]:
    """Return how calls come to go again that a refusal of this kind has stopped."""
    if run.error_class not in ("auth", "billing"):
        return ()
    return plain_lines(f"\nUntil then no call goes to {run.provider}; R lets them go again.", "muted")


def _who(run: RunState) -> Sequence[Word]:
    return [(f"v{run.version}", "text"), (f"  {run.provider}", "accent"), (f"  {run.model}", "muted")]


def _queue(queued: int) -> Sequence[Word]:
    return [(f"{queued} waiting", "warning"), ("   ", "")] if queued else []


def _how(run: RunState) -> Sequence[Word]:
    """Return time, tokens and how it ended."""
    words: list[Word] = []
    if run.total_s is not None:
        words.append((f"{seconds(run.total_s)}", "muted"))
    if run.usage.tokens_out is not None:
        about = "≈" if run.usage.estimated else ""
        words.append((f"{about}{run.usage.tokens_in or 0:,} → {run.usage.tokens_out:,} tok", "muted"))
    words.append(_end(run))
    return [word for item in words for word in (item, ("   ", ""))][:-1]


def _end(run: RunState) -> Word:
    if run.outcome in _OUTCOMES:
        return _OUTCOMES[run.outcome]
    match run.status:
        case "waiting":
            return pause_words(run.pause, now_ns()) if run.pause else "waiting for quota", "warning"
        case "running":
            if run.received:
                return "streaming", "accent"
            return ("thinking" if run.reasoning else "sent"), "accent"
        case "cancelled":
            return "cancelled", "muted"
        case "failed":
            return f"✗ {error_word(run.error_class)}", "error"
        case "done":
            return ("✓", "success") if run.finish == "stop" else (f"✓ {run.finish}", "warning")
