"""Giving way on a parameter that a model does not know: once, told, and remembered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.core.providers.bench import credentials, preset
from tui.core.providers.base import Answer, Message, Request
from tui.core.providers.client import Client
from tui.core.providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.providers.base import Provider

TURNS = (Message("user", "Hello"),)
OK = {"model": "m", "choices": [{"message": {"content": "Ten"}, "finish_reason": "stop"}]}
OK_ANTHROPIC = {"type": "message", "content": [{"type": "text", "text": "Ten"}], "stop_reason": "end_turn"}


class Picky:
    """A server that refuses every body for which `refusal` has an answer."""

    def __init__(self, refusal: Callable[[Any], object | None], ok: object = OK, status: int = 400) -> None:
        self.bodies: list[Any] = []
        self.notices: list[str] = []
        self._refusal = refusal
        self._ok = ok
        self._status = status
        self._http = httpx.AsyncClient(transport=httpx.MockTransport(self._respond))
        self.client = Client(self._http, notice=self.notices.append)

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(json.loads(request.content))
        refused = self._refusal(self.bodies[-1])
        return httpx.Response(self._status, json=refused) if refused else httpx.Response(200, json=self._ok)

    async def ask(self, provider: Provider, **parameters: Any) -> Answer:
        """Ask as a run does: once more after giving way, and no more than once."""
        request = Request("m", TURNS, "", parameters)
        try:
            return await self.client.complete(provider, credentials(provider), request)
        except ProviderError as error:
            if not (notice := self.client.give_way(provider, request, error)):
                raise
            self.notices.append(notice)
        return await self.client.complete(provider, credentials(provider), request)


def unsupported(name: str, message: str = "Unsupported parameter") -> dict[str, Any]:
    return {"error": {"message": message, "code": "unsupported_parameter", "param": name}}


async def test_a_refused_parameter_is_dropped_once_and_for_the_run() -> None:
    server = Picky(lambda body: unsupported("temperature") if "temperature" in body else None)
    for _ in range(2):
        assert (await server.ask(preset("openai"), temperature=0.2, top_p=0.5)).text == "Ten"
    assert ["temperature" in body for body in server.bodies] == [True, False, False]
    assert all(body["top_p"] == 0.5 for body in server.bodies)
    (notice,) = server.notices
    assert "temperature" in notice
    assert "OpenAI" in notice


async def test_the_output_limit_is_renamed_rather_than_dropped() -> None:
    """Reasoning models of OpenAI refuse `max_tokens`, older servers do not know its successor."""
    old = Picky(lambda body: unsupported("max_tokens") if "max_tokens" in body else None)
    await old.ask(preset("deepseek"), max_tokens=9)
    assert old.bodies[-1]["max_completion_tokens"] == 9
    new = Picky(
        lambda body: unsupported("max_completion_tokens") if "max_completion_tokens" in body else None
    )
    await new.ask(preset("openai"), max_tokens=9)
    assert new.bodies[-1]["max_tokens"] == 9


async def test_a_parameter_is_recognised_in_the_words_of_a_message() -> None:
    """Anthropic names the parameter in backquotes only."""
    words = {
        "error": {"type": "invalid_request_error", "message": "`temperature` is deprecated for this model."}
    }
    server = Picky(lambda body: words if "temperature" in body else None, OK_ANTHROPIC)
    assert (await server.ask(preset("anthropic"), temperature=1)).text == "Ten"


@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k", "stop"])
async def test_every_sampling_parameter_can_be_dropped(name: str) -> None:
    server = Picky(lambda body: unsupported(name) if name in body else None)
    assert (await server.ask(preset("openai"), **{name: 1})).text == "Ten"


async def test_the_request_for_token_counts_can_be_dropped() -> None:
    server = Picky(lambda body: unsupported("stream_options") if "stream_options" in body else None)
    provider, request = preset("openai"), Request("m", TURNS)
    with pytest.raises(ProviderError) as refused:
        await anext(server.client.stream(provider, credentials(provider), request))
    assert "stream_options" in server.client.give_way(provider, request, refused.value)
    stream = server.client.stream(provider, credentials(provider), request)
    assert [item async for item in stream][-1].text == "Ten"
    assert len(server.bodies) == 2


async def test_a_parameter_is_recognised_in_a_validation_error() -> None:
    """Mistral answers 422 and points at the field."""
    detail = {"detail": [{"loc": ["body", "stop"], "msg": "Extra inputs are not permitted"}]}
    server = Picky(lambda body: detail if "stop" in body else None, status=422)
    assert (await server.ask(preset("openai"), stop=["#"])).text == "Ten"


@pytest.mark.parametrize(
    "refusal",
    [
        unsupported("seed"),
        unsupported("temperature", "temperature must be at most 2"),
        {"error": {"message": "Unsupported value", "code": "unsupported_value", "param": "model"}},
        {"error": {"message": "The prompt is not supported, please stop", "code": None}},
    ],
)
async def test_any_other_refusal_stands(refusal: dict[str, Any]) -> None:
    server = Picky(lambda _: refusal)
    with pytest.raises(ProviderError):
        await server.ask(preset("openai"), temperature=9, seed=1, stop="#")
    assert len(server.bodies) == 1
    assert not server.notices


async def test_a_call_gives_way_once_only() -> None:
    server = Picky(lambda body: next((unsupported(n) for n in ("temperature", "top_p") if n in body), None))
    with pytest.raises(ProviderError, match="top_p"):
        await server.ask(preset("openai"), temperature=0.2, top_p=0.5)
    assert len(server.bodies) == 2


async def test_each_of_several_calls_refused_at_once_may_go_again() -> None:
    server = Picky(lambda body: unsupported("temperature") if "temperature" in body else None)
    provider, request = preset("openai"), Request("m", TURNS, "", {"temperature": 0.2})
    refusals: list[ProviderError] = []
    for _ in range(2):
        with pytest.raises(ProviderError) as refused:
            await Client(server._http).complete(provider, credentials(provider), request)
        refusals.append(refused.value)
    assert all(server.client.give_way(provider, request, error) for error in refusals)


async def test_what_one_model_refuses_another_is_still_asked() -> None:
    server = Picky(
        lambda body: unsupported("temperature") if body["model"] == "m" and "temperature" in body else None
    )
    await server.ask(preset("openai"), temperature=0.2)
    provider = preset("openai")
    request = Request("other", TURNS, "", {"temperature": 0.2})
    await server.client.complete(provider, credentials(provider), request)
    assert server.bodies[-1]["temperature"] == 0.2
