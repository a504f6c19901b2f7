"""Which code speaks which dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from tui.core.providers import anthropic, gemini, openai, responses, yandex

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.providers.base import Credentials, DialectName, Provider, Request
    from tui.core.providers.reader import Reader
    from tui.core.providers.wire import WireRequest

Framing: TypeAlias = Literal["sse", "ndjson"]


class Builder(Protocol):
    """Writes a neutral request the way a dialect wants it."""

    def __call__(
        self, provider: Provider, credentials: Credentials | None, request: Request, *, stream: bool
    ) -> WireRequest:
        """Write the request; raises ProviderError("bad_request") for one that cannot be sent."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A wire format: how a request is written, how answers are read, how a stream is cut into payloads."""

    build: Builder
    reader: Callable[[], Reader]
    framing: Framing = "sse"


_DIALECTS: dict[DialectName, Dialect] = {
    "openai": Dialect(openai.build, openai.ChatReader),
    "anthropic": Dialect(anthropic.build, anthropic.MessagesReader),
    "gemini": Dialect(gemini.build, gemini.ContentReader),
    "yandex": Dialect(yandex.build, yandex.CompletionReader, framing="ndjson"),
}
_RESPONSES = Dialect(responses.build, responses.ResponseReader)


def dialect_of(provider: Provider) -> Dialect:
    """Give the dialect that the provider speaks."""
    if provider.dialect == "openai" and provider.api == "responses":
        return _RESPONSES
    return _DIALECTS[provider.dialect]
