"""The Anthropic Messages dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.providers import wire
from tui.core.providers.base import Delta, Finish, JsonObject, JsonValue, ReasoningDelta, TextDelta, Usage
from tui.core.providers.payload import count, mapping, mappings, merged, text, total
from tui.core.providers.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.core.providers.base import Credentials, Provider, Request

_PLACES = {"stop": "stop_sequences", "reasoning_effort": "output_config.effort"}

_FINISHES: dict[str, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "filtered",
}


def build(
    provider: Provider, credentials: Credentials | None, request: Request, *, stream: bool
) -> wire.WireRequest:
    """Write the request as POST /v1/messages; `max_tokens` is required, the system text is no message."""
    body: dict[str, JsonValue] = {
        "model": wire.model_name(provider, credentials, request),
        "messages": [{"role": turn.role, "content": turn.text} for turn in request.messages],
    }
    if request.system:
        body["system"] = request.system
    if stream:
        body["stream"] = True
    body = merged(body, provider.extra_body, wire.arguments(provider, request, _PLACES))
    return wire.compose(provider, credentials, "/v1/messages", body, events=stream)


class MessagesReader(Reader):
    """Reads messages and their events. Events of unknown types pass without notice, as Anthropic asks."""

    finishes = _FINISHES

    def _read(self, payload: JsonObject) -> Iterator[Delta]:
        match payload.get("type"):
            case "message":
                yield from self._message(payload)
            case "message_start":
                yield from self._message(mapping(payload.get("message")))
            case "content_block_start":
                yield from _block(mapping(payload.get("content_block")))
            case "content_block_delta":
                yield from _block(mapping(payload.get("delta")))
            case "message_delta":
                self._count(mapping(payload.get("usage")))
                self._stopped(mapping(payload.get("delta")))
            case "message_stop":
                self.finished = True

    def _message(self, message: JsonObject) -> Iterator[Delta]:
        self.recognised = True
        self.model = text(message.get("model"))
        self.id = text(message.get("id"))
        self._count(mapping(message.get("usage")))
        for block in mappings(message.get("content")):
            yield from _block(block)
        self._stopped(message)

    def _stopped(self, said: JsonObject) -> None:
        details = mapping(said.get("stop_details"))
        reasons = (text(details.get("category")), text(details.get("explanation")))
        if said.get("stop_reason") == "refusal":
            self.filtered_reason = ": ".join(reason for reason in reasons if reason)
        self._end(text(said.get("stop_reason")))

    def _usage(self, counts: JsonObject) -> Usage:
        """Sum the input: Anthropic counts cached tokens beside `input_tokens`, not within."""
        cached = count(counts.get("cache_read_input_tokens"))
        details = mapping(counts.get("output_tokens_details"))
        return Usage(
            tokens_in=total(
                count(counts.get("input_tokens")), count(counts.get("cache_creation_input_tokens")), cached
            ),
            tokens_out=count(counts.get("output_tokens")),
            cached=cached,
            reasoning=total(count(details.get("thinking_tokens")), count(details.get("reasoning_tokens"))),
        )


def _block(block: JsonObject) -> Iterator[Delta]:
    """Give the text of a content block or of its delta; other kinds (tools, signatures) have none."""
    match block.get("type"):
        case "text" | "text_delta":
            yield TextDelta(text(block.get("text")))
        case "thinking" | "thinking_delta":
            yield ReasoningDelta(text(block.get("thinking")))
