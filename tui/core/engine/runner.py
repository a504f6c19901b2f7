"""The runs that are going on: started, cancelled, and brought to an end together."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from tui.core.engine.choice import UnknownProvider
from tui.core.engine.events import Event, RunChanged, RunState
from tui.core.engine.inbox import EngineStopped
from tui.core.engine.model_lists import ModelLists
from tui.core.engine.run import Means, Run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tui.core.engine.accounts import Account
    from tui.core.engine.costing import Costing
    from tui.core.engine.git_state import GitFacts
    from tui.core.engine.request import RunRequest
    from tui.core.prompts.snapshot import VersionRow
    from tui.core.providers.client import Client
    from tui.core.store.thread import DatabaseThread


class Runner:
    """Carries out runs, each as a task of the engine's loop."""

    def __init__(
        self,
        client: Client,
        accounts: Mapping[str, Account],
        database: DatabaseThread,
        publish: Callable[[Event], None],
        recorded: Callable[[], Awaitable[None]],
        online: asyncio.Event,
        costing: Costing,
        git: Callable[[VersionRow], Awaitable[GitFacts]],
        *,
        simulated: bool,
    ) -> None:
        self.lists = ModelLists(client)
        self._means = Means(
            client,
            self.lists,
            costing,
            database,
            publish,
            recorded,
            online,
            random.Random(),
            simulated,
            git=git,
        )
        self._accounts = accounts
        self._runs: dict[str, tuple[Run, asyncio.Task[RunState]]] = {}
        self._cancelled: set[str] = set()
        self._closed = False

    def start(
        self, request: RunRequest, changed: Callable[[RunState], None] | None = None
    ) -> tuple[RunState, asyncio.Task[RunState]]:
        """Queue a run and return its first state and its task; `changed` is called with every later state.

        Raises MissingValue or UnknownValue when the values do not fit the template, UnknownProvider, and
        EngineStopped after `close`.
        """
        if self._closed:
            raise EngineStopped("Penstock's engine is ending; nothing new is sent.")
        account = self._accounts.get(request.provider)
        if account is None:
            raise UnknownProvider.among(request.provider, self._accounts)
        run = Run(self._means, account, request, changed)
        self._means.costing.prepare()
        first = run.state
        task = asyncio.get_running_loop().create_task(run.carry_out(), name=f"run {first.id}")
        self._runs[first.id] = run, task
        task.add_done_callback(lambda _: self._forget(first.id))
        self._means.publish(RunChanged(first))
        return first, task

    def cancel(self, run_id: str) -> bool:
        """Stop a run, closing its connection at once; False when it is over already, or about to be."""
        run, task = self._runs.get(run_id, (None, None))
        if run is None or task is None or run.state.over or run_id in self._cancelled:
            return False  # what is written down of it at its end must not be interrupted
        # Whether the task is `cancelling` says nothing: anyio cancels it for an instant to connect.
        self._cancelled.add(run_id)
        return task.cancel()

    def _forget(self, run_id: str) -> None:
        self._runs.pop(run_id, None)
        self._cancelled.discard(run_id)

    async def close(self) -> None:
        """Cancel every run and wait until each is written down; nothing can be started from now on."""
        self._closed = True
        await asyncio.sleep(0)  # a task that is cancelled before its first step would not even tell that
        tasks = [task for _, task in self._runs.values()]
        for run_id in list(self._runs):
            self.cancel(run_id)
        await asyncio.gather(*tasks, return_exceptions=True)
