"""One run from the request to the record: wait for the bucket, send, stream, write down."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import random
import socket
import uuid
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

from tui.core.engine.events import Event, Notice, RunChanged, RunState, RunStatus
from tui.core.prompts.template import render
from tui.core.providers.base import Answer, Message, ReasoningDelta, Request, TextDelta
from tui.core.providers.errors import ProviderError
from tui.core.providers.retry import next_delay
from tui.core.quota.errors import QuotaError
from tui.core.store import runs
from tui.core.store.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sqlalchemy import Connection

    from tui.core.engine.accounts import Account
    from tui.core.prompts.snapshot import VersionRow
    from tui.core.providers.base import JsonObject
    from tui.core.providers.client import Client
    from tui.core.store.thread import DatabaseThread

P = ParamSpec("P")
_STORED_STATUS: Mapping[RunStatus, runs.Status] = {
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run, on which provider, with which values."""

    row: VersionRow
    provider: str
    values: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None
    """None: the prompt's own, if it is written for this provider, else the provider's default."""
    timeout: float | None = None
    """Seconds to wait for the bucket at most; None: as long as it takes."""


class Runner:
    """Carries out runs, each as a task of the engine's loop."""

    def __init__(
        self,
        client: Client,
        accounts: Mapping[str, Account],
        database: DatabaseThread,
        publish: Callable[[Event], None],
        recorded: Callable[[], Awaitable[None]],
        ready: asyncio.Event,
        *,
        simulated: bool,
    ) -> None:
        self._client = client
        self._accounts = accounts
        self._database = database
        self._publish = publish
        self._recorded = recorded
        self._ready = ready
        self._simulated = simulated
        self._random = random.Random()
        self._tasks: dict[str, asyncio.Task[RunState]] = {}

    def start(self, request: RunRequest) -> tuple[RunState, asyncio.Task[RunState]]:
        """Queue a run and return its first state and its task.

        Raises MissingValue or UnknownValue when the values do not fit the template.
        """
        account = self._accounts[request.provider]
        row = request.row
        message = Message("user", render(row.template, row.variables, request.values))
        system = render(row.system, row.variables, request.values) if row.system else ""
        model = request.model or _model_for(row, account)
        wire = Request(
            model=model, messages=(message,), system=system, parameters=cast("JsonObject", row.parameters)
        )
        state = RunState(
            id=uuid.uuid4().hex,
            name=row.name,
            version=row.version,
            provider=request.provider,
            model=model,
            status="waiting",
        )
        run = _Run(self, account, request, wire, state)
        task = asyncio.get_running_loop().create_task(run.carry_out(), name=f"run {state.id}")
        self._tasks[state.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(state.id, None))
        self._publish(RunChanged(state))
        return state, task

    def cancel(self, run_id: str) -> bool:
        """Stop a run, closing its connection at once; False when it is over already."""
        task = self._tasks.get(run_id)
        return task is not None and task.cancel()

    async def close(self) -> None:
        """Cancel every run and wait until each is written down."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Run:
    """The life of one run; `state` is replaced, never changed."""

    def __init__(
        self, runner: Runner, account: Account, request: RunRequest, wire: Request, state: RunState
    ) -> None:
        self._runner = runner
        self._account = account
        self._request = request
        self._wire = wire
        self._recorded = False
        self._created_at = self._started_at = datetime.now(UTC)
        self.state = state

    def _update(self, **changes: Any) -> None:
        self.state = dataclasses.replace(self.state, **changes)
        self._runner._publish(RunChanged(self.state))

    async def carry_out(self) -> RunState:
        """Wait, call (again, where that may help), record; returns the end state however it ended."""
        try:
            answer = await self._attempts()
        except ProviderError as error:
            self._update(status="failed", error_class=error.kind, error=error.message)
            await self._finish(error=error)
        except QuotaError as error:
            self._update(status="failed", error_class="limit", error=str(error))
            await self._finish()
        except asyncio.CancelledError:
            self._update(status="cancelled", error_class="cancelled", error="Cancelled.")
            await self._finish()
        else:
            filtered = answer.finish == "filtered"
            self._update(
                status="done",
                finish=answer.finish,
                usage=answer.usage,
                first_token_s=answer.first_token_s,
                total_s=answer.total_s,
                error_class="filtered" if filtered else "",
                error=answer.filtered_reason if filtered else "",
            )
            await self._finish(answer)
        return self.state

    async def _attempts(self) -> Answer:
        await self._runner._ready.wait()
        while True:
            attempt = self.state.attempts + 1
            try:
                return await self._attempt(attempt)
            except ProviderError as error:
                delay = next_delay(error, attempt, self._runner._random)
                if delay is None or self.state.transcript.length:
                    raise
                self._update(status="waiting")
                if error.kind == "rate_limit":
                    self._account.limiter.hold(delay, "429")  # for every waiter, not only this run
                else:
                    await asyncio.sleep(delay)

    async def _attempt(self, attempt: int) -> Answer:
        grant = await self._account.limiter.acquire(timeout=self._request.timeout)
        async with grant:
            self._update(status="running", attempts=attempt, waited_s=self.state.waited_s + grant.waited_s)
            await self._record_start()
            self._account.call_started()
            try:
                answer = await self._stream()
            except ProviderError as error:
                self._account.call_ended(error)
                raise
            except BaseException:
                self._account.call_ended(cancelled=True)
                raise
            self._account.call_ended()
            return answer

    async def _stream(self) -> Answer:
        account, state = self._account, self.state
        answer: Answer | None = None
        stream = self._runner._client.stream(account.provider, account.credentials, self._wire)
        async with aclosing(stream) as items:  # closes the connection on every way out
            async for item in items:
                match item:
                    case TextDelta(text=text):
                        state.transcript.append(text)
                        self._update(received=state.transcript.length)
                    case ReasoningDelta(text=text):
                        self._update(reasoning=self.state.reasoning + len(text))
                    case Answer():
                        answer = item
        if answer is None:
            raise AssertionError("a stream ends with its Answer or raises")
        return answer

    async def _record_start(self) -> None:
        if self._recorded:
            return
        row, wire = self._request.row, self._wire
        self._started_at = datetime.now(UTC)
        record = runs.NewRun(
            id=self.state.id,
            template_id=row.id,
            revision_id=row.revision_id,
            name=row.name,
            version=row.version,
            content_hash=row.content_hash,
            provider=self.state.provider,
            model=self.state.model,
            values=dict(self._request.values),
            system=wire.system,
            prompt=wire.messages[0].text,
            parameters=dict(wire.parameters),
            simulated=self._runner._simulated,
            created_at=self._created_at,
            pid=os.getpid(),
            host=socket.gethostname(),
        )
        self._recorded = await self._write(runs.start_run, record)

    async def _finish(self, answer: Answer | None = None, error: ProviderError | None = None) -> None:
        if not self._recorded:
            return
        state = self.state
        usage = answer.usage if answer else state.usage
        result = runs.RunResult(
            status="interrupted" if state.error_class == "interrupted" else _STORED_STATUS[state.status],
            started_at=self._started_at,
            finished_at=datetime.now(UTC),
            answer=str(state.transcript),
            reasoning=answer.reasoning if answer else "",
            finish=state.finish or None,
            error_class=state.error_class or None,
            error=state.error or None,
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
            tokens_cached=usage.cached,
            tokens_reasoning=usage.reasoning,
            usage_estimated=usage.estimated,
            request_id=answer.request_id if answer else error.request_id if error else None,
            attempts=state.attempts,
            waited_s=state.waited_s,
            first_token_s=state.first_token_s,
            total_s=state.total_s,
        )
        await self._write(_end_run, state.id, result)

    async def _write(
        self, function: Callable[Concatenate[Connection, P], None], *args: P.args, **kw: P.kwargs
    ) -> bool:
        try:
            # Shielded: a cancelled run is written down all the same.
            await asyncio.shield(self._runner._database.write(function, *args, **kw))
        except DatabaseError as error:
            self._runner._publish(Notice(f"The run could not be written to the database: {error}", "error"))
            return False
        await self._runner._recorded()
        return True


def _end_run(connection: Connection, run_id: str, result: runs.RunResult) -> None:
    runs.finish_run(connection, run_id, result)
    if result.error_class:
        # What went wrong on the way says nothing about the prompt: it must not count against it.
        runs.rate_run(connection, run_id, "excluded", result.error_class)


def _model_for(row: VersionRow, account: Account) -> str:
    """Return the prompt's model where it can mean this provider's, else the provider's default.

    A prompt that names a model but no provider is taken at its word everywhere; one that names both means its
    model for that provider only.
    """
    if row.model and row.provider in (None, account.provider.name):
        return row.model
    return account.provider.model
