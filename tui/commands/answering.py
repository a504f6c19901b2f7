"""Carries out one request: the answer on stdout as it comes, all else on stderr, and an exit code."""

from __future__ import annotations

import dataclasses
import os
import queue
import sys
from typing import TYPE_CHECKING, TextIO

import click

from tui.commands.mistake import Mistake
from tui.core.engine.events import Event, Notice, RunChanged, RunState
from tui.core.engine.words import about_empty, waiting_words
from tui.core.prompts.template import MissingValue, UnknownValue
from tui.core.quota.clock import now_ns
from tui.core.text import printable, printable_json, printable_lines

if TYPE_CHECKING:
    from typing import ClassVar

    from tui.core.engine.engine import Engine
    from tui.core.engine.events import ProviderState
    from tui.core.engine.request import RunRequest
    from tui.core.engine.transcript import Transcript
    from tui.core.prices.price import Cost

EXIT_CODES = {
    "auth": 3,
    "billing": 3,
    "limit": 4,
    "rate_limit": 4,
    "filtered": 6,
    "interrupted": 6,
    "cancelled": 130,
}
"""By what went wrong; any other trouble with the provider or the network is 5."""

_TICK_S = 0.25


class NoKey(Mistake):
    """A provider cannot be called, for want of a key."""

    exit_code: ClassVar[int] = EXIT_CODES["auth"]


def need_key(chosen: ProviderState, states: dict[str, ProviderState], *, named: bool) -> None:
    """Raise NoKey, with the variables to set, where a call would only be refused."""
    if chosen.usable:
        return
    if not named and not any(state.usable for state in states.values()):
        names = list(dict.fromkeys(state.missing[0] for state in states.values()))
        raise NoKey(f"No provider has a key: set {', '.join(names[:-1])} or {names[-1]}, or try --demo")
    raise NoKey(f"{chosen.title} needs a key: set {' and '.join(chosen.missing)}, or try --demo")


def carry_out(engine: Engine, request: RunRequest, *, as_json: bool) -> int:
    """Run to the end and return the exit code. Raises Mistake for values that do not fit."""
    states: queue.SimpleQueue[RunState] = queue.SimpleQueue()
    notices: dict[str, None] = {}

    def note(event: Event) -> None:
        if isinstance(event, RunChanged):
            states.put(event.state)
        elif isinstance(event, Notice):
            notices[event.message] = None

    engine.subscribe(note)
    try:
        started = engine.run(request).result()
    except (MissingValue, UnknownValue) as error:
        raise Mistake(str(error)) from error
    output = Output(sys.stdout, echo=not as_json)
    status = StatusLine(sys.stderr, engine)
    try:
        final = _follow(states, output, status)
    except KeyboardInterrupt:
        engine.cancel(started.id)
        final = _follow(states, output, status)
    output.end()
    if as_json:
        output.show(printable_json(as_dict(final), indent=2) + "\n")
    for sentence in (*notices, final.error or about_empty(final, engine.providers[final.provider].title)):
        if sentence:
            click.echo(f"penstock: {printable(sentence)}", err=True)
    return EXIT_CODES.get(final.error_class, 5) if final.error_class else 0


def _follow(states: queue.SimpleQueue[RunState], output: Output, status: StatusLine) -> RunState:
    """Show what comes until the run is over; return its last state."""
    state = states.get()
    while not state.over:
        try:
            state = states.get(timeout=_TICK_S if state.status == "waiting" else None)
        except queue.Empty:  # so that a wait of a moment is not worth a word
            status.show(state)
            continue
        if state.status != "waiting":
            status.clear()
        output.take(state)
    return state


class Output:
    """The answer on stdout: to a pipe as it is, to a terminal so that it cannot be steered by it."""

    def __init__(self, stream: TextIO, *, echo: bool) -> None:
        self._stream = stream
        self._echo = echo
        self._tame = stream.isatty()
        self._held = ""
        self._last = ""
        self._position = 0
        self._transcript: Transcript | None = None

    def take(self, state: RunState) -> None:
        """Write what the answer has got since the last time."""
        if state.transcript is not self._transcript:
            self._begin_again(state.transcript)
        piece, self._position = state.transcript.read(self._position)
        if self._echo:
            self.show(piece)

    def _begin_again(self, transcript: Transcript) -> None:
        """Read another text, which takes the place of what was written: on a line below that."""
        if self._echo and self._last not in ("", "\n"):
            self.show("\n")
        self._transcript, self._position = transcript, 0

    def show(self, text: str) -> None:
        """Write a piece of text at once."""
        if self._tame:
            text, self._held = self._held + text, ""
            if text.endswith("\r"):  # it may be half of a line break
                text, self._held = text[:-1], "\r"
            text = "\n".join(printable_lines(text))
        if text:
            self._last = text[-1]
            click.echo(text, file=self._stream, nl=False)
            self._stream.flush()

    def end(self) -> None:
        """End the last line, if it is open."""
        self._held = ""
        if self._last not in ("", "\n"):
            self._last = "\n"
            click.echo(file=self._stream)


class StatusLine:
    """One line on a terminal's stderr that says what the run waits for; it is gone when the answer comes."""

    def __init__(self, stream: TextIO, engine: Engine) -> None:
        self._stream = stream
        self._engine = engine
        self._enabled = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._said = ""

    def show(self, state: RunState) -> None:
        """Say what a waiting run waits for, and how long."""
        words = waiting_words(state, self._engine.providers[state.provider], now_ns())
        if self._enabled and words != self._said:
            self._said = words
            click.echo(f"\r\x1b[K{printable(words)}", file=self._stream, nl=False)
            self._stream.flush()

    def clear(self) -> None:
        """Take away what was said."""
        if self._said:
            self._said = ""
            click.echo("\r\x1b[K", file=self._stream, nl=False)
            self._stream.flush()


def as_dict(state: RunState) -> dict[str, object]:
    """Return the whole result; null is what is not known."""
    return {
        "id": state.id,
        "name": state.name or None,
        "version": state.version or None,
        "case": state.case or None,
        "provider": state.provider,
        "model": state.reported_model or state.model,
        "model_asked": state.model,
        "status": state.status,
        "text": str(state.transcript),
        "reasoning": str(state.thoughts) or None,
        "finish": state.finish or None,
        "raw_finish": state.raw_finish or None,
        "error_class": state.error_class or None,
        "error": state.error or None,
        "notes": list(state.notes),
        "usage": dataclasses.asdict(state.usage),
        "cost": _cost(state.cost),
        "request_id": state.request_id or None,
        "attempts": state.attempts,
        "waited_s": _to_ms(state.waited_s),
        "first_token_s": _to_ms(state.first_token_s),
        "total_s": _to_ms(state.total_s),
    }


def _cost(cost: Cost | None) -> dict[str, object] | None:
    if cost is None:
        return None
    return {
        "usd": float(cost.usd),
        "source": cost.source,
        "as_of": cost.as_of or None,
        "estimated": cost.estimated,
    }


def _to_ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
