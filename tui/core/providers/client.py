"""Asking a model: the one place where a call meets the network."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, TypeAlias

import httpx

from tui.core.providers import wire
from tui.core.providers.base import DEFAULT_TIMEOUTS, Answer, Delta, Request
from tui.core.providers.call import Call
from tui.core.providers.errors import ProviderError
from tui.core.providers.fallback import Concessions
from tui.core.providers.frames import frames
from tui.core.providers.known import as_for
from tui.core.providers.models import Page, list_path, read_page
from tui.core.providers.payload import parse
from tui.core.providers.sentences import about_missing
from tui.core.providers.transport import check_url, explain_transport, new_http_client, unsendable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping

    from tui.core.providers.base import Credentials, Provider, Timeouts

__all__ = ["Client", "StreamItem", "new_http_client"]

StreamItem: TypeAlias = Delta | Answer

_LINGER_S = 2.0
"""How long to wait for token counts and the end of a stream once the answer itself is complete."""


class Client:
    """Sends requests over an `httpx.AsyncClient` that the caller owns.

    `clock` measures the answer's durations (seconds, any origin); `wall` tells the time of day (seconds since
    the epoch) for waits that a vendor states as a date; `timeouts` are for providers without their own. With
    `notice`, a request goes without the parameters that the model is known to refuse, and `notice` is told so
    in a sentence. Each call sends one request; whether to send it again is for the caller to say, who has to
    keep to the limits.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        clock: Callable[[], float] = time.monotonic,
        *,
        wall: Callable[[], float] = time.time,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        notice: Callable[[str], None] | None = None,
    ) -> None:
        self._http = http
        self._clock = clock
        self._wall = wall
        self._timeouts = timeouts
        self._notice = notice
        self._concessions = Concessions()

    def stream(
        self,
        provider: Provider,
        credentials: Credentials | None,
        request: Request,
        *,
        on_rate: Callable[[Mapping[str, str]], None] | None = None,
        on_sent: Callable[[Request], None] | None = None,
    ) -> AsyncGenerator[StreamItem, None]:
        """Give an async generator of the deltas as they arrive and, last, the whole Answer.

        `on_rate` is called with the rate-limit headers as soon as they are there, be it a refusal's: what is
        left of a limit is old when the answer has ended. `on_sent` is called with the request as it goes out,
        without what its model is known to refuse. Neither may raise.
        Raises ProviderError, also when the stream ends before the vendor said that the answer is complete.
        Closing or cancelling the generator closes the connection at once, which makes most vendors stop.
        """
        return self._answered(provider, credentials, request, stream=True, on_rate=on_rate, on_sent=on_sent)

    async def complete(self, provider: Provider, credentials: Credentials | None, request: Request) -> Answer:
        """Ask without streaming; raises ProviderError."""
        async with aclosing(self._answered(provider, credentials, request, stream=False)) as items:
            async for item in items:
                if isinstance(item, Answer):
                    return item
        raise AssertionError("a call ends with its answer or raises")

    def give_way(self, provider: Provider, request: Request, error: ProviderError) -> str:
        """Leave out from now on what the model has refused, if it is a parameter that we can do without.

        Returns a sentence about it, and the same call may succeed then; or "" where that would not help.
        """
        return self._concessions.learn(as_for(provider, request.model), request, error)

    async def models(self, provider: Provider, credentials: Credentials | None) -> tuple[str, ...]:
        """List the models that the account may use, by the names that a request takes.

        Raises ProviderError. The native dialect of Yandex has no such list.
        """
        _check_credentials(provider, credentials)
        names: dict[str, None] = {}
        page = Page(())
        while True:
            look_up = wire.look_up(provider, credentials, list_path(provider, page.after))
            nothing = Request("", ())
            call = Call(provider, credentials, nothing, stream=False, clock=self._clock, wire=look_up)
            page, before = await self._page(call, provider, credentials), page
            names.update(dict.fromkeys(page.names))
            if page.after in ("", before.after):
                return tuple(names)

    async def _page(self, call: Call, provider: Provider, credentials: Credentials | None) -> Page:
        url = check_url(call.wire.url, provider=provider.name, allow_http=provider.allow_http)
        deadline = asyncio.get_running_loop().time() + self._clocks(call).total_s
        with _explained(call, url.netloc.decode("ascii")):
            async with self._response(call, url, deadline) as response, asyncio.timeout_at(deadline):
                body = await response.aread()
        try:
            return read_page(provider, credentials, parse(body))
        except (ValueError, RecursionError) as error:
            raise call.unrecognised() from error

    async def _answered(
        self,
        provider: Provider,
        credentials: Credentials | None,
        request: Request,
        *,
        stream: bool,
        on_rate: Callable[[Mapping[str, str]], None] | None = None,
        on_sent: Callable[[Request], None] | None = None,
    ) -> AsyncGenerator[StreamItem, None]:
        """Ask as the model is known to accept it."""
        _check_credentials(provider, credentials)
        provider, request = self._concessions.apply(as_for(provider, request.model), request, self._notice)
        call = Call(provider, credentials, request, stream=stream, clock=self._clock, on_rate=on_rate)
        if on_sent is not None:
            on_sent(request)
        async with aclosing(self._deltas(call)) as deltas:
            async for delta in deltas:
                yield delta
        yield call.answer()

    async def _deltas(self, call: Call) -> AsyncGenerator[Delta, None]:
        """Give the deltas until the answer is complete; whatever goes wrong is a ProviderError."""
        url = check_url(call.wire.url, provider=call.provider.name, allow_http=call.provider.allow_http)
        deadline = asyncio.get_running_loop().time() + self._clocks(call).total_s
        with _explained(call, url.netloc.decode("ascii")):
            async with self._response(call, url, deadline) as response:
                source = self._streamed if _is_stream(call, response) else self._whole
                async with aclosing(source(call, response, deadline)) as deltas:
                    async for delta in deltas:
                        yield delta

    @asynccontextmanager
    async def _response(self, call: Call, url: httpx.URL, deadline: float) -> AsyncIterator[httpx.Response]:
        """Send the request; the response is closed on the way out, read or not."""
        prepared = self._prepared(call, url)
        async with asyncio.timeout_at(deadline):
            response = await self._http.send(prepared, stream=True, follow_redirects=False)
        try:
            call.started(dict(response.headers))
            if not response.is_success:
                async with asyncio.timeout_at(deadline):
                    body = await response.aread()
                raise call.refused(response.status_code, body, self._wall())
            yield response
        finally:
            await response.aclose()

    def _clocks(self, call: Call) -> Timeouts:
        return call.provider.timeouts or self._timeouts

    def _prepared(self, call: Call, url: httpx.URL) -> httpx.Request:
        """Without streaming nothing arrives before everything does, so that only the total counts."""
        clocks = self._clocks(call)
        silence_s = clocks.read_s if call.streamed else clocks.total_s
        if bad := unsendable(call.wire.headers):
            why = f"The header {bad!a} for {call.provider.title} is not plain ASCII; correct it."
            raise call.broken("bad_request", why)
        return self._http.build_request(
            call.wire.method,
            url,
            content=call.wire.body,
            headers=call.wire.headers,
            timeout=httpx.Timeout(silence_s, connect=clocks.connect_s),
        )

    async def _streamed(
        self, call: Call, response: httpx.Response, deadline: float
    ) -> AsyncGenerator[Delta, None]:
        """Read to the end of the body rather than to the last event, so that the connection can be reused."""
        now, content_s = asyncio.get_running_loop().time, self._clocks(call).content_s
        async with aclosing(frames(response, call.framing)) as source:
            until = min(deadline, now() + content_s)
            while True:
                try:
                    async with asyncio.timeout_at(until):
                        event, data = await anext(source)
                except StopAsyncIteration:
                    break
                deltas = call.take(event, data)
                for delta in deltas:
                    yield delta
                if call.reader.finished:
                    until = min(deadline, now() + _LINGER_S)
                elif deltas:
                    until = min(deadline, now() + content_s)
        if not call.reader.finished:
            raise call.interrupted()

    async def _whole(
        self, call: Call, response: httpx.Response, deadline: float
    ) -> AsyncGenerator[Delta, None]:
        async with asyncio.timeout_at(deadline):
            body = await response.aread()
        if not body.strip():
            raise call.interrupted()
        for delta in call.take("message", body):
            yield delta
        if not call.reader.recognised:
            raise call.unrecognised()


@contextmanager
def _explained(call: Call, host: str) -> Iterator[None]:
    """Put a failure of the network into words; once the answer is complete it is none.

    The error stands alone, without the one that it came from: httpx's hold the request, and thereby the key.
    """
    try:
        try:
            yield
        except httpx.RequestError as error:
            if not call.reader.finished:
                raise call.lost(explain_transport(error, host)) from None
        except TimeoutError:
            if not call.reader.finished:
                raise call.lost(f"{host} did not finish in time; try again or raise the timeout.") from None
    except ProviderError as error:
        error.__cause__ = error.__context__ = None
        raise


def _is_stream(call: Call, response: httpx.Response) -> bool:
    """Some gateways answer a request for a stream with the whole answer as JSON."""
    kind = response.headers.get("content-type", "").lower()
    return call.streamed and (call.framing == "ndjson" or not ("json" in kind or "html" in kind))


def _check_credentials(provider: Provider, credentials: Credentials | None) -> None:
    key = credentials.key if credentials else ""
    if not key and provider.key_required:
        names = (*provider.key_env[:1], *provider.folder_env[:1])
        raise ProviderError("auth", about_missing(provider, names), provider=provider.name)
    if not (key.isascii() and key.isprintable()) or " " in key:
        source = credentials.source if credentials else ""
        message = (
            f"The key for {provider.title} holds a character that no key has; set {source or 'it'} again."
        )
        raise ProviderError("auth", message, provider=provider.name)
