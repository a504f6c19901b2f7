"""A bench for provider clients: bytes in, deltas and answers out, no network."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx

from tui.core.providers.base import Answer, Credentials, Message, Provider, Request, Timeouts
from tui.core.providers.client import Client
from tui.core.providers.presets import load_presets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from tui.core.providers.client import StreamItem

KEY = "key-for-tests-0123456789"
EVENTS = {"content-type": "text/event-stream"}
JSON = {"content-type": "application/json"}
QUESTION = Request(model="", messages=(Message("user", "How many?"),))


class Chunks(httpx.AsyncByteStream):
    """A body that arrives in the given pieces and then ends, breaks, or goes silent."""

    def __init__(
        self, chunks: Iterable[bytes], *, breaks: Exception | None = None, silent: bool = False
    ) -> None:
        self._chunks = list(chunks)
        self._breaks = breaks
        self._silent = silent
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        if self._breaks is not None:
            raise self._breaks
        if self._silent:
            await asyncio.Event().wait()

    async def aclose(self) -> None:
        self.closed = True


@dataclass
class Bench:
    """One provider behind one prepared response; `sent` holds the requests that it received."""

    provider: Provider
    body: Chunks
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: EVENTS)
    credentials: Credentials | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    sent: list[httpx.Request] = field(default_factory=list)

    async def stream(self, request: Request = QUESTION) -> list[StreamItem]:
        async with self.http() as http, aclosing(self.open(http, request)) as items:
            return [item async for item in items]

    async def answer(self, request: Request = QUESTION) -> Answer:
        last = (await self.stream(request))[-1]
        assert isinstance(last, Answer)
        return last

    async def complete(self, request: Request = QUESTION) -> Answer:
        async with self.http() as http:
            return await self.client(http).complete(self.provider, self.credentials, request)

    def open(self, http: httpx.AsyncClient, request: Request = QUESTION) -> Any:
        return self.client(http).stream(self.provider, self.credentials, request)

    def client(self, http: httpx.AsyncClient) -> Client:
        ticks = iter(range(1_000_000))
        return Client(http, lambda: float(next(ticks)), wall=lambda: 0.0, timeouts=self.timeouts)

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._respond))

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return httpx.Response(self.status, headers=dict(self.headers), stream=self.body)

    @property
    def sent_body(self) -> Any:
        return json.loads(self.sent[-1].content)


def preset(name: str, **changes: Any) -> Provider:
    return replace(load_presets()[name], **changes)


def credentials(provider: Provider) -> Credentials:
    source = provider.key_env[0] if provider.key_env else ""
    return Credentials(KEY, folder="b1gfolder" if provider.folder_env else "", source=source)


def bench(
    provider: Provider | str, body: bytes | Iterable[bytes] | Chunks, status: int = 200, **options: Any
) -> Bench:
    account = preset(provider) if isinstance(provider, str) else provider
    if isinstance(body, bytes):
        body = [body]
    chunks = body if isinstance(body, Chunks) else Chunks(body)
    return Bench(account, chunks, status, credentials=credentials(account), **options)


def event(data: object, name: str = "", end: str = "\n") -> bytes:
    """Write one server-sent event the way the vendors do."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    head = f"event: {name}{end}" if name else ""
    return f"{head}data: {text}{end}{end}".encode()
