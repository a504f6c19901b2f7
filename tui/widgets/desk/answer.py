"""The answer pane: one run's words on a line, its text below, streaming in."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from textual import on
from textual.containers import Vertical

from tui.core.engine.words import about_empty, error_word, pause_words
from tui.core.prices.dollars import dollars
from tui.core.quota.clock import now_ns
from tui.widgets.heading import Heading
from tui.widgets.ink import width_of
from tui.widgets.quota.gauge import seconds
from tui.widgets.reading.text_view import Line, TextView, plain_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.timer import Timer

    from tui.core.engine.events import RunState
    from tui.core.prices.price import Cost
    from tui.widgets.ink import Word

_Figure: TypeAlias = "tuple[int, Word]"
"""How important it is beside the others, and what is shown."""

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

    def on_resize(self) -> None:
        """Show as many figures as there is room for now."""
        self._show_heading()

    def _show_heading(self) -> None:
        if self.run is not None:
            left: list[Word] = [("Answer", "strong"), ("  ", ""), *_who(self.run)]
            figures = [(3, (self._text.place, "muted")), *_queue(self._queued), *_how(self.run)]
            room = self._heading.size.width - width_of(left[:-1]) - 2  # the model's name may be cut
            self._heading.show(left, _fitting([figure for figure in figures if figure[1][0]], room))


def _what_now(run: RunState) -> Sequence[Line]:
    """Return how calls come to go again that a refusal of this kind has stopped."""
    if run.error_class not in ("auth", "billing"):
        return ()
    return plain_lines(f"\nUntil then no call goes to {run.provider}; O lets them go again.", "muted")


def _who(run: RunState) -> Sequence[Word]:
    return [(f"v{run.version}", "text"), (f"  {run.provider}", "accent"), (f"  {run.model}", "muted")]


def _queue(queued: int) -> Sequence[_Figure]:
    return [(4, (f"{queued} waiting", "warning"))] if queued else []


def _how(run: RunState) -> Sequence[_Figure]:
    """Return time, tokens, cost and how it ended."""
    figures: list[_Figure] = []
    if run.total_s is not None:
        figures.append((1, (f"{seconds(run.total_s)}", "muted")))
    if run.usage.tokens_out is not None:
        about = "~" if run.usage.estimated else ""
        tokens = f"{about}{run.usage.tokens_in or 0:,} → {run.usage.tokens_out:,} tok"
        figures.append((0, (tokens, "muted")))
    if run.cost is not None or run.status == "done":
        figures.append((2, (_cost(run.cost), "muted")))
    return [*figures, (5, _end(run))]


def _fitting(figures: Sequence[_Figure], room: int) -> list[Word]:
    """Return the figures with spaces between; where there is no room, the least important are left out."""
    kept = list(figures)
    while len(kept) > 1 and width_of([word for _, word in kept]) + 3 * (len(kept) - 1) > room:
        kept.remove(min(kept, key=lambda figure: figure[0]))
    return [word for _, figure in kept for word in (figure, ("   ", ""))][:-1]


def _cost(cost: Cost | None) -> str:
    return "$ n/a" if cost is None else dollars(cost.usd, estimated=cost.estimated)


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
