"""The transport: whom a key is sent to, through what, and what is said when nobody answers."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.core.providers.bench import KEY, QUESTION, Chunks, bench, credentials, preset
from tests.core.providers.streams import OPENAI
from tui.core.providers.base import Timeouts
from tui.core.providers.client import Client, new_http_client
from tui.core.providers.errors import ProviderError
from tui.core.providers.transport import check_url

if TYPE_CHECKING:
    from tui.core.providers.base import Provider


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1/x",
        "http://localhost:11434/v1",
        "http://127.0.0.1:8080/v1",
        "http://127.8.0.1/v1",
        "http://[::1]:8080/v1",
        "http://sim.localhost/v1",
    ],
)
def test_addresses_that_may_get_a_key(url: str) -> None:
    assert str(check_url(url, provider="p", allow_http=False)) == url


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://example.com/v1", "plain http to example.com"),
        ("http://localhost.example.com/v1", "plain http"),
        ("http://10.0.0.1/v1", "plain http"),
        ("ftp://example.com", "must begin with https"),
        ("api.openai.com/v1", "must begin with https"),
        ("https://", "must begin with https"),
        ("https://exa mple.com:port/", "no web address"),
        ("", "must begin with https"),
        ("https://me:secret@example.com/v1", "user name or password"),
        ("https://me:secret@exam ple:x/v1", "user name or password"),
    ],
)
def test_addresses_that_may_not(url: str, says: str) -> None:
    with pytest.raises(ProviderError, match=says) as caught:
        check_url(url, provider="p", allow_http=False)
    assert caught.value.kind == "bad_request"
    assert "secret" not in caught.value.message


async def test_plain_http_is_a_decision_of_the_provider() -> None:
    provider = preset("openai", base_url="http://10.0.0.1/v1")
    work = bench(provider, OPENAI.body)
    with pytest.raises(ProviderError, match="allow_http"):
        await work.answer()
    assert not work.sent
    allowed = bench(preset("openai", base_url="http://10.0.0.1/v1", allow_http=True), OPENAI.body)
    await allowed.answer()
    assert allowed.sent


async def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://evil.example/v1"})

    transport = httpx.MockTransport(respond)
    async with httpx.AsyncClient(transport=transport, follow_redirects=True) as http:
        with pytest.raises(ProviderError, match="base_url"):
            await Client(http).complete(preset("openai"), credentials(preset("openai")), QUESTION)
    assert asked == ["api.openai.com"]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), "reach api.openai.com (Connection refused)"),
        (httpx.ConnectTimeout(""), "did not answer the connection in time"),
        (httpx.ReadTimeout(""), "sent nothing for too long"),
        (httpx.ProxyError("407 Proxy Authentication Required"), "HTTPS_PROXY"),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), "disconnected"),
        (httpx.DecodingError("bad gzip"), "damaged"),
        (httpx.LocalProtocolError(f"Illegal header value b'Bearer {KEY}'"), "Illegal header value"),
    ],
)
async def test_network_failures_say_what_to_check(error: httpx.RequestError, says: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    async with httpx.AsyncClient(transport=httpx.MockTransport(fail)) as http:
        with pytest.raises(ProviderError) as caught:
            await Client(http).complete(preset("openai"), credentials(preset("openai")), QUESTION)
    assert (caught.value.kind, caught.value.retryable) == ("network", True)
    assert says in caught.value.message
    assert "api.openai.com" in caught.value.message
    assert KEY not in caught.value.message


async def test_a_header_that_cannot_be_sent_is_said() -> None:
    work = bench(preset("openai", headers={"X-Title": "Ключ"}), OPENAI.body)
    with pytest.raises(ProviderError, match="not plain ASCII") as caught:
        await work.answer()
    assert caught.value.kind == "bad_request"


async def test_a_server_that_never_answers_ends_at_the_deadline() -> None:
    async def hang(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with httpx.AsyncClient(transport=httpx.MockTransport(hang)) as http:
        client = Client(http, timeouts=Timeouts(total_s=0.02))
        with pytest.raises(ProviderError, match="did not finish in time") as caught:
            await client.complete(preset("openai"), credentials(preset("openai")), QUESTION)
    assert caught.value.kind == "network"


async def test_a_body_that_never_comes_ends_at_the_deadline() -> None:
    for status in (200, 500):
        body = Chunks([b"{"], silent=True)
        work = bench("openai", body, status, timeouts=Timeouts(total_s=0.02))
        with pytest.raises(ProviderError) as caught:
            await work.complete()
        assert caught.value.kind == "network"
        assert body.closed


def timeouts_of(request: httpx.Request) -> dict[str, float]:
    found = request.extensions["timeout"]
    assert isinstance(found, dict)
    return found


async def test_the_silence_of_a_whole_answer_is_not_a_stall() -> None:
    """Without streaming the first byte comes when the model is done, so that only the total applies."""
    limits = Timeouts(connect_s=1, read_s=2, total_s=3)
    streamed = bench("openai", OPENAI.body, timeouts=limits)
    await streamed.answer()
    assert (timeouts_of(streamed.sent[0])["connect"], timeouts_of(streamed.sent[0])["read"]) == (1, 2)
    whole = bench("openai", b"{}", timeouts=limits)
    with pytest.raises(ProviderError):
        await whole.complete()
    assert timeouts_of(whole.sent[0])["read"] == 3


async def test_the_client_of_its_own_making() -> None:
    async with new_http_client(Timeouts(connect_s=1.5)) as http:
        assert http.headers["user-agent"] == f"penstock/{version('penstock')}"
        assert http.timeout.connect == 1.5
        assert not http.follow_redirects


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


class Loopback:
    """A real server on this machine that answers every request with the same bytes; notes what it heard."""

    def __init__(self, answer: bytes) -> None:
        self.heard: list[bytes] = []
        self.connections = 0
        self._answer = answer
        self._tasks: list[asyncio.Task[None] | None] = []

    async def __aenter__(self) -> Loopback:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await asyncio.gather(*(task for task in self._tasks if task))

    @property
    def provider(self) -> Provider:
        return preset("openai", base_url=f"http://127.0.0.1:{self.port}/v1")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.append(asyncio.current_task())
        self.connections += 1
        with suppress(asyncio.IncompleteReadError):
            while True:
                self.heard.append(await reader.readuntil(b"\r\n\r\n"))
                length = self.heard[-1].lower().split(b"content-length: ")[1].split(b"\r\n")[0]
                await reader.readexactly(int(length))
                writer.write(self._answer)
                await writer.drain()
        writer.close()
        await writer.wait_closed()


async def test_a_server_on_this_machine_is_never_asked_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    body = HEAD + b"Content-Length: %d\r\n\r\n" % len(OPENAI.body) + OPENAI.body
    async with Loopback(body) as server, new_http_client() as http:
        stream = Client(http).stream(server.provider, credentials(server.provider), QUESTION)
        items = [item async for item in stream]
    assert items[-1].text == OPENAI.text
    assert server.heard[0].startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")


@pytest.mark.parametrize("proxy", ["foo://me:hunter2@example", "socks5://127.0.0.1:9"])
async def test_a_proxy_that_cannot_be_used_is_said_and_never_gone_around(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", proxy)
    provider = preset("openai", base_url="https://nowhere.invalid")
    async with new_http_client() as http:
        with pytest.raises(ProviderError, match="proxy") as caught:
            await anext(Client(http).stream(provider, credentials(provider), QUESTION))
    assert caught.value.kind == "network"
    assert "hunter2" not in str(caught.value)
    assert "Name or service" not in str(caught.value), "the name was not even looked up here"


async def test_a_stream_read_to_its_end_leaves_the_connection_for_the_next() -> None:
    chunk = b"%x\r\n%s\r\n" % (len(OPENAI.body), OPENAI.body)
    body = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk + b"0\r\n\r\n"
    async with Loopback(body) as server, new_http_client() as http:
        for _ in range(3):
            stream = Client(http).stream(server.provider, credentials(server.provider), QUESTION)
            assert [item async for item in stream][-1].text == OPENAI.text
    assert (server.connections, len(server.heard)) == (1, 3)


async def test_a_closed_port_is_a_network_failure_that_names_the_host() -> None:
    async with Loopback(b"") as server:
        provider = server.provider
    async with new_http_client() as http:
        with pytest.raises(ProviderError, match=r"127\.0\.0\.1:\d+ \(Connection refused\)") as caught:
            await Client(http).complete(provider, credentials(provider), QUESTION)
    assert caught.value.kind == "network"
