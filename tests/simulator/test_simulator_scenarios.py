"""What is made to go wrong goes wrong as it does at the provider."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulator.asks import (
    ALL,
    ANTHROPIC,
    DEEPSEEK,
    GOOGLE,
    MAIN,
    NATIVE,
    OPENAI,
    RESPONSES,
    YANDEX,
    Api,
    VirtualClock,
    client_of,
    events,
    make_app,
    make_client,
    name_of,
    streamed_text,
)
from tui.simulator.scenarios import SCENARIOS, parse

TERMINAL = {
    "openai": b'"finish_reason":"stop"',
    "responses": b"response.completed",
    "anthropic": b"message_stop",
    "google": b"finishReason",
    "deepseek": b'"finish_reason":"stop"',
    "yandex": b"finish_reason",
    "yandex-native": b"STATUS_FINAL",
}


def simulate(name: str) -> dict[str, str]:
    return {"x-simulate": name}


@pytest.mark.parametrize(
    ("scenario", "statuses"),
    [
        ("rate_limit", [429, 429, 429, 429, 429]),
        ("per_day", [429, 429, 429, 429, 429]),
        ("billing", [429, 402, 402, 402, 402]),
        ("overloaded", [503, 529, 503, 503, 503]),
        ("server_error", [500, 500, 500, 500, 500]),
    ],
)
async def test_a_refusal_has_each_providers_status(scenario: str, statuses: list[int]) -> None:
    async with make_client() as client:
        answers = [await api.ask(client, stream=True, headers=simulate(scenario)) for api in MAIN]
    assert [answer.status_code for answer in answers] == statuses
    assert all(answer.json()["error"]["message"] for answer in answers)


@pytest.mark.parametrize("api", ALL, ids=name_of)
async def test_a_scenario_may_be_named_in_the_query_as_well(api: Api) -> None:
    async with make_client() as client:
        for stream in (False, True):
            path = api.stream_path if stream else api.path
            url = f"{path}{'&' if '?' in path else '?'}simulate=server_error"
            body = api.build("Hello.", stream, 50)
            assert (await client.post(url, json=body, headers=api.headers)).status_code == 500


async def test_what_lies_in_between_answers_with_a_web_page() -> None:
    async with make_client() as client:
        answers = [await api.ask(client, headers=simulate("bad_gateway")) for api in MAIN]
    assert {answer.status_code for answer in answers} == {502}
    assert all(answer.text.startswith("<html>") for answer in answers)


async def test_the_log_of_arrivals_and_of_the_waits_that_were_told() -> None:
    clock = VirtualClock()
    async with make_client(clock) as client:
        await OPENAI.ask(client)
        clock.now = 1005.0
        await OPENAI.ask(client, headers=simulate("rate_limit=7"))
        seen = (await client.get("/stats")).json()["openai"]
    assert (seen["arrived_at"], seen["told"]) == ([1000.0, 1005.0], [[1005.0, 7.0]])


async def test_the_words_that_tell_one_429_from_another() -> None:
    async with make_client() as client:
        billing = (await OPENAI.ask(client, headers=simulate("billing"))).json()["error"]
        day = await OPENAI.ask(client, headers=simulate("per_day"))
        soon = await OPENAI.ask(client, headers=simulate("rate_limit=1.5"))
        google_day = (await GOOGLE.ask(client, headers=simulate("per_day"))).json()["error"]
        google_soon = (await GOOGLE.ask(client, headers=simulate("rate_limit"))).json()["error"]
        anthropic = (await ANTHROPIC.ask(client, headers=simulate("billing"))).json()["error"]
    assert billing["type"] == billing["code"] == "insufficient_quota"
    assert "per day (RPD)" in day.json()["error"]["message"]
    assert int(day.headers["retry-after"]) > 3600
    assert soon.headers["retry-after-ms"] == "1500"
    assert "PerDay" in google_day["details"][0]["violations"][0]["quotaId"]
    assert "PerMinute" in google_soon["details"][0]["violations"][0]["quotaId"]
    assert anthropic["type"] == "billing_error"


@pytest.mark.parametrize("api", ALL, ids=name_of)
async def test_an_early_end_has_no_terminal_marker(api: Api) -> None:
    async with make_client() as client:
        full = await api.ask(client, stream=True)
        early = await api.ask(client, stream=True, headers=simulate("early_end"))
    assert TERMINAL[api.name] in full.content
    assert TERMINAL[api.name] not in early.content
    text = streamed_text(api, early)
    assert len(text) > 50
    assert streamed_text(api, full).startswith(text)


@pytest.mark.parametrize("api", ALL, ids=name_of)
async def test_a_cut_falls_into_the_middle_of_a_character(api: Api) -> None:
    async with make_client() as client:
        answer = await api.ask(client, stream=True, headers=simulate("cut"))
    assert TERMINAL[api.name] not in answer.content
    with pytest.raises(UnicodeDecodeError) as broken:
        answer.content.decode()
    assert broken.value.reason == "unexpected end of data"


@pytest.mark.parametrize("api", [api for api in ALL if api is not NATIVE], ids=name_of)
async def test_one_chunk_is_malformed_and_the_rest_is_not(api: Api) -> None:
    async with make_client() as client:
        answer = await api.ask(client, stream=True, headers=simulate("malformed_chunk"))
    lines = [line[6:] for line in answer.text.replace("\r\n", "\n").split("\n") if line.startswith("data: {")]
    assert sum(not _is_json(line) for line in lines) == 1
    assert TERMINAL[api.name] in answer.content


@pytest.mark.parametrize(
    ("api", "status"),
    [
        (OPENAI, "server_error"),
        (RESPONSES, "error"),
        (ANTHROPIC, "overloaded_error"),
        (GOOGLE, "UNAVAILABLE"),
        (DEEPSEEK, "service_unavailable_error"),
        (YANDEX, "Service Unavailable"),
        (NATIVE, "Service Unavailable"),
    ],
    ids=[api.name for api in (OPENAI, RESPONSES, ANTHROPIC, GOOGLE, DEEPSEEK, YANDEX, NATIVE)],
)
async def test_an_error_after_the_stream_has_begun(api: Api, status: str) -> None:
    async with make_client() as client:
        answer = await api.ask(client, stream=True, headers=simulate("error_in_stream"))
    last = events(answer)[-1]
    assert answer.status_code == 200
    assert status in json.dumps(last)
    assert TERMINAL[api.name] not in answer.content


@pytest.mark.parametrize(
    ("api", "words"),
    [
        (OPENAI, '"content_filter"'),
        (RESPONSES, '"content_filter"'),
        (ANTHROPIC, '"refusal"'),
        (GOOGLE, '"SAFETY"'),
        (DEEPSEEK, '"content_filter"'),
        (YANDEX, '"content_filter"'),
        (NATIVE, '"ALTERNATIVE_STATUS_CONTENT_FILTER"'),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_filtered_answer(api: Api, words: str, stream: bool) -> None:
    async with make_client() as client:
        answer = await api.ask(client, stream=stream, headers=simulate("filtered"))
    assert answer.status_code == 200
    assert words in answer.text


async def test_google_can_refuse_the_prompt_itself() -> None:
    async with make_client() as client:
        body = (await GOOGLE.ask(client, headers=simulate("blocked_prompt"))).json()
    assert "candidates" not in body
    assert body["promptFeedback"]["blockReason"] == "PROHIBITED_CONTENT"


async def test_a_stall_is_silence_in_the_middle() -> None:
    clock = VirtualClock()
    async with make_client(clock) as client:
        answer = await OPENAI.ask(client, stream=True, headers=simulate("stall=30"))
    assert clock.now == pytest.approx(1030)
    assert TERMINAL["openai"] in answer.content


async def test_deepseek_keeps_a_stalled_connection_alive() -> None:
    clock = VirtualClock()
    async with make_client(clock) as client:
        stream = await DEEPSEEK.ask(client, stream=True, headers=simulate("stall=30"))
        whole = await DEEPSEEK.ask(client, headers=simulate("slow_first_token=30"))
    assert stream.text.count(": keep-alive\n\n") >= 6
    assert whole.text.startswith("\n\n\n")
    assert whole.json()["choices"]


async def test_a_slow_first_token_takes_its_time() -> None:
    clock = VirtualClock()
    async with make_client(clock) as client:
        await OPENAI.ask(client, stream=True, headers=simulate("slow_first_token"))
    assert clock.now == pytest.approx(1020)


@pytest.mark.parametrize("api", ALL, ids=name_of)
async def test_odd_characters_arrive_raw(api: Api) -> None:
    async with make_client() as client:
        answer = await api.ask(client, stream=True, headers=simulate("unicode"))
    assert "\u2028".encode() in answer.content
    assert "naïve façade, Привет, 你好, 👩\u200d🚀" in streamed_text(api, answer)


async def test_a_huge_answer_still_obeys_the_limit() -> None:
    async with make_client() as client:
        long = await YANDEX.ask(client, limit=None, headers=simulate("huge"))
        short = await YANDEX.ask(client, limit=50, headers=simulate("huge"))
    assert long.json()["usage"]["completion_tokens"] > 5000
    assert short.json()["choices"][0]["finish_reason"] == "length"


async def test_a_scenario_set_for_the_next_requests_wears_off() -> None:
    async with make_client() as client:
        body = {"provider": "openai", "scenario": "overloaded", "times": 2}
        assert (await client.post("/simulate", json=body)).status_code == 200
        openai = [(await OPENAI.ask(client)).status_code for _ in range(3)]
        google = await GOOGLE.ask(client)
    assert openai == [503, 503, 200]
    assert google.status_code == 200


async def test_a_scenario_for_all_lasts_until_it_is_changed() -> None:
    async with make_client() as client:
        await client.post("/simulate", json={"scenario": "server_error"})
        assert [(await api.ask(client)).status_code for api in MAIN] == [500] * 5
        own = await OPENAI.ask(client, headers=simulate("normal"))
        await client.post("/simulate", json={"provider": "*", "scenario": None})
        assert [(await api.ask(client)).status_code for api in MAIN] == [200] * 5
    assert own.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"scenario": "nonsense"},
        {"provider": "nobody", "scenario": "cut"},
        {"scenario": "cut", "times": 0},
        {"scenario": "stall=x"},
        [],
    ],
)
async def test_a_scenario_that_does_not_exist_is_refused(body: Any) -> None:
    async with make_client() as client:
        answer = await client.post("/simulate", json=body)
        asked = await OPENAI.ask(client, headers=simulate("nonsense"))
        queried = await client.get("/openai/v1/models?simulate=billing", headers=OPENAI.headers)
    assert answer.status_code == asked.status_code == 422
    assert queried.status_code == 429


async def test_what_breaks_off_frees_its_slot() -> None:
    app = make_app()
    async with client_of(app) as client:
        for scenario in SCENARIOS:
            await DEEPSEEK.ask(client, stream=True, headers=simulate(scenario))
            await DEEPSEEK.ask(client, headers=simulate(scenario))
        stats = (await client.get("/stats")).json()["deepseek"]
    assert stats["in_flight"] == 0
    assert stats["requests"] == 2 * len(SCENARIOS)


def test_a_scenario_may_have_a_time_of_its_own() -> None:
    assert parse("stall=2.5").seconds == 2.5
    assert parse("stall").seconds is None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
