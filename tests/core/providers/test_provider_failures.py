"""Refusals: every vendor's way of saying no, sorted into a kind, with a sentence a person can act on."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.providers.bench import JSON, KEY, bench, preset
from tests.core.providers.refusals import ROWS, Row, openai
from tui.core.providers.base import Credentials
from tui.core.providers.errors import ProviderError
from tui.core.providers.failure import classify, read_failure
from tui.core.providers.sentences import SHORTEST_SECRET, clean


async def error_of(row: Row) -> ProviderError:
    body = row.body if isinstance(row.body, bytes) else json.dumps(row.body).encode()
    # DeepSeek declares its errors as octets, proxies as anything: the declared type must not matter.
    headers = {"content-type": "application/octet-stream"} | dict(row.headers)
    work = bench(preset(row.provider, model="asked-for"), body, row.status, headers=headers)
    with pytest.raises(ProviderError) as caught:
        await work.stream()
    assert work.body.closed
    with pytest.raises(ProviderError) as again:
        await bench(work.provider, body, row.status, headers=headers).complete()
    assert again.value.message == caught.value.message
    return caught.value


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
async def test_refusals(row: Row) -> None:
    error = await error_of(row)
    assert (error.kind, error.retryable, error.status) == (row.kind, row.retryable, row.status)
    assert error.retry_after_s == row.wait_s
    for words in row.says:
        assert words in error.message
    assert preset(row.provider).title in error.message
    assert "\n" not in error.message
    assert error.provider == row.provider


async def test_rate_headers_and_request_id_come_with_the_error() -> None:
    headers = {"X-RateLimit-Remaining-Requests": "0", "X-Request-Id": "req_1", "Retry-After": "3", "Via": "x"}
    error = await error_of(Row("openai", 429, openai(), "rate_limit", True, headers=headers))
    assert error.rate == {"x-ratelimit-remaining-requests": "0"}
    assert error.request_id == "req_1"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
async def test_a_key_that_the_vendor_repeats_is_in_no_message(status: int) -> None:
    error = await error_of(
        Row("openai", status, openai(f"what is {KEY} or sk-proj-abc123def"), "auth", False)
    )
    shown = f"{error} {error!r} {error.message} {error.detail}"
    assert KEY not in shown
    assert "sk-proj" not in shown


def test_a_vendors_words_cannot_paint_on_the_terminal() -> None:
    said = clean("bad\x1b[31m red\x1b]0;title\x07\r\n\tthing " + "x" * 1000)
    assert said.startswith("bad red ]0;title thing x")
    assert len(said) == 300
    assert said.isprintable()


@given(st.lists(st.text("ab-9", min_size=1, max_size=12), max_size=3), st.text("ab-9 \x1b\n", max_size=60))
def test_no_secret_stays_and_a_short_one_eats_no_word(secrets: list[str], said: str) -> None:
    shown = clean(said, *secrets)
    long = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
    assert not any(secret in shown for secret in long)
    assert shown == clean(said, *long)
    if not any(secret in clean(said) for secret in long):
        assert shown == clean(said)


def test_a_secret_that_begins_with_another_is_taken_out_whole() -> None:
    assert clean("it was abcdefgh12345678!", "abcdefgh", "abcdefgh12345678") == "it was …!"


async def test_an_expired_token_is_called_by_its_name() -> None:
    work = bench("yandex", b"{}", 401, headers=JSON)
    work.credentials = Credentials("t1.x", "b1g", source="YC_IAM_TOKEN", auth="bearer")
    with pytest.raises(ProviderError, match="token in YC_IAM_TOKEN, which may have expired"):
        await work.answer()


async def test_a_missing_key_is_said_before_anything_is_sent() -> None:
    work = bench("openai", b"")
    work.credentials = None
    with pytest.raises(ProviderError, match="OPENAI_API_KEY") as caught:
        await work.answer()
    assert caught.value.kind == "auth"
    assert not work.sent


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "ключ", "“quoted”"])
async def test_a_key_that_cannot_be_one_is_not_sent(key: str) -> None:
    work = bench("openai", b"")
    work.credentials = Credentials(key, source="OPENAI_API_KEY")
    with pytest.raises(ProviderError, match="set OPENAI_API_KEY again") as caught:
        await work.answer()
    assert caught.value.kind == "auth"
    assert key not in caught.value.message
    assert not work.sent


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["error", "message", "details", "code", "type", "status", "detail", "violations", "loc"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(st.integers(300, 599), JSON_VALUES | st.binary(max_size=40))
def test_no_body_of_whatever_shape_breaks_the_reading(status: int, body: object) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind, passing = classify(read_failure(status, raw))
    assert passing <= (kind in ("rate_limit", "overloaded", "server", "network"))
