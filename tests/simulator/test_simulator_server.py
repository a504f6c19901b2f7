"""The simulator on a real socket: starting, stopping, broken and abandoned connections."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

import tui.simulator
from tests.simulator.asks import BEARER, DEEPSEEK, OPENAI
from tui.simulator import AT_ONCE, SimulatorServer, SimulatorSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui.simulator.scenarios import Staged

FAST = SimulatorSettings(pace=AT_ONCE)
BODY = OPENAI.build("Describe the harbour at night.", True, 500)


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    with SimulatorServer(FAST) as running:
        yield running


def wait_until(done: object, server: SimulatorServer, provider: str, name: str) -> None:
    """Wait for a count of the server to reach a value; bounded by the test's own time limit."""
    while server.stats()[provider][name] != done:
        time.sleep(0.002)


def test_a_client_uses_it_like_the_provider(server: SimulatorServer) -> None:
    url = f"{server.base_url('openai')}/chat/completions"
    with httpx.stream("POST", url, json=BODY, headers=BEARER) as answer:
        content = b"".join(answer.iter_bytes())
    assert content.endswith(b"data: [DONE]\n\n")
    assert "date" in answer.headers
    assert answer.headers.get_list("date") == [answer.headers["date"]]
    wait_until(0, server, "openai", "in_flight")
    assert server.stats()["openai"]["accepted"] == 1


def test_a_cut_breaks_the_connection(server: SimulatorServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.simulate("deepseek", "cut", times=1)
    url = f"{server.base_url('deepseek')}/chat/completions"
    body = DEEPSEEK.build("Describe the harbour at night.", True, 500)
    with (
        pytest.raises(httpx.RemoteProtocolError),
        httpx.stream("POST", url, json=body, headers=BEARER) as answer,
    ):
        for _ in answer.iter_bytes():
            pass
    wait_until(0, server, "deepseek", "in_flight")
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]


def test_an_abandoned_stream_frees_its_slot(server: SimulatorServer) -> None:
    url = f"{server.base_url('openai')}/chat/completions"
    headers = {**BEARER, "x-simulate": "stall"}
    with httpx.stream("POST", url, json=BODY, headers=headers) as answer:
        chunks = answer.iter_bytes()
        next(chunks)
        assert server.stats()["openai"]["in_flight"] == 1
    wait_until(0, server, "openai", "in_flight")


def test_stopping_breaks_off_open_streams_and_leaves_no_thread() -> None:
    before = threading.enumerate()
    handler = signal.getsignal(signal.SIGINT)
    server = SimulatorServer(FAST).start()
    assert signal.getsignal(signal.SIGINT) is handler
    url = f"{server.base_url('openai')}/chat/completions"
    with httpx.stream("POST", url, json=BODY, headers={**BEARER, "x-simulate": "stall"}) as answer:
        chunks = answer.iter_bytes()
        next(chunks)
        server.stop()
        with pytest.raises(httpx.TransportError):
            list(chunks)
    server.stop()
    assert threading.enumerate() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/stats")


def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            SimulatorServer(port=port)


def test_reset_empties_the_limits() -> None:
    with SimulatorServer(SimulatorSettings(pace=AT_ONCE, limits={"openai": 1})) as server:
        url = f"{server.base_url('openai')}/chat/completions"
        statuses = [httpx.post(url, json=BODY, headers=BEARER).status_code for _ in range(2)]
        server.reset()
        statuses.append(httpx.post(url, json=BODY, headers=BEARER).status_code)
    assert statuses == [200, 429, 200]


def test_who_follows_hears_of_every_scenario_that_is_set_or_used_up(server: SimulatorServer) -> None:
    heard: list[dict[str, str]] = []

    def hear(staged: Mapping[str, Staged]) -> None:
        heard.append({name: f"{one.scenario} {one.times}" for name, one in staged.items()})

    server.follow(hear)
    server.simulate("openai", "rate_limit=3", times=2)
    url = f"{server.base_url('openai')}/chat/completions"
    assert [httpx.post(url, json=BODY, headers=BEARER).status_code for _ in range(3)] == [429, 429, 200]
    server.simulate("deepseek", "cut")
    server.simulate("deepseek", "normal")
    server.reset()
    two, one = {"openai": "rate_limit=3 2"}, {"openai": "rate_limit=3 1"}
    assert heard == [two, one, {}, {"deepseek": "cut None"}, {}, {}]


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown provider 'nobody'"):
        SimulatorSettings(limits={"nobody": 5})
    with pytest.raises(ValueError, match="must be at least 1"):
        SimulatorSettings(limits={"openai": 0})


def test_it_shares_no_code_with_the_client_that_it_checks() -> None:
    sources = list(Path(tui.simulator.__file__).parent.rglob("*.py"))
    assert len(sources) > 20
    assert not [path.name for path in sources if "tui.core" in path.read_text(encoding="utf-8")]
