"""Makes the answer to a request: its text, where it stops and why, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tui.simulator import tokens
from tui.simulator.lapses import with_lapse
from tui.simulator.text import think, write, write_at_length

if TYPE_CHECKING:
    from tui.simulator.ask import Ask

ODD_CHARACTERS: Final = (
    "Line separator:\u2028 paragraph separator:\u2029 next line:\u0085 vertical tab:\u000b form feed:\u000c "
    "— naïve façade, Привет, 你好, 👩\u200d🚀, and a NUL-free end."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer; `output_tokens` are those billed, thinking included."""

    text: str
    thoughts: str
    thinking_tokens: int
    output_tokens: int
    finish: Literal["stop", "length", "filtered", "blocked"]
    stop_sequence: str | None = None


def answer(ask: Ask, seed: int, scenario: str = "normal", request: str = "") -> Answer:
    """The answer to a request: always the same for the same provider, model, prompt and seed.

    With `request`, a name of its own, it may have lapses, which follow from that name too.
    """
    if scenario in ("filtered", "blocked_prompt"):
        finish: Literal["filtered", "blocked"] = "filtered" if scenario == "filtered" else "blocked"
        return Answer("", "", 0, 0, finish)
    text, stop_sequence = _until_stop(_text(ask, seed, scenario, request), ask.stops)
    thinking, room = ask.thinking, ask.max_tokens
    if room is not None:
        thinking = min(thinking, room)
    pieces = tokens.tokenize(text)
    cut = room is not None and thinking + len(pieces) > room
    if cut and room is not None:
        pieces, stop_sequence = pieces[: room - thinking], None
    thoughts = think(ask.prompt, thinking, seed) if ask.show_thinking and thinking else ""
    return Answer(
        text="".join(pieces),
        thoughts=thoughts,
        thinking_tokens=thinking,
        output_tokens=thinking + len(pieces),
        finish="length" if cut else "stop",
        stop_sequence=stop_sequence,
    )


def _text(ask: Ask, seed: int, scenario: str, request: str) -> str:
    if scenario == "unicode":
        return ODD_CHARACTERS
    if scenario == "huge":
        return write_at_length(ask.provider, ask.model, ask.prompt, seed)
    text = write(ask.provider, ask.model, ask.prompt, seed)
    return with_lapse(ask.prompt, text, request) if request else text


def _until_stop(text: str, stops: tuple[str, ...]) -> tuple[str, str | None]:
    """Cut a text before the first stop sequence in it, and say which one that was."""
    found = [(text.find(stop), stop) for stop in stops if stop and stop in text]
    if not found:
        return text, None
    at, stop = min(found)
    return text[:at], stop
