"""The OpenAI Chat Completions dialect, which DeepSeek, Yandex and most local servers speak too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.providers import wire
from tui.core.providers.base import Delta, Finish, JsonObject, JsonValue, ReasoningDelta, TextDelta, Usage
from tui.core.providers.payload import amount, count, mapping, mappings, merged, text
from tui.core.providers.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.core.providers.base import Credentials, Provider, Request

_FINISHES: dict[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "model_length": "length",
    "content_filter": "filtered",
}


def build(
    provider: Provider, credentials: Credentials | None, request: Request, *, stream: bool
) -> wire.WireRequest:
    """Write the request as POST /chat/completions.

    Token counts of a stream come unasked from some servers and only with `stream_options` from others, and
    some refuse that field, so the provider says whether to send it.
    """
    system = [{"role": "system", "content": request.system}] if request.system else []
    body: dict[str, JsonValue] = {
        "model": wire.model_name(provider, credentials, request),
        "messages": [*system, *({"role": turn.role, "content": turn.text} for turn in request.messages)],
    }
    if stream:
        body["stream"] = True
        if provider.stream_options:
            body["stream_options"] = {"include_usage": True}
    places = {"max_tokens": provider.max_tokens_field}
    body = merged(body, provider.extra_body, wire.arguments(provider, request, places))
    return wire.compose(provider, credentials, "/chat/completions", body, events=stream)


class ChatReader(Reader):
    """Reads chat completions and their chunks: the same shape but for `message` and `delta`."""

    finishes = _FINISHES

    def _read(self, payload: JsonObject) -> Iterator[Delta]:
        self.model = text(payload.get("model")) or self.model
        self.id = text(payload.get("id")) or self.id
        self._count(mapping(mapping(payload.get("x_groq")).get("usage")))
        self._count(mapping(payload.get("usage")))
        for choice in mappings(payload.get("choices")):
            if choice.get("index") in (None, 0):
                self.recognised = True
                yield from self._choice(choice)

    def _choice(self, choice: JsonObject) -> Iterator[Delta]:
        message = mapping(choice.get("delta")) or mapping(choice.get("message"))
        for name in ("reasoning_content", "reasoning"):
            if thought := text(message.get(name)):
                yield ReasoningDelta(thought)
                break
        yield from _content(message.get("content"))
        # A refusal arrives in the place of the content, under the finish reason "stop".
        self.filtered_reason += text(message.get("refusal"))
        self._end(text(choice.get("finish_reason")))

    def _usage(self, counts: JsonObject) -> Usage:
        read = mapping(counts.get("prompt_tokens_details"))
        written = mapping(counts.get("completion_tokens_details"))
        cached = count(read.get("cached_tokens"))
        return Usage(
            tokens_in=count(counts.get("prompt_tokens")),
            tokens_out=count(counts.get("completion_tokens")),
            cached=count(counts.get("prompt_cache_hit_tokens")) if cached is None else cached,
            reasoning=count(written.get("reasoning_tokens")),
            cost_usd=amount(counts.get("cost")),  # OpenRouter: what it charged (providers.md, section 12)
        )


def _content(content: JsonValue) -> Iterator[Delta]:
    """Give the parts of a content, which Mistral writes as a list with its thinking in between."""
    yield TextDelta(text(content))
    for part in mappings(content):
        if part.get("type") == "thinking":
            thoughts = mappings(part.get("thinking"))
            yield ReasoningDelta("".join(text(thought.get("text")) for thought in thoughts))
        else:
            yield TextDelta(text(part.get("text")))
