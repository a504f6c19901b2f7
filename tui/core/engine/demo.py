"""What a demo has besides an engine: starter prompts to look at, and a simulator that answers or fails."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from tui.core.engine.events import Event, Notice
from tui.core.workspace import copy_starters

if TYPE_CHECKING:
    from pathlib import Path

    from tui.core.engine.accounts import Account
    from tui.simulator.scenarios import Staged
    from tui.simulator.server import SimulatorServer


Command = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]


class Demo:
    """Used on the engine's loop, except `simulate` and `scenarios`, which are for any thread.

    `command` carries out on that loop what nobody waits for.
    """

    def __init__(self, command: Command) -> None:
        self._command = command
        self._accounts: Mapping[str, Account] = {}
        self._server: SimulatorServer | None = None

    @property
    def running(self) -> bool:
        """Whether the simulator is there."""
        return self._server is not None

    @property
    def scenarios(self) -> Mapping[str, str]:
        """What can be made to go wrong, by name, each in a few words; "normal" is what ends it."""
        from tui.simulator.scenarios import SCENARIOS

        return SCENARIOS

    def simulate(self, provider: str, scenario: str, times: int | None = None) -> None:
        """Let the next `times` calls to a provider (`*`: to each) meet a scenario; None: until changed.

        What is set then is in the state of each provider. A mistake is published as a Notice.
        """

        async def stage() -> None:
            if self._server is None:
                raise RuntimeError("the simulator is not running yet; try again in a moment.")
            await asyncio.to_thread(self._server.simulate, provider, scenario, times)

        self._command(stage)

    def copy_starters(self, folder: Path, publish: Callable[[Event], None]) -> None:
        """Fill a folder that is not there with the starter prompts."""
        if folder.exists():
            return
        try:
            copy_starters(folder)
        except OSError as error:
            problem = f"The starter prompts could not be copied to {folder} ({error.strerror})."
            publish(Notice(problem, "warning"))

    async def start(self, accounts: Mapping[str, Account]) -> None:
        """Start the simulator, and send every account's calls to it."""
        self._accounts = accounts
        self._server = server = await asyncio.to_thread(_started)
        for name, account in accounts.items():
            native = account.provider.api == "native"
            account.move_to(server.base_url("yandex-native" if native else name))
        loop = asyncio.get_running_loop()

        def staged(scenarios: Mapping[str, Staged]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._show, scenarios)

        server.follow(staged)

    async def stop(self) -> None:
        """End the simulator, if it was started."""
        if self._server is not None:
            await asyncio.to_thread(self._server.stop)

    def _show(self, scenarios: Mapping[str, Staged]) -> None:
        for name, account in self._accounts.items():
            staged = scenarios.get(name)
            times = f" ×{staged.times}" if staged and staged.times else ""
            account.simulating(f"{staged.scenario}{times}" if staged else "")


def _started() -> SimulatorServer:
    from tui.simulator.server import SimulatorServer  # a demo's cost, not every start's
    from tui.simulator.settings import SimulatorSettings

    return SimulatorServer(SimulatorSettings(lapses=True)).start()
