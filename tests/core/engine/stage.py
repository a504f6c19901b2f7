"""Runs against the simulator in virtual time: every wait is as long as in earnest, and takes no time."""

from __future__ import annotations

import asyncio
import dataclasses
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar, cast

import httpx

from tests.core.providers.streams import NATIVE, RESPONSES
from tests.core.quota.loop import VirtualLoop, run
from tests.simulator.wire import Wire
from tui.core.engine.accounts import Account
from tui.core.engine.costing import Costing
from tui.core.engine.model_lists import ModelLists
from tui.core.engine.request import FreeText, RunRequest
from tui.core.engine.run import Means, Run
from tui.core.providers.base import Credentials
from tui.core.providers.client import Client
from tui.core.providers.presets import load_presets
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Limits
from tui.simulator import SimulatorSettings, create_app
from tui.simulator.app import BASE_PATHS
from tui.simulator.scenarios import parse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tui.core.engine.events import Event, RunState
    from tui.core.providers.base import Provider
    from tui.core.store.thread import DatabaseThread
    from tui.simulator.simulation import Simulation

T = TypeVar("T")

PROVIDERS = ("openai", "anthropic", "google", "deepseek", "yandex")
HOST = "http://simulator.localhost"
DIALECTS: Mapping[str, Provider] = {
    **{name: load_presets()[name] for name in PROVIDERS},
    "responses": cast("Provider", RESPONSES.provider),
    "yandex-native": cast("Provider", NATIVE.provider),
}
WIDE = Limits(requests_per_minute=60_000)
PLENTY = dict.fromkeys(PROVIDERS, 1_000_000_000)
UNLIMITED = SimulatorSettings(
    limits=PLENTY, token_limits=PLENTY, output_token_limits=PLENTY, concurrency=PLENTY
)


class Memory:
    """Takes what a run writes down, and keeps nothing."""

    async def write(self, *_: object) -> None:
        await asyncio.sleep(0)


class Stage:
    """A simulator, accounts at it and runs, all on the clock of one virtual loop."""

    def __init__(self, loop: VirtualLoop, settings: SimulatorSettings, limits: Mapping[str, Limits]) -> None:
        self.loop = loop
        app = create_app(settings, loop.time, asyncio.sleep)
        self.simulation: Simulation = app.state.simulation
        self.wire = Wire(app)
        self.http = httpx.AsyncClient(transport=self.wire)
        self.heard: list[Event] = []
        self._limits = limits
        self.accounts = {name: self._account(name) for name in DIALECTS}
        online = asyncio.Event()
        online.set()
        client = Client(self.http, loop.time, wall=self.simulation.wall)
        self._means = Means(
            client,
            ModelLists(client, loop.time),
            Costing({}),
            cast("DatabaseThread", Memory()),
            self.heard.append,
            lambda: asyncio.sleep(0),
            online,
            Random(1),
            simulated=True,
            wall=self.simulation.wall,
        )

    async def ask(
        self, name: str, text: str = "Describe the harbour at night.", model: str = "", **parameters: Any
    ) -> RunState:
        """Carry out one run at the account of that name, to its end."""
        request = RunRequest(FreeText(text, parameters=parameters), name, model=model or None)
        return await Run(self._means, self.accounts[name], request).carry_out()

    def start(
        self, request: RunRequest, changed: Callable[[RunState], None] | None = None
    ) -> tuple[RunState, asyncio.Task[RunState]]:
        """Queue any run, as the engine's runner does."""
        run = Run(self._means, self.accounts[request.provider], request, changed)
        return run.state, self.loop.create_task(run.carry_out())

    def cancel(self, run_id: str) -> bool:
        """Nothing on a stage is cancelled."""
        raise AssertionError(run_id)

    def simulate(self, provider: str, scenario: str, times: int | None = None) -> None:
        """Set a scenario for the next requests."""
        self.simulation.stage.set(provider, parse(scenario), times)

    def arrivals(self, name: str) -> list[float]:
        """When requests came to that account's address, in seconds of the loop's clock."""
        path = BASE_PATHS[_address(name)] + "/"
        return [when for when, asked in self.wire.arrivals if asked.startswith(path)]

    async def close(self) -> None:
        """Nothing may be left: no connection, no answer that the simulator still writes, no waiter."""
        for account in self.accounts.values():
            state = account.state
            assert (state.running, state.quota.in_flight, state.quota.waiting) == (0, 0, 0)
            account.limiter.close()
        assert self.wire.open == 0
        assert [account.slots.held for account in self.simulation.accounts.values()] == [0] * 5
        await self.http.aclose()
        for _ in range(3):  # the loop closes by itself, in tasks of its own, the generators inside httpx
            await asyncio.sleep(0)

    def _account(self, name: str) -> Account:
        provider = dataclasses.replace(DIALECTS[name], base_url=HOST + BASE_PATHS[_address(name)])
        limits = self._limits.get(name, WIDE)
        credentials = Credentials("key", folder="folder")
        account = Account(provider, limits, credentials, (), lambda _: None, clock=self.loop.clock)
        account.limiter.close()
        account.limiter = Limiter(
            name, limits, clock=self.loop.clock, wall=self.simulation.wall, chance=Random(2).random
        )
        return account


def play(
    play: Callable[[Stage], Awaitable[T]],
    settings: SimulatorSettings = UNLIMITED,
    limits: Mapping[str, Limits] | None = None,
) -> T:
    """Act on a stage in virtual time; fails if a task, a connection or an answer is left over."""
    loop = VirtualLoop()

    async def act() -> T:
        stage = Stage(loop, settings, limits or {})
        result = await play(stage)
        await stage.close()
        return result

    return run(act(), loop)


def _address(name: str) -> str:
    return "openai" if name == "responses" else name
