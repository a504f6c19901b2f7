"""The engine: a thread with an asyncio loop of its own that owns watcher, database, providers and quota.

What is slow to import (the database, HTTP, the watcher) is imported on that thread when it begins, so that
the first frame on the screen does not wait for it.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import threading
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from tui.core.engine.account_book import AccountBook
from tui.core.engine.choice import UnknownProvider
from tui.core.engine.commands import Commands
from tui.core.engine.costing import Costing
from tui.core.engine.demo import Demo
from tui.core.engine.events import (
    STANDING,
    Event,
    LibraryChanged,
    Notice,
    ProviderChanged,
    ProviderState,
    RunState,
    SettingsChanged,
)
from tui.core.engine.file_stamp import stamp
from tui.core.engine.git_state import GitWatch
from tui.core.engine.inbox import EngineStopped, Inbox
from tui.core.engine.ledgers import open_ledgers
from tui.core.engine.reach import Reach
from tui.core.engine.resumption import Resumption
from tui.core.engine.sharing import keep_in_touch
from tui.core.engine.upkeep import innermost, keep_up

if TYPE_CHECKING:
    from tui.core.cases.book import CasesSnapshot
    from tui.core.engine.accounts import Account
    from tui.core.engine.request import RunRequest
    from tui.core.engine.runner import Runner
    from tui.core.engine.shelf import Shelf
    from tui.core.prompts.snapshot import LibrarySnapshot
    from tui.core.providers.client import Client
    from tui.core.quota.limiter import Limiter
    from tui.core.settings import Settings
    from tui.core.workspace import Workspace

T = TypeVar("T")
Listener = Callable[[Event], None]


class Engine(Commands):
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
        """What the file says now; of some, only the next start makes use."""
        self._watch = watch
        self._settings_stamp = stamp(workspace.settings)
        self._listeners: tuple[Listener, ...] = ()
        self._library: LibrarySnapshot | None = None
        self._standing: dict[Hashable, Event] = {}
        self._loaded: concurrent.futures.Future[LibrarySnapshot] = concurrent.futures.Future()
        self._started: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._failure: BaseException | None = None
        if workspace.demo:
            environ = {}  # a simulation reads nothing that is the user's, and so can send nothing of it
        self._accounts = AccountBook(
            settings,
            environ,
            self._provider_changed,
            open_ledgers(
                "memory" if workspace.demo else settings.ledger,
                workspace.state_dir,
                settings.ledger_processes,
            ),
            simulated=workspace.demo,
        )
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)
        self._inbox = Inbox()
        self._stop = asyncio.Event()
        self._online = asyncio.Event()
        self._runner: Runner | None = None
        self._shelf: Shelf | None = None
        self._costing = Costing(settings.prices)
        self.git = GitWatch(workspace.prompts, self._publish)
        """The state of the prompt files in git; for the engine's loop."""
        self.demo = Demo(self._command) if workspace.demo else None
        """What only a demo can do."""
        reach = Reach(
            workspace,
            self.submit,
            self._command,
            self._need_shelf,
            self._publish,
            lambda: self._library,
            self.account,
            lambda: self.providers,
            self._need_runner,
        )
        super().__init__(reach, settings, self._costing, self.git)

    # ------------------------------------------------------------------ life

    def start(self) -> None:
        """Begin; returns at once. What comes of it arrives as events; commands given meanwhile wait.

        An engine starts once.
        """
        if self._thread.ident is not None:
            raise RuntimeError("this engine has been started before")
        self._loop = asyncio.new_event_loop()
        self._inbox.attach(self._loop)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End runs (written down as cancelled), watching and the thread; waits `timeout` seconds at most.

        Harmless before `start`, after a failure, and when it has been called before.
        """
        if self._thread.ident is None:
            for account in self._accounts.values():
                account.close()
            return
        with contextlib.suppress(RuntimeError):  # the loop may have ended already
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout)

    def wait_started(self, timeout: float | None = 30.0) -> bool:
        """Wait until commands are carried out; False when the engine could not start (see `failure`)."""
        try:
            self._started.result(timeout)
        except Exception:  # noqa: BLE001 - whatever it was, `failure` has it
            return False
        return True

    @property
    def failure(self) -> BaseException | None:
        """Why the engine could not start, or why it ended without being told to; else None."""
        return self._failure

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
    def cases(self) -> CasesSnapshot:
        """The cases as their files say now."""
        return self._need_shelf().cases

    @property
    def providers(self) -> dict[str, ProviderState]:
        """Every provider's state by name."""
        return {name: account.state for name, account in self._accounts.items()}

    @property
    def standing(self) -> list[Event]:
        """What holds now, as the events that said so: for a listener that comes later than they did."""
        return [*map(ProviderChanged, self.providers.values()), *list(self._standing.values())]

    def loaded(self, timeout: float | None = 60.0) -> LibrarySnapshot:
        """Wait until the whole folder is loaded, and return it; raises what kept the engine from it."""
        return self._loaded.result(timeout)

    # -------------------------------------------------------------- commands

    def submit(self, work: Callable[[], Coroutine[Any, Any, T]]) -> concurrent.futures.Future[T]:
        """Run a coroutine on the engine's loop; never blocks. The future raises what the coroutine raises.

        That is EngineStopped when the engine does not run; cancelling the future cancels the coroutine.
        """
        return self._inbox.submit(work)

    def run(self, request: RunRequest) -> concurrent.futures.Future[RunState]:
        """Queue a run; the future has its first state, or raises what is wrong with the request."""

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

        self._command(cancel)

    def models(self, provider: str) -> concurrent.futures.Future[tuple[str, ...]]:
        """Ask the provider which models it offers; the future raises ProviderError or UnknownProvider."""

        async def ask() -> tuple[str, ...]:
            await self._online.wait()
            return await self._need_runner().lists.names(self.account(provider))

        return self.submit(ask)

    def resume(self, provider: str) -> concurrent.futures.Future[None]:
        """Let calls go to a provider again, whatever has held or stopped them. Raises UnknownProvider."""
        account = self.account(provider)

        async def resume() -> None:
            account.resume()

        return self.submit(resume)

    def account(self, provider: str) -> Account:
        """Return a provider's account; its limiter is for the engine's loop only. Raises UnknownProvider."""
        try:
            return self._accounts[provider]
        except KeyError:
            raise UnknownProvider.among(provider, self._accounts) from None

    def _command(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run what nobody waits for, so that its failure has to be told as a Notice."""

        self.submit(lambda: keep_up(work, "That could not be done", self._publish))

    # ------------------------------------------------------------- the thread

    def _main(self) -> None:
        error: BaseException = EngineStopped("Penstock's engine was stopped before it was ready.")
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        except BaseException as raised:  # noqa: BLE001 - the thread must hand over whatever ended it
            self._failure = error = innermost(raised)
        for future in (self._started, self._loaded):
            if not future.done():
                future.set_exception(error)
        if self._failure:
            self._publish(Notice.about("The engine stopped", error))

    async def _serve(self) -> None:
        from tui.core.engine.runner import Runner
        from tui.core.engine.shelf import Shelf
        from tui.core.providers.client import Client
        from tui.core.providers.transport import new_http_client
        from tui.core.store.thread import DatabaseThread

        async with contextlib.AsyncExitStack() as stack:
            stack.callback(self._inbox.close)
            stack.callback(self._close_limiters)
            if self.demo is not None:
                self.demo.copy_starters(self.workspace.prompts, self._publish)
            database = await DatabaseThread.open(self.workspace.database)
            stack.push_async_callback(database.close)
            http = await stack.enter_async_context(new_http_client())
            self._shelf = shelf = Shelf(self.workspace.prompts, database, self._publish, self.writing.look)
            client = Client(http, notice=lambda said: self._publish(Notice(said)))
            self._runner = runner = Runner(
                client,
                self._accounts,
                database,
                self._publish,
                shelf.refresh_counts,
                self._online,
                self._costing,
                self.git.facts,
                simulated=self.workspace.demo,
            )
            if self.demo is not None:
                stack.push_async_callback(self.demo.stop)
            stack.push_async_callback(self._wind_up, runner, shelf)
            self._inbox.open()
            self._started.set_result(None)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._load(shelf, client))
                upkeep = [tasks.create_task(work()) for work in self._upkeep()]
                await self._stop.wait()
                shelf.stop()
                for task in upkeep:
                    task.cancel()

    async def _wind_up(self, runner: Runner, shelf: Shelf) -> None:
        """Bring everything that goes on to an end, while there is a database to write it to."""
        self._inbox.close()
        shelf.stop()
        self.history.stop_export()
        await self.testing.stop()
        await runner.close()
        self._close_limiters()
        await asyncio.gather(*(limiter.closed() for limiter in self._limiters()))
        await self._inbox.drain()

    def _close_limiters(self) -> None:
        for limiter in self._limiters():
            limiter.close()

    def _limiters(self) -> list[Limiter]:
        return [limiter for account in self._accounts.values() for limiter in account.limiters]

    async def _load(self, shelf: Shelf, client: Client) -> None:
        try:
            self._loaded.set_result(await shelf.load())
        except EngineStopped as error:
            self._loaded.set_exception(error)
        except Exception as error:  # noqa: BLE001 - who waits for the prompts is told, and others see a Notice
            self._loaded.set_exception(error)
            self._publish(Notice.about("The prompts could not be loaded", error))
        # Only now: the simulator's start would slow down the first rows.
        if self.demo is not None:
            await self.demo.start(self._accounts)
        self._online.set()
        if self._listeners:
            self.discovery.begin(client)
        if self._watch:
            await shelf.follow()

    def _upkeep(self) -> Sequence[Callable[[], Coroutine[Any, Any, None]]]:
        from tui.core.engine.reload import follow_settings

        path, accounts, publish = self.workspace.settings, self._accounts, self._publish
        resumption = Resumption(self.workspace.state_dir)
        share = partial(keep_in_touch, accounts.values(), publish, lambda: bool(self._listeners), resumption)
        follow = partial(
            follow_settings, path, self._settings_stamp, self.settings, accounts, self._costing, publish
        )
        found = [partial(keep_up, share, "The gauges do not follow other processes any more", publish)]
        if self._watch:
            found.append(partial(keep_up, follow, "The settings file is not watched any more", publish))
            found.append(partial(keep_up, self.git.follow, "Git is not looked at any more", publish))
        return found

    def _need_runner(self) -> Runner:
        if self._runner is None:
            raise EngineStopped("Penstock's engine has not been started.")
        return self._runner

    def _need_shelf(self) -> Shelf:
        if self._shelf is None:
            raise EngineStopped("Penstock's engine has not been started.")
        return self._shelf

    def _provider_changed(self, state: ProviderState) -> None:
        self._publish(ProviderChanged(state))

    def _publish(self, event: Event) -> None:
        if isinstance(event, SettingsChanged):
            self.settings = event.settings
        if isinstance(event, LibraryChanged):
            self._library = event.snapshot
            self.git.stale(event.snapshot)
        if isinstance(event, STANDING):
            self._standing[event.key] = event
        for listener in self._listeners:
            listener(event)
