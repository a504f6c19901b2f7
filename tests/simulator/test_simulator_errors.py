"""Wrong keys, models and parameters are refused in each provider's own words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.asks import (
    ALL,
    ANTHROPIC,
    DEEPSEEK,
    GOOGLE,
    NATIVE,
    OPENAI,
    RESPONSES,
    YANDEX,
    Api,
    make_client,
    name_of,
)

NO_KEY = {"openai": 401, "anthropic": 401, "google": 403, "deepseek": 401, "yandex": 401}
BAD_KEY = {**NO_KEY, "google": 400}


@pytest.mark.parametrize("api", ALL, ids=name_of)
async def test_a_missing_key_and_a_wrong_one_are_refused(api: Api) -> None:
    wrong = {name: value.replace("key", "invalid-key") for name, value in api.headers.items()}
    async with make_client() as client:
        body = api.build("Hi there, how are you?", False, 100)
        missing = await client.post(api.path, json=body, headers={"anthropic-version": "2023-06-01"})
        refused = await client.post(api.path, json=body, headers=wrong)
    assert (missing.status_code, refused.status_code) == (NO_KEY[api.provider], BAD_KEY[api.provider])
    assert "invalid-key" not in refused.text


async def test_the_wrong_keys_bodies() -> None:
    async with make_client() as client:
        openai = await OPENAI.ask(client, headers={"authorization": "Bearer invalid"})
        anthropic = await ANTHROPIC.ask(client, headers={"x-api-key": "invalid"})
        google = await GOOGLE.ask(client, headers={"x-goog-api-key": "invalid"})
        newer = await GOOGLE.ask(client, headers={"x-goog-api-key": "AQ.invalid"})
        yandex = await YANDEX.ask(client, headers={"authorization": "Api-Key invalid"})
    assert openai.json()["error"]["code"] == "invalid_api_key"
    assert anthropic.json()["type"] == "error"
    assert anthropic.json()["error"] == {"type": "authentication_error", "message": "invalid x-api-key"}
    assert google.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    assert (newer.status_code, newer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert yandex.json()["error"]["grpcCode"] == 16


async def test_every_way_to_send_a_key_works() -> None:
    async with make_client() as client:
        bearer = {"authorization": "Bearer key", "x-api-key": ""}
        assert (await ANTHROPIC.ask(client, headers=bearer)).status_code == 200
        assert (await YANDEX.ask(client, headers={"authorization": "Bearer token"})).status_code == 200
        body = GOOGLE.build("Describe a harbour.", False, None)
        assert (await client.post(f"{GOOGLE.path}?key=key", json=body)).status_code == 200
        twice = await client.post(f"{GOOGLE.path}?key=AQ.k", json=body, headers={"x-goog-api-key": "AQ.k"})
        assert twice.status_code == 401


@pytest.mark.parametrize(
    ("api", "status", "fields"),
    [
        (OPENAI, 404, {"model": "unknown-model"}),
        (RESPONSES, 400, {"model": "unknown-model"}),
        (ANTHROPIC, 404, {"model": "unknown-model"}),
        (DEEPSEEK, 400, {"model": "unknown-model"}),
        (YANDEX, 404, {"model": "gpt://folder/unknown/latest"}),
        (NATIVE, 404, {"modelUri": "gpt://folder/unknown/latest"}),
    ],
)
async def test_an_unknown_model(api: Api, status: int, fields: dict[str, Any]) -> None:
    async with make_client() as client:
        answer = await api.ask(client, **fields)
    assert answer.status_code == status
    if api.provider == "openai":
        assert answer.json()["error"]["code"] == "model_not_found"


async def test_an_unknown_model_and_path_at_google() -> None:
    async with make_client() as client:
        body = GOOGLE.build("Hello, how is the weather?", False, None)
        path = "/google/v1beta/models/unknown:generateContent"
        model = await client.post(path, json=body, headers=GOOGLE.headers)
        route = await client.post("/google/v1beta/nothing", json=body, headers=GOOGLE.headers)
    assert (model.status_code, model.json()["error"]["status"]) == (404, "NOT_FOUND")
    assert "models/unknown is not found" in model.json()["error"]["message"]
    assert route.status_code == 404


@pytest.mark.parametrize("api", ALL, ids=name_of)
@pytest.mark.parametrize(
    "content",
    [b"{not json", b"[]", b"", b"\xff\xfe", pytest.param(b"[" * 100_000, id="nested too deeply")],
)
async def test_what_is_not_a_json_object(api: Api, content: bytes) -> None:
    async with make_client() as client:
        answer = await client.post(api.path, content=content, headers=api.headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("api", "fields", "status", "words"),
    [
        (OPENAI, {"max_tokens": 5}, 400, "Use 'max_completion_tokens' instead"),
        (OPENAI, {"temperature": 0.5}, 400, "Only the default (1) value is supported"),
        (OPENAI, {"temperature": 3}, 400, "Expected a value <= 2"),
        (OPENAI, {"stop": ["x"]}, 400, "'stop' is not supported with this model"),
        (OPENAI, {"stream_options": {"include_usage": True}}, 400, "only allowed when 'stream' is enabled"),
        (OPENAI, {"nonsense": 1}, 400, "Unrecognized request argument supplied: nonsense"),
        (OPENAI, {"messages": []}, 400, "Missing required parameter: 'messages'"),
        (RESPONSES, {"nonsense": 1}, 400, "Unknown parameter: 'nonsense'"),
        (ANTHROPIC, {"max_tokens": None}, 400, "max_tokens: Field required"),
        (ANTHROPIC, {"temperature": 0.5}, 400, "`temperature` is deprecated for this model."),
        (ANTHROPIC, {"nonsense": 1}, 400, "nonsense: Extra inputs are not permitted"),
        (ANTHROPIC, {"messages": [{"role": "system", "content": "x"}]}, 400, 'Unexpected role "system"'),
        (ANTHROPIC, {"messages": [{"role": "assistant", "content": "x"}]}, 400, "prefill"),
        (ANTHROPIC, {"messages": [{"role": "user", "content": " "}]}, 400, "non-empty content"),
        (GOOGLE, {"nonsense": 1}, 400, 'Unknown name "nonsense"'),
        (GOOGLE, {"generationConfig": {"temperature": 9}}, 400, "must be in the range [0.0, 2.0]"),
        (
            GOOGLE,
            {"contents": [{"role": "system", "parts": [{"text": "x"}]}]},
            400,
            "valid role: user, model",
        ),
        (DEEPSEEK, {"messages": []}, 422, "missing field `messages`"),
        (YANDEX, {"model": "yandexgpt"}, 400, "Failed to parse model URI"),
        (YANDEX, {"temperature": 1.5}, 400, "range [0, 1]"),
        (NATIVE, {"messages": []}, 400, "must not be empty"),
    ],
)
async def test_a_parameter_that_is_refused(api: Api, fields: dict[str, Any], status: int, words: str) -> None:
    async with make_client() as client:
        answer = await api.ask(client, **fields)
    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]


async def test_older_models_take_what_newer_ones_refuse() -> None:
    async with make_client() as client:
        chat = await OPENAI.ask(client, model="gpt-4.1", temperature=0.5, max_tokens=50, stop=["\n"])
        plain = await OPENAI.ask(client, reasoning_effort="none", temperature=0.5)
        older = await ANTHROPIC.ask(client, model="claude-sonnet-4-5", temperature=0.5)
        dated = await ANTHROPIC.ask(client, model="claude-3-5-sonnet-20241022", temperature=0.5)
        version = {"anthropic-version": "2026-10-21"}
        newer = await ANTHROPIC.ask(client, model="claude-sonnet-4-5", temperature=0.5, headers=version)
    assert [answer.status_code for answer in (chat, plain, older, dated, newer)] == [200, 200, 200, 200, 400]


async def test_deepseek_takes_what_it_does_not_know_and_mislabels_its_400() -> None:
    async with make_client() as client:
        lenient = await DEEPSEEK.ask(client, temperature=0.5, nonsense=True)
        wrong = await client.post(DEEPSEEK.path, content=b"{", headers=DEEPSEEK.headers)
    assert lenient.status_code == 200
    assert wrong.headers["content-type"] == "application/octet-stream"


async def test_anthropic_needs_its_version_header() -> None:
    async with make_client() as client:
        body = ANTHROPIC.build("Hello, how are you?", False, 50)
        answer = await client.post(ANTHROPIC.path, json=body, headers={"x-api-key": "key"})
    assert answer.json()["error"]["message"] == "anthropic-version: header is required"


@pytest.mark.parametrize("prefix", ["openai", "anthropic", "google", "deepseek", "yandex"])
async def test_an_unknown_path_gets_the_providers_own_404(prefix: str) -> None:
    async with make_client() as client:
        answer = await client.post(f"/{prefix}/v1/nothing", json={})
    assert answer.status_code == 404
    assert answer.json()["error"]["message"]
