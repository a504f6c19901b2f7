"""What each preset of a compatible server sends, and how it takes refusals (providers.md, section 7)."""

from __future__ import annotations

import json

import pytest

from tests.core.providers.bench import EVENTS, JSON, KEY, bench, preset
from tests.core.providers.servers import SERVERS
from tests.core.providers.streams import Recorded, name_of
from tui.core.engine.headers import observed
from tui.core.providers.base import Credentials, Message, Request, find_credentials
from tui.core.providers.errors import ProviderError
from tui.core.providers.presets import NAMED, load_presets
from tui.core.providers.retry import next_delay
from tui.core.quota.limits import Kind

ASKED = Request("m", (Message("user", "How many?"),), "", {"max_tokens": 9})

# Base URL, the field for the output limit, whether the counts of a stream are asked for, the key's variable.
ROWS = {
    "ollama": ("http://localhost:11434/v1", "max_tokens", True, ""),
    "llamacpp": ("http://localhost:8080/v1", "max_tokens", True, ""),
    "vllm": ("http://localhost:8000/v1", "max_tokens", True, ""),
    "lmstudio": ("http://localhost:1234/v1", "max_tokens", True, ""),
    "openrouter": ("https://openrouter.ai/api/v1", "max_tokens", False, "OPENROUTER_API_KEY"),
    "groq": ("https://api.groq.com/openai/v1", "max_completion_tokens", True, "GROQ_API_KEY"),
    "mistral": ("https://api.mistral.ai/v1", "max_tokens", False, "MISTRAL_API_KEY"),
    "xai": ("https://api.x.ai/v1", "max_tokens", True, "XAI_API_KEY"),
}


def test_every_preset_has_a_row_and_a_recorded_stream() -> None:
    assert set(load_presets()) == {*NAMED, *ROWS}
    assert set(ROWS) == {name_of(recorded) for recorded in SERVERS}


@pytest.mark.parametrize("recorded", SERVERS, ids=name_of)
async def test_what_is_sent(recorded: Recorded) -> None:
    name = name_of(recorded)
    url, field, asks, variable = ROWS[name]
    work = bench(preset(name), recorded.body, headers=EVENTS)
    environ = {variable: KEY} if variable else {}
    work.credentials = find_credentials(work.provider, environ)
    await work.answer(ASKED)
    [sent] = work.sent
    assert str(sent.url) == f"{url}/chat/completions"
    assert json.loads(sent.content) == {
        "model": "m",
        "messages": [{"role": "user", "content": "How many?"}],
        field: 9,
        "stream": True,
        **({"stream_options": {"include_usage": True}} if asks else {}),
    }
    assert sent.headers.get("authorization") == (f"Bearer {KEY}" if variable else None)


@pytest.mark.parametrize(
    ("name", "status", "body", "kind"),
    [
        # llama.cpp while it loads; vLLM with a number for a code; Mistral's and xAI's bad keys; OpenRouter.
        (
            "llamacpp",
            503,
            {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
            "overloaded",
        ),
        ("vllm", 404, {"error": {"message": "x", "type": "NotFoundError", "code": 404}}, "bad_request"),
        ("mistral", 401, {"detail": "Invalid API Key"}, "auth"),
        ("xai", 400, {"code": "invalid-argument", "error": "Incorrect API key provided: xa***."}, "auth"),
        ("openrouter", 402, {"error": {"code": 402, "message": "Insufficient credits"}}, "billing"),
        ("openrouter", 200, {"error": {"code": 502, "message": "upstream"}, "choices": []}, "server"),
        ("groq", 413, {"error": {"message": "Request too large", "type": "tokens"}}, "bad_request"),
    ],
)
async def test_refusals(name: str, status: int, body: object, kind: str) -> None:
    work = bench(preset(name, model="m"), json.dumps(body).encode(), status, headers=JSON)
    with pytest.raises(ProviderError) as caught:
        await work.stream(ASKED)
    assert caught.value.kind == kind
    assert caught.value.retryable == (kind in ("overloaded", "server"))


def test_a_model_that_loads_is_waited_for_longer_than_usual() -> None:
    error = ProviderError("overloaded", "Loading model")

    class Middle:
        def random(self) -> float:
            return 0.5

    retries = preset("llamacpp").retries
    waits = [next_delay(error, n, Middle(), retries=retries) for n in range(1, 7)]  # type: ignore[arg-type]
    assert waits[5] is None
    assert sum(wait or 0 for wait in waits) > 40


def test_groqs_requests_are_those_of_the_day() -> None:
    headers = {"x-ratelimit-limit-requests": "14400", "x-ratelimit-limit-tokens": "6000"}
    kinds = {
        name: {one.kind for one in observed(headers, 0.0, daily=preset(name).daily_requests)}
        for name in ("groq", "openai")
    }
    assert kinds == {"groq": {Kind.TOKENS}, "openai": {Kind.REQUESTS, Kind.TOKENS}}


def test_a_key_that_is_not_needed_is_sent_if_it_is_there() -> None:
    found = find_credentials(preset("vllm"), {"VLLM_API_KEY": KEY})
    assert found == Credentials(KEY, source="VLLM_API_KEY")
