"""What a demo has besides an engine: starter prompts to look at, and a simulator that answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.core.engine.events import Event, Notice
from tui.core.workspace import copy_starters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tui.core.engine.accounts import Account
    from tui.simulator.server import SimulatorServer


class Demo:
    """Used on the engine's loop."""

    def __init__(self) -> None:
        self._server: SimulatorServer | None = None

    def copy_starters(self, folder: Path, publish: Callable[[Event], None]) -> None:
        """Fill a folder that is not there with the starter prompts."""
        if folder.exists():
            return
        try:
            copy_starters(folder)
        except OSError as error:
            problem = f"The starter prompts could not be copied to {folder} ({error.strerror})."
            publish(Notice(problem, "warning"))

    async def start(self, accounts: Iterable[Account]) -> None:
        """Start the simulator, and send every account's calls to it."""
        self._server = server = await asyncio.to_thread(_started)
        for account in accounts:
            account.move_to(server.base_url(account.provider.name))

    async def stop(self) -> None:
        """End the simulator, if it was started."""
        if self._server is not None:
            await asyncio.to_thread(self._server.stop)


def _started() -> SimulatorServer:
    from tui.simulator.server import SimulatorServer  # a demo's cost, not every start's

    return SimulatorServer().start()
