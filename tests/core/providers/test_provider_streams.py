"""Streams of every dialect: read alike however the bytes are cut, complete only when the vendor says so."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.core.providers.bench import EVENTS, JSON, Bench, Chunks, bench, event
from tests.core.providers.servers import GROQ_FAILS, OPENROUTER_FAILS
from tests.core.providers.streams import (
    ANTHROPIC,
    DEEPSEEK,
    GEMINI,
    OPENAI,
    RESPONSES,
    chat_chunk,
    check,
    said,
)
from tui.core.providers import client
from tui.core.providers.base import Answer, TextDelta, Timeouts, Usage
from tui.core.providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def failure_of(work: Bench) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await work.stream()
    return caught.value


async def test_a_connection_lost_after_text_is_an_interruption_and_before_it_a_network_failure() -> None:
    lost = httpx.ReadError("connection reset")
    head = chat_chunk(said({"content": "Ten"}))
    after = await failure_of(bench("openai", Chunks([head], breaks=lost)))
    assert (after.kind, after.partial, after.retryable) == ("interrupted", "Ten", False)
    before = await failure_of(bench("openai", Chunks([b": keep-alive\n\n"], breaks=lost)))
    assert (before.kind, before.partial, before.retryable) == ("network", "", True)
    assert "api.openai.com" in before.message


async def test_a_loss_after_the_answer_was_complete_loses_nothing() -> None:
    body = Chunks([chat_chunk(said({"content": "Ten"}, "stop"))], breaks=httpx.ReadError("reset"))
    assert (await bench("openai", body).answer()).text == "Ten"


async def test_a_server_that_never_hangs_up_does_not_hold_the_answer_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "_LINGER_S", 0.01)
    body = Chunks([OPENAI.body], silent=True)
    work = bench("openai", body)
    check(await work.stream(), OPENAI)
    assert body.closed


async def test_keep_alives_alone_do_not_hold_a_call_open() -> None:
    class Comments(Chunks):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield chat_chunk(said({"content": "Ten"}))
            while True:
                yield b": keep-alive\n\n"
                await asyncio.sleep(0.001)

    error = await failure_of(bench("deepseek", Comments([]), timeouts=Timeouts(content_s=0.03)))
    assert (error.kind, error.partial) == ("interrupted", "Ten")
    assert "in time" in error.message


async def test_a_call_ends_at_its_deadline_even_while_text_arrives() -> None:
    class Endless(Chunks):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                yield chat_chunk(said({"content": "x"}))
                await asyncio.sleep(0.001)

    error = await failure_of(bench("openai", Endless([]), timeouts=Timeouts(total_s=0.03)))
    assert error.kind == "interrupted"
    assert set(error.partial) == {"x"}


async def test_closing_the_stream_closes_the_connection() -> None:
    body = Chunks([chat_chunk(said({"content": "Ten"}))], silent=True)
    work = bench("openai", body)
    async with work.http() as http:
        items = work.open(http)
        assert await anext(items) == TextDelta("Ten")
        assert not body.closed
        await items.aclose()
        assert body.closed


async def test_cancelling_the_reader_closes_the_connection() -> None:
    body = Chunks([chat_chunk(said({"content": "Ten"}))], silent=True)
    work = bench("openai", body)
    arrived = asyncio.Event()

    async def read() -> None:
        async with work.http() as http, aclosing(work.open(http)) as items:
            async for _ in items:
                arrived.set()

    reading = asyncio.create_task(read())
    await arrived.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert body.closed


async def test_times_are_measured_from_the_beginning_of_the_call() -> None:
    """The bench's clock counts its readings: one at the beginning and one for every event."""
    body = chat_chunk(said({"role": "assistant"})) + chat_chunk(said({"content": "a"}))
    answer = await bench("openai", body + chat_chunk(said({"content": "b"}, "stop"))).answer()
    assert (answer.first_token_s, answer.total_s) == (2.0, 3.0)


# What a tolerant reader has to let pass, each seen in one vendor's stream or another.
ODDITIES = {
    "no choices": chat_chunk([]),
    "no delta": chat_chunk([{"index": 0}]),
    "null delta": chat_chunk([{"index": 0, "delta": None, "finish_reason": None}]),
    "null content": chat_chunk(said({"content": None, "reasoning_content": None})),
    "null usage": chat_chunk(said({}), usage=None),
    "another choice": chat_chunk([{"index": 1, "delta": {"content": "no"}}]),
    "null choices": chat_chunk(None),
    "null error": chat_chunk(said({}), error=None),
    "unknown event": event({"anything": 1}, "telemetry"),
    "a comment": b": OPENROUTER PROCESSING\n\n",
    "an event without data": b"event: ping\n\n",
    "an identifier": b"id: 7\nretry: 100\n\n",
    "empty data": b"data:\n\n",
    "a bare value": event("null") + event("[]") + event("3"),
    "wrong types": chat_chunk(said({"content": 3, "refusal": {}}), usage=[1], model=7, id=None),
    "a byte order mark": b"",
}


@pytest.mark.parametrize("oddity", ODDITIES.values(), ids=ODDITIES.keys())
async def test_oddities_pass_without_notice(oddity: bytes) -> None:
    text = chat_chunk(said({"content": "Ten"}))
    end = chat_chunk(said({}, "stop"), usage={"prompt_tokens": 3})
    answer = await bench("openai", b"\xef\xbb\xbf" + oddity + text + oddity + end + oddity).answer()
    assert (answer.text, answer.finish, answer.usage.tokens_in) == ("Ten", "stop", 3)


async def test_data_over_several_lines_is_one_event() -> None:
    """The rule of server-sent events: lines of data join with \\n; the space after the colon is free."""
    body = b'data:{"choices":[{"delta":\ndata:  {"content":"Ten"},\r\ndata:"finish_reason":"stop"}]}\n\n'
    assert (await bench("openai", body).answer()).text == "Ten"


async def test_a_stream_under_another_content_type_is_still_read() -> None:
    work = bench("openai", OPENAI.body, headers={"content-type": "text/plain; charset=latin-1"})
    check(await work.stream(), OPENAI)


async def test_something_that_is_not_json_ends_the_stream_with_the_text_kept() -> None:
    error = await failure_of(bench("openai", chat_chunk(said({"content": "Ten"})) + event("{oops")))
    assert (error.kind, error.partial, error.retryable) == ("server", "Ten", False)


WHOLE = {
    "openai": b'{"model":"m","choices":[{"index":0,"message":{"content":"Ten"},"finish_reason":"stop"}]}',
    "anthropic": b'{"type":"message","model":"m","content":[{"type":"text","text":"Ten"}],'
    b'"stop_reason":"end_turn"}',
    "google": b'[{"candidates":[{"content":{"parts":[{"text":"T"}]}}],"modelVersion":"m"},\r\n'
    b'{"candidates":[{"content":{"parts":[{"text":"en"}]},"finishReason":"STOP"}]}]',
}


@pytest.mark.parametrize("name", WHOLE)
async def test_a_whole_answer_in_place_of_a_stream_is_taken(name: str) -> None:
    """Some gateways ignore `stream`; Gemini without `alt=sse` sends one list of its chunks."""
    items = await bench(name, WHOLE[name], headers=JSON).stream()
    answer = items[-1]
    assert isinstance(answer, Answer)
    assert (answer.text, answer.finish, answer.model) == ("Ten", "stop", "m")
    assert "".join(item.text for item in items[:-1] if isinstance(item, TextDelta)) == "Ten"


# Errors that come after HTTP 200: how each vendor sends them, and what they are.
LATE = {
    "openai, in place of a chunk": (
        "openai",
        event({"error": {"message": "x", "type": "server_error"}}),
        "server",
    ),
    "openrouter, beside choices": (
        "openai",
        OPENROUTER_FAILS,
        "server",
    ),
    "groq, as a named event": (
        "openai",
        GROQ_FAILS,
        "rate_limit",
    ),
    "a named event without json": ("openai", event("upstream gone", "error"), "server"),
    "anthropic": (
        "anthropic",
        event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "error"),
        "overloaded",
    ),
    "gemini": (
        "google",
        event({"error": {"code": 503, "message": "x", "status": "UNAVAILABLE"}}, end="\r\n"),
        "overloaded",
    ),
    "an error that is a string": ("openai", event({"error": "no memory left"}), "server"),
    "insufficient quota": ("openai", event({"error": {"code": "insufficient_quota"}}), "billing"),
}


@pytest.mark.parametrize(("name", "late", "kind"), LATE.values(), ids=LATE.keys())
async def test_an_error_inside_a_stream_is_an_error(name: str, late: bytes, kind: str) -> None:
    alone = await failure_of(bench(name, late))
    assert (alone.kind, alone.partial, alone.retryable) == (kind, "", kind != "billing")
    start = {"anthropic": ANTHROPIC, "google": GEMINI}.get(name, DEEPSEEK)
    head = start.body[: start.body.index(b'"' + start.raw_finish.encode() + b'"')]
    head = head[: head.rindex(b"\n\n" if start is not GEMINI else b"\r\n\r\n")] + b"\n\n"
    later = await failure_of(bench(name, head + late))
    assert later.kind == kind
    assert later.partial
    assert start.text.startswith(later.partial)
    assert not later.retryable


async def test_the_wait_in_the_headers_of_a_success_means_nothing() -> None:
    """Anthropic sends `retry-after` with ordinary answers; it is no wait of an error that comes later."""
    late = event({"type": "error", "error": {"type": "rate_limit_error", "message": "x"}}, "error")
    for headers in ({"retry-after": "77"}, {"retry-after-ms": "77000", "x-should-retry": "false"}):
        error = await failure_of(bench("anthropic", late, headers=EVENTS | headers))
        assert (error.kind, error.retry_after_s, error.retryable) == ("rate_limit", None, True)


async def test_what_an_error_beside_choices_has_counted_is_kept() -> None:
    error = await failure_of(bench("openai", chat_chunk(said({"content": "Te"})) + OPENROUTER_FAILS))
    assert (error.partial, error.usage) == ("Te", Usage(9, 7))
    failed = {"type": "response.failed", "response": {"status": "failed", "usage": {"output_tokens": 3}}}
    error = await failure_of(bench(RESPONSES.provider, event(failed, "response.failed")))
    assert (error.kind, error.usage) == ("server", Usage(None, 3))


# What an error stands for when there is no HTTP status to tell: Anthropic's types, the codes of OpenAI and
# of those who speak like it, Google's canonical names, and bare numbers.
MEANINGS = {
    "bad_request": ("invalid_request_error", "not_found_error", "request_too_large", "model_not_found"),
    "auth": ("authentication_error", "permission_error", "invalid_api_key", "UNAUTHENTICATED", 403),
    "billing": ("billing_error", "insufficient_quota", 402),
    "rate_limit": ("rate_limit_error", "rate_limit_exceeded", "slow_down", "RESOURCE_EXHAUSTED", 429),
    "overloaded": ("overloaded_error", "unavailable_error", "UNAVAILABLE", 503, 529),
    "server": ("api_error", "timeout_error", "server_error", "INTERNAL", "DEADLINE_EXCEEDED", "new", 502),
}


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind in MEANINGS for code in MEANINGS[kind]])
async def test_what_an_error_means_without_a_status(kind: str, code: str | int) -> None:
    field = "type" if str(code).endswith("_error") else "status" if str(code).isupper() else "code"
    error = await failure_of(bench("openai", event({"error": {"message": "x", field: code}})))
    assert error.kind == kind


@pytest.mark.parametrize("framed", [OPENAI.body, ANTHROPIC.body, GEMINI.body])
async def test_bytes_that_are_not_utf_8_do_not_end_a_stream(framed: bytes) -> None:
    name = {OPENAI.body: "openai", ANTHROPIC.body: "anthropic", GEMINI.body: "google"}[framed]
    answer = await bench(name, framed.replace("é".encode(), b"\xe9")).answer()
    assert "caf\ufffd" in answer.text
