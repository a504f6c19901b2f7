"""The native dialect of Yandex AI Studio: text generation over REST, with lines of JSON for a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.providers import wire
from tui.core.providers.base import Delta, Finish, JsonObject, JsonValue, TextAnew, TextDelta, Usage
from tui.core.providers.payload import count, mapping, mappings, merged, text
from tui.core.providers.pieces import is_first_half
from tui.core.providers.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.core.providers.base import Credentials, Provider, Request

_PLACES = {
    "max_tokens": "completionOptions.maxTokens",
    "temperature": "completionOptions.temperature",
}

_STATUS = "ALTERNATIVE_STATUS_"
_FINISHES: dict[str, Finish] = {
    f"{_STATUS}FINAL": "stop",
    f"{_STATUS}TRUNCATED_FINAL": "length",
    f"{_STATUS}CONTENT_FILTER": "filtered",
}


def build(
    provider: Provider, credentials: Credentials | None, request: Request, *, stream: bool
) -> wire.WireRequest:
    """Write the request as POST /foundationModels/v1/completion; 64-bit numbers are strings there."""
    system = [{"role": "system", "text": request.system}] if request.system else []
    body: dict[str, JsonValue] = {
        "modelUri": wire.model_name(provider, credentials, request),
        "completionOptions": {"stream": stream},
        "messages": [*system, *({"role": turn.role, "text": turn.text} for turn in request.messages)],
    }
    body = merged(body, provider.extra_body, wire.arguments(provider, request, _PLACES))
    longest = mapping(body["completionOptions"]).get("maxTokens")
    if longest is not None:
        body = merged(body, {"completionOptions": {"maxTokens": str(longest)}})
    return wire.compose(provider, credentials, "/foundationModels/v1/completion", body, events=False)


class CompletionReader(Reader):
    """Reads completions, whose text is the whole text so far rather than the next piece of it."""

    finishes = _FINISHES

    def __init__(self) -> None:
        super().__init__()
        self._so_far = ""
        """The text as it came last."""

    def _read(self, payload: JsonObject) -> Iterator[Delta]:
        result = mapping(payload.get("result"))
        self.model = text(result.get("modelVersion")) or self.model
        self._count(mapping(result.get("usage")))
        for alternative in mappings(result.get("alternatives"))[:1]:
            self.recognised = True
            yield from self._grown(text(mapping(alternative.get("message")).get("text")))
            status = text(alternative.get("status"))
            if status != f"{_STATUS}PARTIAL":
                self._end(status)

    def _grown(self, whole: str) -> Iterator[Delta]:
        """Give what is new, or all of a text that does not continue the last one."""
        if whole and is_first_half(whole[-1]):
            whole = whole[:-1]  # the whole character comes with the next text
        before, self._so_far = self._so_far, whole or self._so_far
        if whole.startswith(before):
            yield TextDelta(whole[len(before) :])
        elif whole:
            yield TextAnew(whole)

    def _usage(self, counts: JsonObject) -> Usage:
        details = mapping(counts.get("completionTokensDetails"))
        return Usage(
            tokens_in=count(counts.get("inputTextTokens")),
            tokens_out=count(counts.get("completionTokens")),
            reasoning=count(details.get("reasoningTokens")),
        )
