"""The lists of models, in every vendor's shape, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.core.providers.bench import KEY, preset
from tui.core.providers.base import Credentials
from tui.core.providers.client import Client
from tui.core.providers.errors import ProviderError
from tui.core.providers.models import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.providers.base import Provider


async def models_of(
    provider: Provider, respond: Callable[[httpx.Request], httpx.Response]
) -> tuple[str, ...]:
    credentials = Credentials(KEY, folder="b1g", source=provider.key_env[0])
    async with httpx.AsyncClient(transport=httpx.MockTransport(respond)) as http:
        return await Client(http).models(provider, credentials)


async def test_openai_lists_everything_at_once() -> None:
    asked: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"data": [{"id": "a"}, {"id": "b"}, {"id": "a"}, {"object": "x"}]})

    assert await models_of(preset("openai"), respond) == ("a", "b")
    (request,) = asked
    assert (request.method, str(request.url)) == ("GET", "https://api.openai.com/v1/models")
    assert request.headers["authorization"] == f"Bearer {KEY}"


async def test_anthropic_is_read_page_by_page() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        assert request.headers["anthropic-version"] == "2023-06-01"
        if request.url.params.get("after_id") == "b/1":
            return httpx.Response(200, json={"data": [{"id": "c"}], "has_more": False, "last_id": "c"})
        assert "after_id" not in request.url.params
        page = {"data": [{"id": "a"}, {"id": "b/1"}], "has_more": True, "last_id": "b/1"}
        return httpx.Response(200, json=page)

    assert await models_of(preset("anthropic"), respond) == ("a", "b/1", "c")


async def test_gemini_lists_what_generates_text_page_by_page() -> None:
    """Names come as `models/NAME`; embedding models lack the method generateContent."""

    def respond(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v1beta/models"
        token = request.url.params.get("pageToken")
        methods = ["generateContent"] if token else ["embedContent"]
        listed = [{"name": f"models/{token}", "supportedGenerationMethods": methods}, {"name": "models/x"}]
        return httpx.Response(
            200, json={"models": listed, "nextPageToken": {None: "p1", "p1": "p2"}.get(token)}
        )

    assert await models_of(preset("google"), respond) == ("p1", "p2")


async def test_yandex_names_are_those_that_a_prompt_would_use() -> None:
    ids = ["gpt://b1g/yandexgpt/latest", "emb://b1g/text", "gpt://shared/other/latest"]
    found = await models_of(
        preset("yandex"), lambda _: httpx.Response(200, json={"data": [{"id": name} for name in ids]})
    )
    assert found == ("yandexgpt/latest", "gpt://shared/other/latest")


async def test_a_list_that_never_ends_does() -> None:
    page = {"data": [{"id": "a"}], "has_more": True, "last_id": "a"}
    assert await models_of(preset("anthropic"), lambda _: httpx.Response(200, json=page)) == ("a",)


@pytest.mark.parametrize(
    ("response", "kind", "says"),
    [
        (httpx.Response(401, json={}), "auth", "OPENAI_API_KEY"),
        (httpx.Response(503, text="busy"), "overloaded", "busy"),
        (httpx.Response(200, text="<html>"), "bad_request", "base_url"),
        (httpx.Response(302, headers={"location": "/"}), "bad_request", "base_url"),
    ],
)
async def test_a_list_that_is_refused(response: httpx.Response, kind: str, says: str) -> None:
    with pytest.raises(ProviderError, match=says) as caught:
        await models_of(preset("openai"), lambda _: response)
    assert caught.value.kind == kind


async def test_a_list_that_cannot_be_reached() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(ProviderError, match=r"Cannot reach api\.openai\.com"):
        await models_of(preset("openai"), fail)


def test_the_nearest_names() -> None:
    names = ("swift-6-large", "swift-6-small", "heron-2")
    assert nearest("swift-6-smal", names)[0] == "swift-6-small"
    assert nearest("zzz", names) == ()
