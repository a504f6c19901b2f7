"""Yandex's own text generation API: one JSON object a line, with cumulative text and int64 as strings.

Source: the Yandex Foundation Models API reference, and recorded traffic of llm.api.cloud.yandex.net.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui.simulator import reading, tokens
from tui.simulator.ask import Ask
from tui.simulator.dialects import yandex
from tui.simulator.dialects.base import Frame, Reply
from tui.simulator.faults import Fault
from tui.simulator.formats import dumps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.simulator.account import Account
    from tui.simulator.answer import Answer
    from tui.simulator.ask import Call
    from tui.simulator.pace import Piece

STATUS: Final = {
    "stop": "ALTERNATIVE_STATUS_FINAL",
    "length": "ALTERNATIVE_STATUS_TRUNCATED_FINAL",
    "filtered": "ALTERNATIVE_STATUS_CONTENT_FILTER",
    "blocked": "ALTERNATIVE_STATUS_CONTENT_FILTER",
}
MOST_LINES: Final = 250  # each repeats all the text before it
PARTIAL: Final = "ALTERNATIVE_STATUS_PARTIAL"


class YandexNative:
    """Completion at /yandex/foundationModels/v1/completion."""

    provider = "yandex"
    keep_alive = b""
    blank = b""

    def stream_type(self, call: Call) -> str:
        """The content type of a stream."""
        return "application/json"

    def authorise(self, call: Call) -> None:
        """`Authorization: Api-Key KEY` or `Bearer IAM_TOKEN`."""
        yandex.authorise(call)

    def read(self, call: Call) -> Ask:
        """Understand a request; there are no stop sequences."""
        options = reading.child(call.body, "completionOptions")
        model = reading.text(call.body, "modelUri")
        yandex.check_model(model)
        yandex.check_temperature(options)
        said = [reading.text(message, "text") for message in reading.items(call.body, "messages")]
        if not said:
            raise Fault("bad_request", "messages: the list of messages must not be empty")
        return Ask(
            provider=self.provider,
            model=model,
            prompt=said[-1],
            input_tokens=3 + sum(3 + tokens.count(text) for text in said),
            max_tokens=reading.whole(options, "maxTokens"),
            stream=options.get("stream") is True,
        )

    def whole(self, call: Call, ask: Ask, answer: Answer) -> bytes:
        """One result."""
        return _line(ask, answer.text, STATUS[answer.finish], answer.output_tokens)

    def frames(self, call: Call, ask: Ask, answer: Answer, pieces: Sequence[Piece]) -> list[Frame]:
        """A line for every few words, each with all the text so far; the last repeats it as final."""
        found: list[Frame] = []
        said, spent = "", 0
        size = max(3, len(pieces) // MOST_LINES)
        for start in range(0, len(pieces), size):
            group = pieces[start : start + size]
            cost = sum(piece.tokens for piece in group)
            said, spent = said + "".join(piece.text for piece in group), spent + cost
            found.append(Frame(_line(ask, said, PARTIAL, spent), "content", cost))
        found.append(Frame(_line(ask, answer.text, STATUS[answer.finish], answer.output_tokens), "close"))
        return found

    def error(self, call: Call, fault: Fault) -> Reply:
        """gRPC's error as JSON, under `error`."""
        return Reply(yandex.ERRORS[fault.kind][0], self.error_frame(call, fault))

    def error_frame(self, call: Call, fault: Fault) -> bytes:
        """A line with `error`."""
        return f"{dumps({'error': yandex.error_object(fault)})}\n".encode()

    def headers(self, call: Call, account: Account, now: float) -> dict[str, str]:
        """Ids for the support, and nothing about limits."""
        return yandex.headers(call)


def _line(ask: Ask, text: str, status: str, spent: int) -> bytes:
    result = {
        "alternatives": [{"message": {"role": "assistant", "text": text}, "status": status}],
        "usage": {
            "inputTextTokens": str(ask.input_tokens),
            "completionTokens": str(spent),
            "totalTokens": str(ask.input_tokens + spent),
            "completionTokensDetails": {"reasoningTokens": "0"},
        },
        "modelVersion": "09.02.2026",
    }
    return f"{dumps({'result': result})}\n".encode()
