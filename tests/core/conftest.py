"""A simulator that answers at once, and a workshop beside it."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.shell import Shell
from tests.core.engine.workshop import KEYS, PROVIDERS, Workshop, eventually
from tui import Penstock
from tui.core.providers.transport import new_http_client
from tui.simulator import AT_ONCE, SimulatorServer, SimulatorSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.core.programs import Opener

PLENTY = dict.fromkeys(PROVIDERS, 1_000_000_000)


@pytest.fixture(scope="session")
def simulator_server() -> Iterator[SimulatorServer]:
    """One simulator for all tests of a process, without limits and without delays."""
    settings = SimulatorSettings(
        limits=PLENTY, token_limits=PLENTY, output_token_limits=PLENTY, concurrency=PLENTY, pace=AT_ONCE
    )
    with SimulatorServer(settings) as server:
        yield server


@pytest.fixture
def simulator(simulator_server: SimulatorServer) -> SimulatorServer:
    """That simulator, with nothing counted and nothing staged."""
    simulator_server.reset()
    return simulator_server


@pytest.fixture
def workshop(
    tmp_path: Path, simulator: SimulatorServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workshop]:
    """A workshop with one prompt; none of the developer's own settings, and no thread left behind."""
    for name in [name for name in os.environ if name.startswith("PENSTOCK_") or name.endswith("_API_KEY")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PENSTOCK_DISCOVER", "false")  # what runs beside the tests is none of their business
    for longest in ("providers.retry._LONGEST_BACKOFF_S", "quota.brake.LONGEST_BACKOFF_S"):
        monkeypatch.setattr(f"tui.core.{longest}", 0.02)  # the pauses have tests of their own
    before = set(threading.enumerate())
    workshop = Workshop(tmp_path, simulator)
    workshop.prompt()
    yield workshop
    workshop.close()
    eventually(lambda: set(threading.enumerate()) <= before)


@pytest.fixture
def shell(workshop: Workshop) -> Shell:
    """A shell in a workshop."""
    return Shell(workshop)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """Every request that an engine sends."""
    requests: list[httpx.Request] = []

    async def note(request: httpx.Request) -> None:
        requests.append(request)

    def client() -> httpx.AsyncClient:
        http = new_http_client()
        http.event_hooks = {"request": [note]}
        return http

    monkeypatch.setattr("tui.core.providers.transport.new_http_client", client)
    return requests


@pytest.fixture
def opened(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    """Opens the workshop's prompts as a program would, with keys in the environment."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    penstocks: list[Penstock] = []

    def open_it(
        requests_per_minute: int = 60_000, *, watch: bool = False, more: str = "", **figures: int
    ) -> Penstock:
        settings = workshop.root / "settings.toml"
        settings.write_text(workshop.settings_text(requests_per_minute, **figures) + more)
        penstock = Penstock(workshop.prompts, data_dir=workshop.root / "data", settings=settings, watch=watch)
        penstocks.append(penstock)
        return penstock

    yield open_it
    for penstock in penstocks:
        penstock.close()
