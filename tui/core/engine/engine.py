"""The engine: a thread with an asyncio loop of its own that owns watcher, database, providers and quota."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from tui.core.engine.accounts import Account, open_accounts
from tui.core.engine.activation import ActivationError, activate
from tui.core.engine.events import (
    Event,
    LibraryChanged,
    Notice,
    ProviderChanged,
    ProviderState,
    RunState,
)
from tui.core.engine.runner import Runner, RunRequest
from tui.core.engine.shelf import Shelf
from tui.core.prompts.snapshot import versions_of
from tui.core.providers.client import Client
from tui.core.providers.transport import new_http_client
from tui.core.store import runs
from tui.core.store.thread import DatabaseThread
from tui.core.workspace import Workspace, copy_starters

if TYPE_CHECKING:
    from tui.core.prompts.snapshot import LibrarySnapshot
    from tui.core.settings import Settings

T = TypeVar("T")
Listener = Callable[[Event], None]


class Engine:
    """Start it, listen to it, tell it what to do; every method is for any thread unless it says otherwise.

    What it publishes is immutable. Listeners are called on the engine's thread (or its database thread) and
    must return at once; the bridge of the screen does no more than note the event and wake the other loop.
    """

    def __init__(
        self,
        workspace: Workspace,
        settings: Settings,
        *,
        watch: bool = True,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.workspace = workspace
        self.settings = settings
        self._watch = watch
        self._listeners: tuple[Listener, ...] = ()
        self._library: LibrarySnapshot | None = None
        self._loaded: concurrent.futures.Future[LibrarySnapshot] = concurrent.futures.Future()
        self._started: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._accounts = open_accounts(
            settings.enabled_providers(), environ, self._provider_changed, simulated=workspace.demo
        )
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._runner: Runner | None = None
        self._shelf: Shelf | None = None

    # ------------------------------------------------------------------ life

    def start(self) -> None:
        """Begin; returns at once. What comes of it arrives as events."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End runs (written down as cancelled), watching and the thread; waits `timeout` seconds at most."""
        if not self._thread.is_alive():
            return
        if self.wait_started() and self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout)

    def wait_started(self, timeout: float | None = 30.0) -> bool:
        """Wait until commands are taken; False when the engine could not start (see `failure`)."""
        try:
            self._started.result(timeout)
        except Exception:  # noqa: BLE001 - whatever it was, `failure` has it
            return False
        return True

    @property
    def failure(self) -> BaseException | None:
        """Why the engine could not start, or None."""
        return self._started.exception(0) if self._started.done() else None

    # ------------------------------------------------------------- listening

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event from now on; returns the function that ends it."""
        self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            self._listeners = tuple(other for other in self._listeners if other is not listener)

        return unsubscribe

    @property
    def library(self) -> LibrarySnapshot | None:
        """The prompts as served now; None until the first of them are loaded."""
        return self._library

    @property
    def providers(self) -> dict[str, ProviderState]:
        """Every provider's state by name."""
        return {name: account.state for name, account in self._accounts.items()}

    def loaded(self, timeout: float | None = 60.0) -> LibrarySnapshot:
        """Wait until the whole folder is loaded, and return it; raises what kept the engine from it."""
        self._started.result(timeout)
        return self._loaded.result(timeout)

    # -------------------------------------------------------------- commands

    def submit(self, work: Callable[[], Coroutine[Any, Any, T]]) -> concurrent.futures.Future[T]:
        """Run a coroutine on the engine's loop."""
        self._started.result(30.0)
        if self._loop is None:
            raise RuntimeError("the engine has not been started")
        return asyncio.run_coroutine_threadsafe(work(), self._loop)

    def run(self, request: RunRequest) -> concurrent.futures.Future[RunState]:
        """Queue a run; the future has its first state. Raises (in the future) what the values lack."""

        async def start() -> RunState:
            return self._need_runner().start(request)[0]

        return self.submit(start)

    def run_to_end(self, request: RunRequest) -> concurrent.futures.Future[RunState]:
        """Queue a run; the future has its last state. Cancelling the future cancels the run."""

        async def carry_out() -> RunState:
            runner = self._need_runner()
            state, task = runner.start(request)
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                runner.cancel(state.id)
                raise

        return self.submit(carry_out)

    def cancel(self, run_id: str) -> None:
        """Cancel a run, waiting or running."""

        async def cancel() -> None:
            self._need_runner().cancel(run_id)

        self.submit(cancel)

    def activate(self, name: str, version: int) -> None:
        """Make a version the active one by editing its file and its siblings'; the watcher brings it back."""

        async def edit() -> None:
            rows = versions_of(self._library, name) if self._library else ()
            try:
                written = await asyncio.to_thread(activate, self.workspace.prompts, rows, version)
            except ActivationError as error:
                self._publish(Notice(str(error), "error"))
                return
            if not written:
                self._publish(Notice(f"{name} v{version} is the active version already."))
            elif self._shelf is not None:
                await self._shelf.update(written)

        self.submit(edit)

    def rate(self, run_id: str, outcome: runs.Outcome, note: str = "") -> None:
        """Record a person's verdict on a run: "success", "failure" or "excluded"."""

        async def rate() -> None:
            if self._shelf is not None:
                await self._shelf.database.write(runs.rate_run, run_id, outcome, "human", note)
                await self._shelf.refresh_counts()

        self.submit(rate)

    def use(self, template_id: int) -> concurrent.futures.Future[None]:
        """Count one use of a version; done when the database has it."""

        async def count() -> None:
            if self._shelf is not None:
                await self._shelf.count_use(template_id)

        return self.submit(count)

    def account(self, provider: str) -> Account:
        """Return a provider's account; its limiter is for the engine's loop only. Raises KeyError."""
        return self._accounts[provider]

    # ------------------------------------------------------------- the thread

    def _main(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - the thread must hand over whatever ended it
            for future in (self._started, self._loaded):
                if not future.done():
                    future.set_exception(error)
            self._publish(Notice(f"The engine stopped: {error}", "error"))

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        if self.workspace.demo and not self.workspace.prompts.exists():
            copy_starters(self.workspace.prompts)
        database = await DatabaseThread.open(self.workspace.database)
        http = new_http_client()
        online = asyncio.Event()
        self._shelf = Shelf(self.workspace.prompts, database, self._publish)
        self._runner = Runner(
            Client(http),
            self._accounts,
            database,
            self._publish,
            self._shelf.refresh_counts,
            online,
            simulated=self.workspace.demo,
        )
        self._started.set_result(None)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._go_online(online))
                tasks.create_task(self._load())
                await self._stop.wait()
                await self._runner.close()
                self._shelf.stop()
        finally:
            for account in self._accounts.values():
                account.limiter.close()
            await http.aclose()
            await database.close()

    async def _load(self) -> None:
        if self._shelf is None:
            raise AssertionError("the shelf is made before it is loaded")
        try:
            self._loaded.set_result(await self._shelf.load())
        except Exception as error:
            self._loaded.set_exception(error)
            raise
        if self._watch:
            await self._shelf.follow()

    async def _go_online(self, online: asyncio.Event) -> None:
        if not self.workspace.demo:
            online.set()
            return
        from tui.simulator.server import SimulatorServer  # a demo's cost, not every start's

        with SimulatorServer() as server:  # its thread answers from here until the engine stops
            for account in self._accounts.values():
                account.move_to(server.base_url(account.provider.name))
            online.set()
            if self._stop is not None:
                await self._stop.wait()

    def _need_runner(self) -> Runner:
        if self._runner is None:
            raise RuntimeError("the engine has not been started")
        return self._runner

    def _provider_changed(self, state: ProviderState) -> None:
        self._publish(ProviderChanged(state))

    def _publish(self, event: Event) -> None:
        if isinstance(event, LibraryChanged):
            self._library = event.snapshot
        for listener in self._listeners:
            listener(event)
