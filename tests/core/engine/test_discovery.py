"""Servers on this machine: found by their answer, offered once, and added with every comment kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tui.core.engine.events import Notice
from tui.core.engine.local_servers import LocalServer, adopt, find_servers
from tui.core.providers.client import Client
from tui.core.settings import SettingsError, load_settings, parse_settings

if TYPE_CHECKING:
    from tests.core.engine.workshop import Workshop

PATH = Path("settings.toml")
OLLAMA = LocalServer("ollama", "Ollama", "http://localhost:11434/v1", ("llama:8b", "qwen", "c", "d"))


async def found(settings: str, answers: dict[int, httpx.Response]) -> tuple[list[str], list[int]]:
    """What is found, and which ports were asked."""
    asked: list[int] = []

    def respond(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "localhost"
        assert "authorization" not in request.headers
        asked.append(request.url.port or 0)
        if asked[-1] not in answers:
            raise httpx.ConnectError("refused")
        return answers[asked[-1]]

    async with httpx.AsyncClient(transport=httpx.MockTransport(respond)) as http:
        servers = await find_servers(Client(http), parse_settings(settings, PATH))
    return [server.words for server in servers], sorted(asked)


def models(*names: str) -> httpx.Response:
    return httpx.Response(200, json={"object": "list", "data": [{"id": name} for name in names]})


async def test_a_server_is_one_that_lists_models() -> None:
    answers = {
        11434: models("llama:8b"),
        8080: httpx.Response(200, html="<html>something else</html>"),
        8000: httpx.Response(404),
        1234: models(),
    }
    words, asked = await found("", answers)
    assert words == ["Ollama answers on port 11434 with llama:8b"]
    assert asked == [1234, 8000, 8080, 11434]


@pytest.mark.parametrize(
    "settings",
    [
        "[providers.ollama]\n",
        "[providers.ollama]\nenabled = false\n",
        '[providers.mine]\ndialect = "openai"\nbase_url = "http://127.0.0.1:11434/v1"\n',
    ],
)
async def test_what_the_settings_have_is_left_alone(settings: str) -> None:
    words, asked = await found(settings, {11434: models("llama:8b")})
    assert (words, asked) == ([], [1234, 8000, 8080])


def test_a_list_of_models_cannot_paint_on_the_terminal() -> None:
    assert "\x1b" not in replace(OLLAMA, models=("\x1b[31mred",)).words
    assert OLLAMA.words.endswith("with llama:8b, qwen, c, …")


@pytest.mark.parametrize(
    "text", ["", "# mine\n", 'theme = "nord" # best', "[providers.openai]\nmodel = 'x'\n"]
)
def test_an_added_server_stands_at_the_end_and_nothing_else_changes(tmp_path: Path, text: str) -> None:
    path = tmp_path / "new" / "settings.toml"
    if text:
        path.parent.mkdir()
        path.write_text(text)
    adopt(path, [OLLAMA])
    assert path.read_text().startswith(text)
    assert path.read_text().endswith('[providers.ollama]\nmodel = "llama:8b"\n')
    provider, limits = load_settings(path).enabled_providers({})["ollama"]
    assert (provider.model, limits.max_in_flight) == ("llama:8b", 2)


@pytest.mark.parametrize("text", ["providers = {}\n", "broken\n"])
def test_settings_to_which_nothing_can_be_added_stay_as_they_are(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=str(path)):
        adopt(path, [OLLAMA])
    assert path.read_text() == text


def test_an_offer_is_made_and_accepted(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        return models("llama:8b") if request.url.port == 11434 else httpx.Response(404)

    monkeypatch.setenv("PENSTOCK_DISCOVER", "true")
    path = workshop.root / "settings.toml"
    path.write_text("# kept\n")
    bench = workshop.engine(parse_settings("", path))
    begin = bench.engine.discovery.begin
    # No search of its own, whose end would take the place of this one's.
    monkeypatch.setattr(bench.engine.discovery, "begin", lambda _: None)
    bench.start()
    begin(Client(httpx.AsyncClient(transport=httpx.MockTransport(respond))))
    offer = bench.ears.wait(Notice, lambda notice: "11434" in notice.message)
    assert offer.message == "Ollama answers on port 11434 with llama:8b; A adds it."
    bench.engine.discovery.adopt()
    said = bench.ears.wait(Notice, lambda notice: notice.message.startswith("Added"))
    assert "Ollama" in said.message
    assert path.read_text().startswith("# kept\n")
    bench.engine.discovery.adopt()
    bench.ears.wait(Notice, lambda notice: notice.message.startswith("No server"))


def test_a_demo_looks_for_nothing_and_so_does_who_forbids_it(workshop: Workshop) -> None:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(404, content=json.dumps({}))

    client = Client(httpx.AsyncClient(transport=httpx.MockTransport(respond)))
    for demo, text in ((True, ""), (False, "discover = false\n")):
        bench = workshop.engine(parse_settings(text, PATH), demo=demo)
        bench.start()
        bench.engine.discovery.begin(client)
        bench.settle()
    assert asked == []
