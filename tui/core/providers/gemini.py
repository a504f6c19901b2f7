"""The Google Gemini dialect: generateContent of the Developer API."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from tui.core.providers import wire
from tui.core.providers.base import Delta, Finish, JsonObject, JsonValue, ReasoningDelta, TextDelta, Usage
from tui.core.providers.payload import count, mapping, mappings, merged, text, total
from tui.core.providers.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.core.providers.base import Credentials, Provider, Request

_PLACES = {
    "max_tokens": "generationConfig.maxOutputTokens",
    "temperature": "generationConfig.temperature",
    "top_p": "generationConfig.topP",
    "top_k": "generationConfig.topK",
    "stop": "generationConfig.stopSequences",
    "seed": "generationConfig.seed",
    "presence_penalty": "generationConfig.presencePenalty",
    "frequency_penalty": "generationConfig.frequencyPenalty",
    "reasoning_effort": "generationConfig.thinkingConfig.thinkingLevel",
}

_FILTERS = (
    "SAFETY",
    "RECITATION",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "LANGUAGE",
    "MODEL_ARMOR",
)
_FINISHES: dict[str, Finish] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    **dict.fromkeys(_FILTERS, "filtered"),
}
_UNLIKELY = (None, "NEGLIGIBLE", "LOW", "HARM_PROBABILITY_UNSPECIFIED")


def build(
    provider: Provider, credentials: Credentials | None, request: Request, *, stream: bool
) -> wire.WireRequest:
    """Write the request as POST models/M:generateContent, or its streaming twin with `alt=sse`.

    Without `alt=sse` the stream would be one pretty-printed JSON list in pieces. The key stays in a header:
    `?key=` would put it into logs.
    """
    roles = {"user": "user", "assistant": "model"}
    body: dict[str, JsonValue] = {
        "contents": [{"role": roles[turn.role], "parts": [{"text": turn.text}]} for turn in request.messages],
    }
    if request.system:
        body["systemInstruction"] = {"parts": [{"text": request.system}]}
    body = merged(body, provider.extra_body, wire.arguments(provider, request, _PLACES), _level(request))
    model = wire.model_name(provider, credentials, request).removeprefix("models/")
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    path = f"/{provider.api_version or 'v1beta'}/models/{quote(model)}:{method}"
    return wire.compose(provider, credentials, path, body, events=stream)


class ContentReader(Reader):
    """Reads answers and their chunks, which have the same shape; counts are cumulative."""

    finishes = _FINISHES

    @property
    def finish(self) -> Finish:
        """Why the answer ended: every reason to block a prompt, and the whole IMAGE_ family, is a filter."""
        return "filtered" if self._blocked or self.raw_finish.startswith("IMAGE_") else super().finish

    def __init__(self) -> None:
        super().__init__()
        self._blocked = False

    def _read(self, payload: JsonObject) -> Iterator[Delta]:
        self.model = text(payload.get("modelVersion")) or self.model
        self.id = text(payload.get("responseId")) or self.id
        self._count(mapping(payload.get("usageMetadata")))
        self._block(mapping(payload.get("promptFeedback")))
        for candidate in mappings(payload.get("candidates")):
            if candidate.get("index") in (None, 0):
                self.recognised = True
                yield from _parts(mapping(candidate.get("content")))
                self._end(text(candidate.get("finishReason")))
                if self.finish == "filtered":
                    self.filtered_reason = _reason(candidate)

    def _block(self, feedback: JsonObject) -> None:
        reason = text(feedback.get("blockReason"))
        if reason:
            self._blocked = self.recognised = True
            said = text(feedback.get("blockReasonMessage")) or _found(feedback)
            self.filtered_reason = f"the prompt was blocked: {reason}" + (f" ({said})" if said else "")
            self._end(reason)

    def _usage(self, counts: JsonObject) -> Usage:
        """Sum the output: Google counts thoughts beside the candidates' tokens, not within."""
        thoughts = count(counts.get("thoughtsTokenCount"))
        return Usage(
            tokens_in=count(counts.get("promptTokenCount")),
            tokens_out=total(count(counts.get("candidatesTokenCount")), thoughts),
            cached=count(counts.get("cachedContentTokenCount")),
            reasoning=thoughts,
        )


def _parts(content: JsonObject) -> Iterator[Delta]:
    for part in mappings(content.get("parts")):
        said = text(part.get("text"))
        yield ReasoningDelta(said) if part.get("thought") is True else TextDelta(said)


def _reason(candidate: JsonObject) -> str:
    """Say why an answer was withheld: the vendor's own message, or what was found in it."""
    details = text(candidate.get("finishMessage")) or _found(candidate)
    reason = text(candidate.get("finishReason"))
    return f"{reason}: {details}" if details else reason


def _found(rated: JsonObject) -> str:
    """Name the categories of harm that a prompt or an answer is blocked for or rated as likely."""
    return ", ".join(
        text(rating.get("category")).removeprefix("HARM_CATEGORY_")
        for rating in mappings(rated.get("safetyRatings"))
        if rating.get("blocked") is True or rating.get("probability") not in _UNLIKELY
    )


def _level(request: Request) -> JsonObject:
    """Write the effort in capitals, as Google's enumeration wants it."""
    effort = request.parameters.get("reasoning_effort")
    if not isinstance(effort, str) or effort == "none":
        return {}
    return {"generationConfig": {"thinkingConfig": {"thinkingLevel": effort.upper()}}}
