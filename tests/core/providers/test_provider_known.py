"""What is known of models by name: from the dated file, and from the settings over it."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.core.providers.bench import bench, credentials, preset
from tests.core.providers.test_provider_fallback import OK, TURNS, Picky
from tui.core.providers.base import Provider, Request, Timeouts
from tui.core.providers.failure import Failure
from tui.core.providers.known import (
    OVERRIDES,
    ModelFacts,
    as_for,
    default_model,
    model_facts,
)
from tui.core.providers.presets import load_presets
from tui.core.providers.sentences import explain
from tui.core.quota.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = tomllib.loads(files("tui.core.providers").joinpath("models.toml").read_text("utf-8"))


def entries() -> Iterator[tuple[str, dict[str, Any]]]:
    for vendor, table in FILE.items():
        if isinstance(table, dict):
            for entry in table.get("models", ()):
                yield vendor, entry


def test_the_file_is_dated_and_about_vendors_that_there_are() -> None:
    assert FILE["as_of"] >= date(2026, 11, 1)
    vendors = {provider.vendor for provider in load_presets().values()}
    assert FILE.keys() - {"as_of"} <= vendors
    assert default_model("nobody") == ""


@pytest.mark.parametrize(("vendor", "entry"), entries())
def test_every_entry_says_something_that_is_understood(vendor: str, entry: dict[str, Any]) -> None:
    facts = {fact.name for fact in fields(ModelFacts)}
    assert entry.keys() - {"names"} <= facts | set(OVERRIDES)
    assert len(entry) > 1
    assert all(isinstance(name, str) for name in entry["names"])
    Limits(**{"requests_per_minute": 1, **entry.get("limits", {})})
    provider = as_for(load_presets()[vendor], entry["names"][0])
    for key in OVERRIDES:
        assert (
            type(getattr(provider, key)) is type(getattr(load_presets()[vendor], key)) or key == "max_tokens"
        )


def test_overrides_are_traits_of_a_provider() -> None:
    assert set(OVERRIDES) <= {trait.name for trait in fields(Provider)}


@pytest.mark.parametrize("name", load_presets())
def test_an_unknown_name_works(name: str) -> None:
    provider = preset(name)
    assert as_for(provider, "never-heard-of") == provider
    assert model_facts(provider, "never-heard-of").ends is None


def test_what_exists_on_responses_only_is_asked_there_by_itself() -> None:
    """OpenAI serves some models over Responses only (providers.md, section 4)."""
    (names,) = [entry["names"] for entry in FILE["openai"]["models"] if "api" in entry]
    for name in names:
        assert as_for(preset("openai"), name.replace("*", "x")).api == "responses"
    assert as_for(preset("openai")).api == "chat"


async def test_a_call_to_such_a_model_goes_to_responses_and_is_not_kept() -> None:
    (names,) = [entry["names"] for entry in FILE["openai"]["models"] if "api" in entry]
    done = b'{"object":"response","status":"completed","output":[]}'
    work = bench("openai", done, headers={"content-type": "application/json"})
    await work.answer(Request(names[0].replace("*", "some"), TURNS))
    assert work.sent[-1].url.path.endswith("/responses")
    assert work.sent_body["store"] is False


def test_the_users_word_on_a_model_wins() -> None:
    (names,) = [entry["names"] for entry in FILE["openai"]["models"] if "api" in entry]
    model = names[0].replace("*", "some")
    own = preset("openai", models={model: {"api": "chat", "extra_body": {"a": 1}}}, extra_body={"b": 2})
    assert as_for(own, model).api == "chat"
    assert as_for(own, model).extra_body == {"a": 1, "b": 2}
    assert as_for(own, "other").extra_body == {"b": 2}


def test_yandex_native_has_an_address_of_its_own() -> None:
    native = as_for(preset("yandex", api="native"))
    assert (native.dialect, native.base_url) == ("yandex", "https://llm.api.cloud.yandex.net")
    assert native.folder_header == "x-folder-id"
    assert as_for(native) == native


@pytest.mark.parametrize("model", ["NAME", "models/NAME", "gpt://b1g/NAME/latest"])
def test_a_model_is_known_under_all_its_names(model: str) -> None:
    ends = next(entry for entry in FILE["openai"]["models"] if "ends" in entry)
    found = model_facts(preset("openai"), model.replace("NAME", ends["names"][0]))
    assert found.ends == ends["ends"]


async def test_what_a_model_is_known_to_refuse_is_not_sent_and_that_is_said_once() -> None:
    server = Picky(lambda _: None)
    provider = preset("openai", refuses=("temperature", "stop"), refuses_only_while_reasoning=True)
    for _ in range(2):
        await server.ask(provider, temperature=0.2, top_p=0.5)
    assert all("temperature" not in body and body["top_p"] == 0.5 for body in server.bodies)
    assert server.notices == ["OpenAI's m does not accept temperature; requests go without it."]
    await server.ask(provider, temperature=0.2, reasoning_effort="none")
    assert server.bodies[-1]["temperature"] == 0.2


async def test_nothing_is_left_out_unless_somebody_is_told() -> None:
    work = bench(preset("openai", refuses=("temperature",)), b"{}")
    async with work.http() as http:
        client = work.client(http)
        with pytest.raises(Exception, match="sent no model's answer"):
            await client.complete(
                work.provider, work.credentials, Request("m", TURNS, "", {"temperature": 1})
            )
    assert work.sent_body["temperature"] == 1


def test_a_model_that_is_gone_is_said_to_be() -> None:
    ends = next(entry for entry in FILE["openai"]["models"] if "ends" in entry)
    failure = Failure(names=("model_not_found",), status=404)
    said = explain("bad_request", failure, preset("openai"), None, ends["names"][0], None)
    assert f"whose end it announced for {ends['ends']}" in said


async def test_a_provider_may_have_clocks_of_its_own() -> None:
    seen: list[Any] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return httpx.Response(200, json=OK)

    own = replace(preset("openai"), timeouts=Timeouts(connect_s=1, read_s=2, content_s=3, total_s=4))
    work = bench(own, b"")
    async with httpx.AsyncClient(transport=httpx.MockTransport(respond)) as http:
        await work.client(http).complete(own, credentials(own), Request("m", TURNS))
    assert (seen[0]["connect"], seen[0]["read"]) == (1, 4)
