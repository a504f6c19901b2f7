"""The OpenAI chat dialect as far as OpenAI, DeepSeek and Yandex agree on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui.simulator import reading, tokens
from tui.simulator.formats import dumps
from tui.simulator.pace import pieces as divide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.simulator.answer import Answer
    from tui.simulator.ask import Ask, Call, Json
    from tui.simulator.pace import Piece

DONE: Final = b"data: [DONE]\n\n"
FINISH: Final = {
    "stop": "stop",
    "length": "length",
    "filtered": "content_filter",
    "blocked": "content_filter",
}


def sse(value: object) -> bytes:
    """A JSON value as one nameless server-sent event."""
    return f"data: {dumps(value)}\n\n".encode()


def bearer(call: Call) -> str:
    """The key of `Authorization: Bearer KEY`, "" when there is none."""
    scheme, _, key = call.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def prompt_of(messages: Sequence[Json]) -> str:
    """The last user message, or the last message of all."""
    users = [message for message in messages if reading.text(message, "role") == "user"]
    return reading.content((users or list(messages))[-1])


def input_tokens(messages: Sequence[Json]) -> int:
    """Tokens of all messages; every message costs three more, and so does the start of the answer."""
    return 3 + sum(3 + tokens.count(reading.content(message)) for message in messages)


def usage(ask: Ask, answer: Answer) -> dict[str, object]:
    """The usage object that all three send; the details differ."""
    return {
        "prompt_tokens": ask.input_tokens,
        "completion_tokens": answer.output_tokens,
        "total_tokens": ask.input_tokens + answer.output_tokens,
    }


def thought_pieces(answer: Answer, tag: str) -> list[Piece]:
    """The thoughts of an answer, divided like its text."""
    return divide(answer.thoughts, f"thoughts {tag}") if answer.thoughts else []
