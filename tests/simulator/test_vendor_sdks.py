"""The vendors' own SDKs take the simulator for the vendor: answers, streams, model lists and errors.

They are installed by `uv sync --group sdks`; without that these tests say that they were skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tui.simulator import AT_ONCE, SimulatorServer, SimulatorSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

PROMPT = "Describe the harbour at night in a few sentences."
TURNS = [{"role": "user", "content": PROMPT}]
NATIVE_MODEL = "gpt://b1gsimulated/yandexgpt/latest"
OPEN_MODEL = "gpt://b1gsimulated/qwen3-235b-a22b-fp8/latest"

# What the SDKs warn of among themselves is not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorServer]:
    with SimulatorServer(SimulatorSettings(pace=AT_ONCE)) as server:
        yield server


@pytest.fixture
def server(running: SimulatorServer, monkeypatch: pytest.MonkeyPatch) -> SimulatorServer:
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running.reset()
    return running


def sdk(name: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is not installed: uv sync --group sdks")


def openai_at(server: SimulatorServer, provider: str) -> Any:
    return sdk("openai").OpenAI(base_url=server.base_url(provider), api_key="key", max_retries=0)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-6-luna"),
        ("deepseek", "deepseek-flash"),
        ("yandex", NATIVE_MODEL),
        ("yandex", OPEN_MODEL),
    ],
)
def test_openai_chat(server: SimulatorServer, provider: str, model: str) -> None:
    with openai_at(server, provider) as client:
        whole = client.chat.completions.create(model=model, messages=TURNS)
        chunks = list(client.chat.completions.create(model=model, messages=TURNS, stream=True))
        listed = [found.id for found in client.models.list()]
    assert whole.choices[0].finish_reason == "stop"
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
    choices = [choice for chunk in chunks for choice in chunk.choices]
    assert "".join(choice.delta.content or "" for choice in choices) == whole.choices[0].message.content
    assert [choice.finish_reason for choice in choices] == [None] * (len(choices) - 1) + ["stop"]
    # Yandex leaves the key out until the end, and tells the tokens of a stream for the open models only.
    said = [choice for choice in choices if "finish_reason" in choice.model_fields_set]
    assert len(said) == (1 if provider == "yandex" else len(choices))
    counted = [chunk.usage for chunk in chunks if chunk.usage is not None]
    assert len(counted) == (1 if provider == "deepseek" or model == OPEN_MODEL else 0)
    assert model in listed


def test_openai_counts_a_stream_if_asked_to(server: SimulatorServer) -> None:
    options = {"stream": True, "stream_options": {"include_usage": True}}
    with openai_at(server, "openai") as client:
        last = list(client.chat.completions.create(model="gpt-6-luna", messages=TURNS, **options))[-1]
    assert (last.choices, last.usage.total_tokens > 0) == ([], True)


def test_openai_responses(server: SimulatorServer) -> None:
    asked = {"model": "gpt-6-luna", "input": PROMPT, "store": False}
    with openai_at(server, "openai") as client:
        whole = client.responses.create(**asked)
        with client.responses.stream(**asked) as stream:
            deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
            last = stream.get_final_response()
    assert whole.status == last.status == "completed"
    assert "".join(deltas) == last.output_text == whole.output_text
    assert last.usage.output_tokens == whole.usage.output_tokens > 0


@pytest.mark.parametrize("provider", ["openai", "deepseek", "yandex"])
def test_openai_errors(server: SimulatorServer, provider: str) -> None:
    openai = sdk("openai")
    model = {"openai": "gpt-6-luna", "deepseek": "deepseek-flash", "yandex": NATIVE_MODEL}[provider]
    with openai_at(server, provider) as client:

        def ask(**more: Any) -> None:
            client.chat.completions.create(model=model, messages=TURNS, **more)

        for stream in (False, True):
            server.simulate(provider, "rate_limit=3", times=1)
            with pytest.raises(openai.RateLimitError) as limited:
                ask(stream=stream)
            assert limited.value.status_code == 429
        server.simulate(provider, "server_error", times=1)
        with pytest.raises(openai.InternalServerError):
            ask()
        server.simulate(provider, "error_in_stream", times=1)
        with pytest.raises(openai.APIError):
            list(client.chat.completions.create(model=model, messages=TURNS, stream=True))
        with pytest.raises(openai.AuthenticationError):
            client.with_options(api_key="invalid").chat.completions.create(model=model, messages=TURNS)
    if provider == "openai":
        assert limited.value.code == "rate_limit_exceeded"
        assert limited.value.response.headers["retry-after-ms"] == "3000"


@pytest.mark.parametrize("auth", [{"api_key": "key"}, {"auth_token": "key"}], ids=lambda auth: str(*auth))
def test_anthropic(server: SimulatorServer, auth: dict[str, str]) -> None:
    """Both ways of showing a key: `x-api-key` and `Authorization: Bearer`."""
    anthropic = sdk("anthropic")
    asked: dict[str, Any] = {"model": "claude-haiku-5-5", "max_tokens": 900, "messages": TURNS}
    with anthropic.Anthropic(base_url=server.base_url("anthropic"), max_retries=0, **auth) as client:
        whole = client.messages.create(**asked)
        with client.messages.stream(**asked) as stream:
            text = "".join(stream.text_stream)
            last = stream.get_final_message()
        listed = [found.id for found in client.models.list(limit=2)]
        for more in ({}, {"stream": True}):
            server.simulate("anthropic", "rate_limit=3", times=1)
            with pytest.raises(anthropic.RateLimitError) as limited:
                client.messages.create(**asked, **more)
        server.simulate("anthropic", "overloaded", times=1)
        with pytest.raises(anthropic.APIStatusError) as overloaded:
            client.messages.create(**asked)
        wrong = dict.fromkeys(auth, "invalid")
        with pytest.raises(anthropic.AuthenticationError):
            client.with_options(**wrong).messages.create(**asked)
    assert whole.content[0].text == text == last.content[0].text
    assert (whole.stop_reason, last.stop_reason) == ("end_turn", "end_turn")
    assert last.usage.output_tokens == whole.usage.output_tokens > 0
    assert asked["model"] in listed
    assert len(listed) == 3, "the second page as well"
    assert limited.value.response.headers["retry-after"] == "3"
    assert overloaded.value.status_code == 529


def test_google(server: SimulatorServer) -> None:
    """It has no RateLimitError of its own: every 4xx is a ClientError with the code."""
    genai, errors = sdk("google.genai"), sdk("google.genai.errors")
    options = {"base_url": server.base_url("google"), "api_version": "v1beta"}
    asked = {"model": "gemini-3.8-flash", "contents": PROMPT}
    with genai.Client(api_key="key", http_options=options) as client:
        whole = client.models.generate_content(**asked)
        chunks = list(client.models.generate_content_stream(**asked))
        listed = [found.name for found in client.models.list(config={"page_size": 2})]
        for ask in (client.models.generate_content, client.models.generate_content_stream):
            server.simulate("google", "rate_limit=3", times=1)
            with pytest.raises(errors.ClientError) as limited:
                list(ask(**asked))
            assert (limited.value.code, limited.value.status) == (429, "RESOURCE_EXHAUSTED")
        server.simulate("google", "overloaded", times=1)
        with pytest.raises(errors.ServerError):
            client.models.generate_content(**asked)
        server.simulate("google", "blocked_prompt", times=1)
        blocked = client.models.generate_content(**asked)
    assert "".join(chunk.text or "" for chunk in chunks) == whole.text
    assert chunks[-1].candidates[0].finish_reason.name == "STOP"
    assert chunks[-1].usage_metadata.total_token_count == whole.usage_metadata.total_token_count
    assert "models/gemini-3.8-flash" in listed
    assert len(listed) == 3, "the second page as well"
    assert blocked.prompt_feedback.block_reason.name == "PROHIBITED_CONTENT"
