"""How to ask each provider's API, and how to read what it answers, in the least possible code."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from tui.simulator import AT_ONCE, SimulatorSettings, create_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette

PROMPT = "Describe the harbour at night in a few sentences."
PROVIDERS = ("openai", "anthropic", "google", "deepseek", "yandex")


class VirtualClock:
    """Time that passes only when somebody sleeps, or when a test says so."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def make_app(clock: VirtualClock | None = None, settings: SimulatorSettings | None = None) -> Starlette:
    clock = clock or VirtualClock()
    return create_app(settings or SimulatorSettings(pace=AT_ONCE), clock, clock.sleep)


def client_of(app: Starlette) -> httpx.AsyncClient:
    """A client of an application, where what breaks in the application is a broken answer."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://simulator")


def make_client(
    clock: VirtualClock | None = None, settings: SimulatorSettings | None = None
) -> httpx.AsyncClient:
    return client_of(make_app(clock, settings))


@dataclass(frozen=True, slots=True)
class Api:
    """One generation route: how its requests look and where the text of its answers is."""

    name: str
    provider: str
    path: str
    stream_path: str
    headers: dict[str, str]
    build: Callable[[str, bool, int | None], dict[str, Any]]
    text: Callable[[dict[str, Any]], str]
    piece: Callable[[dict[str, Any]], str]
    usage: Callable[[dict[str, Any]], int]

    async def ask(
        self,
        client: httpx.AsyncClient,
        prompt: str = PROMPT,
        *,
        stream: bool = False,
        limit: int | None = 900,
        headers: dict[str, str] | None = None,
        **fields: Any,
    ) -> httpx.Response:
        body = {**self.build(prompt, stream, limit), **fields}
        path = self.stream_path if stream else self.path
        return await client.post(path, json=body, headers={**self.headers, **(headers or {})})


def events(response: httpx.Response) -> list[dict[str, Any]]:
    """The JSON of every event of a stream, of every line of an NDJSON one, or of every item of a list."""
    if response.text.startswith("["):
        return list(json.loads(response.text))
    lines = response.content.decode().replace("\r\n", "\n").split("\n")
    found = [line.removeprefix("data:").strip() for line in lines if line.startswith(("data:", "{"))]
    return [json.loads(line) for line in found if line != "[DONE]"]


def _chat(model: str, limit_name: str) -> Callable[[str, bool, int | None], dict[str, Any]]:
    def build(prompt: str, stream: bool, limit: int | None) -> dict[str, Any]:
        body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": prompt}]}
        if stream:
            body["stream"] = True
        return body if limit is None else {**body, limit_name: limit}

    return build


def _responses(prompt: str, stream: bool, limit: int | None) -> dict[str, Any]:
    return {
        "model": "gpt-6-luna",
        "input": prompt,
        "stream": stream,
        "max_output_tokens": limit,
        "store": False,
    }


def _gemini(prompt: str, stream: bool, limit: int | None) -> dict[str, Any]:
    config: dict[str, Any] = {"thinkingConfig": {"thinkingLevel": "MINIMAL"}}
    if limit is not None:
        config["maxOutputTokens"] = limit
    return {"contents": [{"role": "user", "parts": [{"text": prompt}]}], "generationConfig": config}


def _native(prompt: str, stream: bool, limit: int | None) -> dict[str, Any]:
    options = {"stream": stream, **({} if limit is None else {"maxTokens": str(limit)})}
    model = "gpt://folder/yandexgpt/latest"
    return {"modelUri": model, "completionOptions": options, "messages": [{"role": "user", "text": prompt}]}


def _choice(name: str) -> Callable[[dict[str, Any]], str]:
    def text(body: dict[str, Any]) -> str:
        return "".join((choice.get(name) or {}).get("content") or "" for choice in body.get("choices", ()))

    return text


def _parts(body: dict[str, Any]) -> str:
    parts = body["candidates"][0].get("content", {}).get("parts", []) if body.get("candidates") else []
    return "".join(part["text"] for part in parts if not part.get("thought"))


def _native_text(body: dict[str, Any]) -> str:
    return str(body["result"]["alternatives"][0]["message"]["text"])


BEARER = {"authorization": "Bearer key"}
OPENAI = Api(
    "openai",
    "openai",
    "/openai/v1/chat/completions",
    "/openai/v1/chat/completions",
    BEARER,
    _chat("gpt-6-luna", "max_completion_tokens"),
    _choice("message"),
    _choice("delta"),
    lambda body: int(body["usage"]["completion_tokens"]),
)
RESPONSES = Api(
    "responses",
    "openai",
    "/openai/v1/responses",
    "/openai/v1/responses",
    BEARER,
    _responses,
    lambda body: str(body["output"][-1]["content"][0]["text"]),
    lambda body: str(body["delta"]) if body["type"] == "response.output_text.delta" else "",
    lambda body: int(body["usage"]["output_tokens"]),
)
ANTHROPIC = Api(
    "anthropic",
    "anthropic",
    "/anthropic/v1/messages",
    "/anthropic/v1/messages",
    {"x-api-key": "key", "anthropic-version": "2023-06-01"},
    _chat("claude-sonnet-5-5", "max_tokens"),
    lambda body: str(body["content"][-1]["text"]),
    lambda body: str(body.get("delta", {}).get("text", "")),
    lambda body: int(body["usage"]["output_tokens"]),
)
GOOGLE = Api(
    "google",
    "google",
    "/google/v1beta/models/gemini-3.8-flash:generateContent",
    "/google/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse",
    {"x-goog-api-key": "key"},
    _gemini,
    _parts,
    _parts,
    lambda body: int(body["usageMetadata"]["candidatesTokenCount"]),
)
DEEPSEEK = Api(
    "deepseek",
    "deepseek",
    "/deepseek/chat/completions",
    "/deepseek/chat/completions",
    BEARER,
    _chat("deepseek-flash", "max_tokens"),
    _choice("message"),
    _choice("delta"),
    lambda body: int(body["usage"]["completion_tokens"]),
)
YANDEX = Api(
    "yandex",
    "yandex",
    "/yandex/v1/chat/completions",
    "/yandex/v1/chat/completions",
    {"authorization": "Api-Key key"},
    _chat("gpt://folder/yandexgpt/latest", "max_tokens"),
    _choice("message"),
    _choice("delta"),
    lambda body: int(body["usage"]["completion_tokens"]),
)
NATIVE = Api(
    "yandex-native",
    "yandex",
    "/yandex/foundationModels/v1/completion",
    "/yandex/foundationModels/v1/completion",
    {"authorization": "Api-Key key"},
    _native,
    _native_text,
    _native_text,
    lambda body: int(body["result"]["usage"]["completionTokens"]),
)
ALL = (OPENAI, RESPONSES, ANTHROPIC, GOOGLE, DEEPSEEK, YANDEX, NATIVE)
MAIN = (OPENAI, ANTHROPIC, GOOGLE, DEEPSEEK, YANDEX)


def streamed_text(api: Api, response: httpx.Response) -> str:
    """The text of a stream; the native Yandex one is cumulative."""
    pieces = [api.piece(event) for event in events(response)]
    return pieces[-1] if api is NATIVE else "".join(pieces)


def name_of(api: Api) -> str:
    return api.name
