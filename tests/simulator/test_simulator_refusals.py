"""Who asks too often is refused, in the provider's own way and only then."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from email.utils import parsedate_to_datetime

import pytest

from tests.simulator.asks import (
    ANTHROPIC,
    DEEPSEEK,
    GOOGLE,
    MAIN,
    NATIVE,
    OPENAI,
    YANDEX,
    Api,
    VirtualClock,
    client_of,
    make_app,
    make_client,
    name_of,
)
from tui.simulator import AT_ONCE, SimulatorSettings, create_app

LIMIT = 4
SMALL = SimulatorSettings(
    pace=AT_ONCE, limits=dict.fromkeys(("openai", "anthropic", "google", "deepseek", "yandex"), LIMIT)
)


@pytest.mark.parametrize("api", MAIN, ids=name_of)
async def test_exactly_the_limit_is_accepted_at_once(api: Api) -> None:
    async with make_client(settings=SMALL) as client:
        statuses = [(await api.ask(client)).status_code for _ in range(LIMIT + 2)]
    assert statuses == [200] * LIMIT + [429] * 2


@pytest.mark.parametrize(
    ("api", "wait"), [(OPENAI, 15.0), (ANTHROPIC, 15.0), (DEEPSEEK, 15.0), (YANDEX, 15.0), (GOOGLE, 60.0)]
)
async def test_the_next_one_is_accepted_exactly_when_it_is_due(api: Api, wait: float) -> None:
    clock = VirtualClock()
    async with make_client(clock, SMALL) as client:
        for _ in range(LIMIT):
            await api.ask(client)
        clock.now += wait - 0.001
        early = await api.ask(client)
        clock.now += 0.001
        due = await api.ask(client)
    assert (early.status_code, due.status_code) == (429, 200)


async def test_a_rolling_minute_is_not_a_bucket() -> None:
    clock = VirtualClock()
    async with make_client(clock, SMALL) as client:
        for _ in range(LIMIT):
            await GOOGLE.ask(client)
        clock.now += 59.0
        assert (await GOOGLE.ask(client)).status_code == 429
        clock.now += 1.0
        assert [(await GOOGLE.ask(client)).status_code for _ in range(LIMIT)] == [200] * LIMIT


async def test_openai_states_the_wait_in_headers_and_message() -> None:
    async with make_client(settings=SMALL) as client:
        accepted = [await OPENAI.ask(client) for _ in range(LIMIT)]
        refused = await OPENAI.ask(client)
    assert [answer.headers["x-ratelimit-remaining-requests"] for answer in accepted] == ["3", "2", "1", "0"]
    assert accepted[0].headers["x-ratelimit-limit-requests"] == "4"
    assert accepted[0].headers["x-ratelimit-reset-requests"] == "15s"
    assert accepted[-1].headers["x-ratelimit-reset-requests"] == "1m0s"
    assert refused.headers["retry-after"] == "15"
    assert refused.headers["retry-after-ms"] == "15000"
    error = refused.json()["error"]
    assert (error["type"], error["code"], error["param"]) == ("requests", "rate_limit_exceeded", None)
    assert "Limit 4, Used 4, Requested 1. Please try again in 15s." in error["message"]


async def test_openai_counts_the_prompt_and_what_was_asked_for() -> None:
    settings = SimulatorSettings(pace=AT_ONCE, token_limits={"openai": 1000})
    async with make_client(settings=settings) as client:
        assert (await OPENAI.ask(client, "word " * 10, limit=700)).status_code == 200
        refused = await OPENAI.ask(client, "word " * 10, limit=700)
        too_large = await OPENAI.ask(client, limit=5000)
    error = refused.json()["error"]
    assert error["type"] == "tokens"
    limit, used, requested = map(int, re.findall(r"(?:Limit|Used|Requested) (\d+)", error["message"]))
    wait = re.search(r"try again in ([\d.]+)s", error["message"])
    assert wait
    assert float(wait[1]) == pytest.approx((used + requested - limit) / (limit / 60), abs=0.05)
    assert too_large.json()["error"]["message"].startswith("Request too large")
    assert "retry-after" not in too_large.headers


async def test_anthropic_states_when_all_is_back() -> None:
    clock = VirtualClock()
    async with make_client(clock, SMALL) as client:
        answers = [await ANTHROPIC.ask(client) for _ in range(LIMIT)]
        refused = await ANTHROPIC.ask(client)
    reset = datetime.fromisoformat(answers[-1].headers["anthropic-ratelimit-requests-reset"])
    sent = parsedate_to_datetime(answers[-1].headers["date"])
    assert 60 <= (reset - sent).total_seconds() <= 62
    assert answers[-1].headers["anthropic-ratelimit-requests-remaining"] == "0"
    assert answers[-1].headers["anthropic-ratelimit-input-tokens-limit"] == "500000"
    assert refused.headers["retry-after"] == "15"
    assert refused.headers["x-should-retry"] == "true"
    assert refused.json()["error"]["type"] == "rate_limit_error"
    assert refused.json()["request_id"] == refused.headers["request-id"]


async def test_anthropic_gives_unused_output_tokens_back() -> None:
    settings = SimulatorSettings(pace=AT_ONCE, output_token_limits={"anthropic": 2000})
    async with make_client(settings=settings) as client:
        statuses = [(await ANTHROPIC.ask(client, limit=1500)).status_code for _ in range(3)]
        too_much = await ANTHROPIC.ask(client, limit=2001)
    assert statuses == [200, 200, 200]
    assert "output tokens per minute" in too_much.json()["error"]["message"]


async def test_google_states_the_wait_in_the_body_only() -> None:
    clock = VirtualClock()
    async with make_client(clock, SMALL) as client:
        for _ in range(LIMIT):
            await GOOGLE.ask(client)
        clock.now += 11.5
        refused = await GOOGLE.ask(client)
    assert not [name for name in refused.headers if "ratelimit" in name or name == "retry-after"]
    error = refused.json()["error"]
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
    details = {detail["@type"].rpartition(".")[2]: detail for detail in error["details"]}
    assert details["RetryInfo"]["retryDelay"] == "48s"
    violation = details["QuotaFailure"]["violations"][0]
    assert violation["quotaValue"] == "4"
    assert "PerMinute" in violation["quotaId"]
    assert "Please retry in 48.500000000s." in error["message"]


@pytest.mark.parametrize("api", [DEEPSEEK, YANDEX, NATIVE], ids=name_of)
async def test_deepseek_and_yandex_give_no_hint(api: Api) -> None:
    async with make_client(settings=SMALL) as client:
        for _ in range(LIMIT):
            await api.ask(client)
        refused = await api.ask(client)
    assert refused.status_code == 429
    assert not [name for name in refused.headers if "ratelimit" in name or "retry" in name]


async def test_yandex_counts_both_its_apis_together() -> None:
    async with make_client(settings=SMALL) as client:
        for api in (YANDEX, NATIVE, YANDEX, NATIVE):
            assert (await api.ask(client)).status_code == 200
        refused = await YANDEX.ask(client)
    error = refused.json()["error"]
    assert (error["grpcCode"], error["httpCode"], error["httpStatus"]) == (8, 429, "Too Many Requests")
    assert "rate quota limit exceed: allowed 4 requests" in error["message"]


@pytest.mark.parametrize(
    ("api", "words"),
    [(DEEPSEEK, "more than 2 concurrent"), (YANDEX, "gauge quota limit exceed: allowed 2 requests")],
)
async def test_no_more_answers_at_once_than_allowed(api: Api, words: str) -> None:
    gate, started = asyncio.Event(), asyncio.Event()
    settings = SimulatorSettings(concurrency={"deepseek": 2, "yandex": 2})

    async def sleep(seconds: float) -> None:
        if app.state.simulation.accounts[api.provider].slots.held == 2:
            started.set()
        await gate.wait()

    app = create_app(settings, VirtualClock(), sleep)
    async with client_of(app) as client:
        running = [asyncio.create_task(api.ask(client, stream=True)) for _ in range(2)]
        await started.wait()
        refused = await api.ask(client)
        gate.set()
        assert [answer.status_code for answer in await asyncio.gather(*running)] == [200, 200]
        after = await api.ask(client)
    assert refused.status_code == 429
    assert words in refused.json()["error"]["message"]
    assert after.status_code == 200


async def test_a_wrong_request_counts_and_a_wrong_key_does_not() -> None:
    async with make_client(settings=SMALL) as client:
        for _ in range(LIMIT):
            assert (await OPENAI.ask(client, headers={"authorization": "Bearer invalid"})).status_code == 401
        for _ in range(LIMIT):
            assert (await OPENAI.ask(client, max_tokens=5)).status_code == 400
        assert (await OPENAI.ask(client)).status_code == 429


async def test_the_stats_tell_what_happened() -> None:
    clock = VirtualClock(500.0)
    app = make_app(clock, SMALL)
    async with client_of(app) as client:
        for _ in range(LIMIT + 1):
            await OPENAI.ask(client)
        stats = (await client.get("/stats")).json()
        await client.post("/reset")
        again = await OPENAI.ask(client)
        after = (await client.get("/stats")).json()["openai"]
    openai = stats["openai"]
    assert (openai["requests"], openai["accepted"], openai["too_many"], openai["refused_by_limit"]) == (
        5,
        4,
        1,
        1,
    )
    assert openai["statuses"] == {"200": 4, "429": 1}
    assert openai["accepted_at"] == [500.0] * LIMIT
    assert openai["refused_at"] == [500.0]
    assert openai["in_flight"] == 0
    assert openai["output_tokens"] > 0
    assert stats["google"]["requests"] == 0
    assert again.status_code == 200
    assert (after["requests"], after["accepted"], after["too_many"]) == (1, 1, 0)
