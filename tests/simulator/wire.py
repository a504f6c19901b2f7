"""A connection to an ASGI application without a socket: it streams, breaks and hangs up like a real one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, MutableMapping

    from starlette.types import ASGIApp

    Message = MutableMapping[str, Any]


class Wire(httpx.AsyncBaseTransport):
    """Carries requests to `app`; `open` is how many connections are busy, `arrivals` when each request came.

    What httpx's own ASGITransport does not do: hand over the body piece by piece, obey the read timeout, tell
    the application of a client that has hung up, and end a body in the middle when the application raises.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.open = 0
        self.arrivals: list[tuple[float, str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.arrivals.append((asyncio.get_running_loop().time(), request.url.path))
        exchange = _Exchange(self, request, await request.aread())
        try:
            start = await exchange.next()
        except BaseException:
            await exchange.aclose()
            raise
        return httpx.Response(start["status"], headers=start["headers"], stream=exchange)


class _Exchange(httpx.AsyncByteStream):
    """One request and its response; the response's body is this object."""

    def __init__(self, wire: Wire, request: httpx.Request, body: bytes) -> None:
        self._wire = wire
        self._read_s: float | None = request.extensions.get("timeout", {}).get("read")
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue()
        self._body: bytes | None = body
        self._hung_up = asyncio.Event()
        wire.open += 1
        self._task = asyncio.create_task(self._serve(_scope(request)))

    async def next(self) -> Message:
        """The application's next message; raises httpx.ReadTimeout or httpx.RemoteProtocolError."""
        try:
            async with asyncio.timeout(self._read_s):
                message = await self._messages.get()
        except TimeoutError as error:
            raise httpx.ReadTimeout("") from error
        if message is None:
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
        return message

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self.next()
            more = message.get("more_body", False)
            yield message.get("body", b"")

    async def aclose(self) -> None:
        self._hung_up.set()
        await self._task
        self._wire.open -= 1

    async def _serve(self, scope: dict[str, Any]) -> None:
        with suppress(Exception):  # what an application raises is a broken connection to its client
            await self._wire._app(scope, self._receive, self._send)
        self._messages.put_nowait(None)

    async def _receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._hung_up.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self._messages.put_nowait(message)


def _scope(request: httpx.Request) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},  # that of uvicorn
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "root_path": "",
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 1),
    }
