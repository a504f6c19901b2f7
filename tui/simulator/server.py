"""Runs the simulator on a loopback port in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from typing import TYPE_CHECKING, Self

import uvicorn

from tui.simulator.app import BASE_PATHS, create_app
from tui.simulator.scenarios import parse
from tui.simulator.settings import SimulatorSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import TypeVar

    from tui.simulator.scenarios import Staged
    from tui.simulator.simulation import Simulation

    Result = TypeVar("Result")


class SimulatorServer:
    """A simulator on 127.0.0.1, as a context manager or by `start` and `stop`.

    `port` 0 lets the system choose one. Raises OSError from the constructor when the port is taken.
    """

    def __init__(self, settings: SimulatorSettings | None = None, port: int = 0) -> None:
        # asyncio switches Nagle's delay off only where the protocol is stated.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError:
            self._socket.close()
            raise
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        app = create_app(settings or SimulatorSettings())
        self._simulation: Simulation = app.state.simulation
        self._server = _Server(_quiet(app))
        self._thread: threading.Thread | None = None

    def base_url(self, provider: str) -> str:
        """What a client puts in place of the provider's own base URL; `yandex-native` is the older API."""
        return self.url + BASE_PATHS[provider]

    def start(self) -> Self:
        """Serve; returns when connections are accepted. A server starts once."""
        if self._thread is not None:
            raise RuntimeError("this simulator has been started before")
        self._thread = threading.Thread(target=self._run, name="penstock-simulator", daemon=True)
        self._thread.start()
        self._server.ready.wait()
        return self

    def stop(self) -> None:
        """Break off what is in progress and end the thread; harmless when it is not running."""
        self._server.end()
        if self._thread is not None:
            self._thread.join()
        self._socket.close()

    def stats(self) -> dict[str, dict[str, object]]:
        """Counts by provider, as GET /stats gives them."""
        return self._call(self._simulation.stats)

    def reset(self) -> None:
        """Empty limits, zero counts, no scenarios."""
        self._call(self._simulation.reset)

    def simulate(self, provider: str, scenario: str, times: int | None = None) -> None:
        """Set a scenario for the next `times` requests of a provider (`*`: of each)."""
        self._call(lambda: self._simulation.stage.set(provider, parse(scenario), times))

    def follow(self, listener: Callable[[Mapping[str, Staged]], None]) -> None:
        """Call `listener`, in the server's thread, with the scenarios by provider whenever these change."""
        self._call(lambda: self._simulation.follow(listener))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve([self._socket]))
        finally:
            self._server.ready.set()

    def _call(self, function: Callable[[], Result]) -> Result:
        """Call a function in the server's thread, which alone may touch the simulation."""
        loop = self._server.loop
        if loop is None or not loop.is_running():
            return function()

        async def call() -> Result:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), loop).result()


class _Server(uvicorn.Server):
    """A uvicorn server that says when it is ready, and sleeps until it is used or ended."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.ready.set()

    async def main_loop(self) -> None:
        """Wait for the end; uvicorn's own looks ten times a second whether that has come."""
        await self.on_tick(0)
        await self._ended.wait()

    def end(self) -> None:
        """End the server, from any thread; harmless before its start and after its end."""
        self.should_exit = True
        if self.loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self.loop.call_soon_threadsafe(self._ended.set)


def _quiet(app: object) -> uvicorn.Config:
    """A configuration that logs nothing: broken connections are part of the play, not news.

    The date comes from the simulation's clock, not from the server.
    """
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        log_level=logging.CRITICAL + 1,
        access_log=False,
        lifespan="off",
        ws="none",
        http="h11",
        loop="asyncio",
        date_header=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=0,
    )
