"""Requests of every dialect: what is sent, where the key goes, and what is never sent unasked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.core.providers.bench import EVENTS, KEY, Bench, bench, preset
from tests.core.providers.streams import PRESETS, name_of
from tui.core.providers.base import Credentials, JsonObject, Message, Provider, Request
from tui.core.providers.dialects import dialect_of
from tui.core.providers.errors import ProviderError

if TYPE_CHECKING:
    from tui.core.providers.wire import WireRequest

TURNS = (Message("user", "Hello"), Message("assistant", "Yes?"), Message("user", "Count"))
STREAMS = {name_of(recorded): recorded.body for recorded in PRESETS}


def written(name: str, *, stream: bool = True, system: str = "", model: str = "m", **parameters: Any) -> Any:
    return json.loads(wire(name, stream=stream, system=system, model=model, **parameters).body)


def wire(
    name: str, *, stream: bool = True, system: str = "", model: str = "m", **parameters: Any
) -> WireRequest:
    return write(preset(name), Request(model, TURNS, system, parameters), stream=stream)


def write(provider: Provider, request: Request, *, stream: bool = True) -> WireRequest:
    credentials = Credentials(KEY, folder="b1g" if provider.folder_env else "")
    return dialect_of(provider).build(provider, credentials, request, stream=stream)


def test_openai_chat() -> None:
    """OpenAI Chat Completions: `max_tokens` is refused by reasoning models, counts have to be asked for."""
    assert written("openai", system="Be brief.", max_tokens=800, stop="###", reasoning_effort="low") == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Yes?"},
            {"role": "user", "content": "Count"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 800,
        "stop": ["###"],
        "reasoning_effort": "low",
    }


def test_openai_without_a_stream_asks_for_no_stream_options() -> None:
    assert written("openai", stream=False).keys() == {"model", "messages"}


@pytest.mark.parametrize("name", ["deepseek", "yandex"])
def test_turns_of_the_others_that_speak_chat(name: str) -> None:
    assert written(name, system="Be brief.")["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "Count"},
    ]


def test_deepseek_switches_reasoning_off_in_its_own_way() -> None:
    body = written("deepseek", max_tokens=5, reasoning_effort="none")
    assert body["max_tokens"] == 5
    assert body["thinking"] == {"type": "disabled"}
    assert "reasoning_effort" not in body
    assert "stream_options" not in body


def test_anthropic_messages() -> None:
    """Anthropic Messages: `max_tokens` is required, the system text is no message."""
    assert written("anthropic", system="Be brief.", stop=["#"], reasoning_effort="high", top_k=3) == {
        "model": "m",
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Yes?"},
            {"role": "user", "content": "Count"},
        ],
        "stream": True,
        "max_tokens": preset("anthropic").max_tokens,
        "stop_sequences": ["#"],
        "output_config": {"effort": "high"},
        "top_k": 3,
    }
    assert written("anthropic", max_tokens=7, reasoning_effort="none") | {"messages": 0} == {
        "model": "m",
        "messages": 0,
        "stream": True,
        "max_tokens": 7,
        "thinking": {"type": "disabled"},
    }


def test_gemini_generate_content() -> None:
    """Gemini generateContent: camel case, the role `model`, and no `stream` in the body."""
    sent = wire(
        "google", system="Be brief.", max_tokens=8, temperature=0, stop="#", reasoning_effort="low", top_p=1
    )
    assert json.loads(sent.body) == {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Hello"}]},
            {"role": "model", "parts": [{"text": "Yes?"}]},
            {"role": "user", "parts": [{"text": "Count"}]},
        ],
        "generationConfig": {
            "maxOutputTokens": 8,
            "temperature": 0,
            "topP": 1,
            "stopSequences": ["#"],
            "thinkingConfig": {"thinkingLevel": "LOW"},
        },
    }
    host = "https://generativelanguage.googleapis.com/v1beta"
    assert sent.url == f"{host}/models/m:streamGenerateContent?alt=sse"
    assert wire("google", stream=False, model="models/m").url == f"{host}/models/m:generateContent"
    off = written("google", reasoning_effort="none")["generationConfig"]
    assert off == {"thinkingConfig": {"thinkingLevel": "MINIMAL"}}


@pytest.mark.parametrize(
    ("model", "uri"),
    [
        ("yandexgpt", "gpt://b1g/yandexgpt/latest"),
        ("yandexgpt/rc", "gpt://b1g/yandexgpt/rc"),
        ("gpt://other/aliceai-llm/latest", "gpt://other/aliceai-llm/latest"),
        ("", f"gpt://b1g/{preset('yandex').model}/latest"),
    ],
)
def test_yandex_models_are_uris_in_a_folder(model: str, uri: str) -> None:
    sent = wire("yandex", model=model)
    assert json.loads(sent.body)["model"] == uri
    assert sent.headers["OpenAI-Project"] == "b1g"


@pytest.mark.parametrize("name", STREAMS)
def test_what_is_not_set_is_not_sent(name: str) -> None:
    sampling = {"temperature", "top_p", "topP", "stop", "generationConfig", "reasoning_effort", "thinking"}
    assert not sampling & written(name, temperature=None).keys()


@pytest.mark.parametrize("name", STREAMS)
def test_unknown_parameters_go_into_the_body_as_they_are(name: str) -> None:
    body = written(name, metadata={"user_id": "u"}, service_tier="flex")
    assert (body["metadata"], body["service_tier"]) == ({"user_id": "u"}, "flex")


def test_nested_parameters_join_what_is_there() -> None:
    config = written("google", max_tokens=8, generationConfig={"responseMimeType": "text/plain"})
    assert config["generationConfig"] == {"maxOutputTokens": 8, "responseMimeType": "text/plain"}


def test_a_parameter_may_replace_a_table_and_be_replaced_by_one() -> None:
    provider = preset("openai", extra_body={"reasoning": {"effort": "low"}, "verbosity": 1})
    parameters: JsonObject = {"reasoning": "off", "verbosity": {"level": 2}}
    body = json.loads(write(provider, Request("m", TURNS, "", parameters)).body)
    assert (body["reasoning"], body["verbosity"]) == ("off", {"level": 2})


def test_the_providers_own_body_fields_yield_to_the_requests() -> None:
    provider = preset("openai", extra_body={"seed": 1, "user": "me"})
    body = json.loads(write(provider, Request("m", TURNS, "", {"seed": 2})).body)
    assert (body["seed"], body["user"]) == (2, "me")


@pytest.mark.parametrize("parameter", ["stream", "messages", "contents", "input"])
def test_parameters_that_are_not_the_users_to_set(parameter: str) -> None:
    with pytest.raises(ProviderError, match=f'"{parameter}"') as caught:
        write(preset("openai"), Request("m", TURNS, "", {parameter: False}))
    assert caught.value.kind == "bad_request"


@pytest.mark.parametrize("value", [float("nan"), date(2026, 1, 1), "\ud800"])
def test_values_that_json_cannot_express_are_refused_before_sending(value: object) -> None:
    with pytest.raises(ProviderError, match="JSON cannot express") as caught:
        wire("openai", seed=value)
    assert caught.value.kind == "bad_request"


AUTHORISATION = {
    "openai": ("authorization", f"Bearer {KEY}"),
    "anthropic": ("x-api-key", KEY),
    "google": ("x-goog-api-key", KEY),
    "deepseek": ("authorization", f"Bearer {KEY}"),
    "yandex": ("authorization", f"Api-Key {KEY}"),
}


@pytest.mark.parametrize("name", AUTHORISATION)
async def test_the_key_travels_in_one_header_and_nowhere_else(name: str) -> None:
    work = bench(name, STREAMS[name])
    await work.answer()
    (sent,) = work.sent
    header, value = AUTHORISATION[name]
    assert sent.headers[header] == value
    assert [key for key, said in sent.headers.items() if KEY in said] == [header]
    assert KEY not in str(sent.url)
    assert KEY.encode() not in sent.content
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["accept"] == "text/event-stream"
    assert sent.headers.get("anthropic-version") == ("2023-06-01" if name == "anthropic" else None)


async def test_a_short_lived_token_is_a_bearer() -> None:
    work = bench("yandex", STREAMS["yandex"])
    work.credentials = Credentials("t1.token", folder="b1g", source="YC_IAM_TOKEN", auth="bearer")
    await work.answer()
    assert work.sent[0].headers["authorization"] == "Bearer t1.token"


async def test_a_server_without_keys_gets_none() -> None:
    provider = preset("openai", base_url="http://localhost:11434/v1", key_required=False, key_env=())
    work = Bench(provider, bench("openai", STREAMS["openai"]).body, headers=EVENTS)
    await work.answer()
    assert "authorization" not in work.sent[0].headers


async def test_headers_of_the_provider_are_sent_and_may_replace_the_usual_ones() -> None:
    work = bench(preset("anthropic", headers={"anthropic-version": "2026-10-21"}), STREAMS["anthropic"])
    await work.answer()
    assert work.sent[0].headers["anthropic-version"] == "2026-10-21"


def test_neither_credentials_nor_requests_show_the_key() -> None:
    assert KEY not in repr(Credentials(KEY))
    assert KEY not in repr(wire("openai"))


def test_responses() -> None:
    """OpenAI Responses: the answer would be kept for weeks without `store: false`."""
    provider = preset("openai", api="responses")
    request = Request("m", TURNS, "Be brief.", {"max_tokens": 9, "reasoning_effort": "low"})
    sent = write(provider, request)
    assert sent.url == "https://api.openai.com/v1/responses"
    assert json.loads(sent.body) == {
        "model": "m",
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Yes?"},
            {"role": "user", "content": "Count"},
        ],
        "max_output_tokens": 9,
        "reasoning": {"effort": "low"},
        "store": False,
        "stream": True,
    }


def test_yandex_native() -> None:
    """Yandex text generation over REST: 64-bit numbers are strings."""
    provider = replace(preset("yandex"), dialect="yandex", base_url="https://llm.api.cloud.yandex.net")
    request = Request("yandexgpt", TURNS, "Be brief.", {"max_tokens": 2000, "temperature": 0.3})
    sent = write(provider, request)
    assert sent.url == "https://llm.api.cloud.yandex.net/foundationModels/v1/completion"
    assert json.loads(sent.body) == {
        "modelUri": "gpt://b1g/yandexgpt/latest",
        "completionOptions": {"stream": True, "maxTokens": "2000", "temperature": 0.3},
        "messages": [
            {"role": "system", "text": "Be brief."},
            {"role": "user", "text": "Hello"},
            {"role": "assistant", "text": "Yes?"},
            {"role": "user", "text": "Count"},
        ],
    }
