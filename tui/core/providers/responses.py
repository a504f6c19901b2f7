"""The OpenAI Responses dialect, for models that exist only there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.providers import wire
from tui.core.providers.base import Delta, Finish, JsonObject, JsonValue, ReasoningDelta, TextDelta, Usage
from tui.core.providers.payload import count, mapping, mappings, merged, text
from tui.core.providers.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.core.providers.base import Credentials, Provider, Request

_PLACES = {"max_tokens": "max_output_tokens", "reasoning_effort": "reasoning.effort"}

_FINISHES: dict[str, Finish] = {
    "completed": "stop",
    "max_output_tokens": "length",
    "content_filter": "filtered",
}

_ENDS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
_THOUGHTS = ("response.reasoning_text.delta", "response.reasoning_summary_text.delta")


def build(
    provider: Provider, credentials: Credentials | None, request: Request, *, stream: bool
) -> wire.WireRequest:
    """Write the request as POST /responses; without `store: false` OpenAI would keep the answer."""
    body: dict[str, JsonValue] = {
        "model": wire.model_name(provider, credentials, request),
        "input": [{"role": turn.role, "content": turn.text} for turn in request.messages],
        "store": False,
    }
    if request.system:
        body["instructions"] = request.system
    if stream:
        body["stream"] = True
    body = merged(body, provider.extra_body, wire.arguments(provider, request, _PLACES))
    return wire.compose(provider, credentials, "/responses", body, events=stream)


class ResponseReader(Reader):
    """Reads responses and their events; the last event repeats the whole response with its counts."""

    finishes = _FINISHES

    def _read(self, payload: JsonObject) -> Iterator[Delta]:
        kind = text(payload.get("type"))
        if kind == "response.output_text.delta":
            self.recognised = True
            yield TextDelta(text(payload.get("delta")))
        elif kind in _THOUGHTS:
            yield ReasoningDelta(text(payload.get("delta")))
        elif kind in _ENDS:
            yield from self._response(mapping(payload.get("response")))
        elif payload.get("object") == "response":
            yield from self._response(payload)

    def _response(self, response: JsonObject) -> Iterator[Delta]:
        self.recognised = True
        self.model = text(response.get("model"))
        self.id = text(response.get("id"))
        self._count(mapping(response.get("usage")))
        parts = [
            part
            for item in mappings(response.get("output"))
            if item.get("type") == "message"
            for part in mappings(item.get("content"))
        ]
        if not self.text:
            yield from (TextDelta(text(part.get("text"))) for part in parts)
        self.filtered_reason = "".join(text(part.get("refusal")) for part in parts)
        reason = mapping(response.get("incomplete_details")).get("reason")
        self._end(text(reason) or text(response.get("status")))

    def _usage(self, counts: JsonObject) -> Usage:
        return Usage(
            tokens_in=count(counts.get("input_tokens")),
            tokens_out=count(counts.get("output_tokens")),
            cached=count(mapping(counts.get("input_tokens_details")).get("cached_tokens")),
            reasoning=count(mapping(counts.get("output_tokens_details")).get("reasoning_tokens")),
        )
