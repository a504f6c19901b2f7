"""One run from the request to the record: wait for the bucket, send, stream, write down."""

from __future__ import annotations

import asyncio
import dataclasses
import time
import uuid
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

from tui.core.engine.choice import choose_model
from tui.core.engine.estimate import guessed, used
from tui.core.engine.events import NO_USAGE, Event, Notice, Pause, RunChanged, RunState
from tui.core.engine.git_state import GitFacts
from tui.core.engine.headers import observed
from tui.core.engine.record import add_attempts, attempt, end_run, new_run, run_result
from tui.core.engine.request import FreeText
from tui.core.engine.transcript import Transcript
from tui.core.prompts.turns import conversation
from tui.core.providers.base import Answer, Message, ReasoningDelta, Request, TextAnew, TextDelta
from tui.core.providers.errors import ProviderError
from tui.core.providers.retry import next_delay
from tui.core.quota.clock import now_ns
from tui.core.quota.errors import QuotaError
from tui.core.store import runs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from random import Random

    from sqlalchemy import Connection

    from tui.core.engine.accounts import Account
    from tui.core.engine.costing import Costing
    from tui.core.engine.model_lists import ModelLists
    from tui.core.engine.request import RunRequest
    from tui.core.prices.price import Cost
    from tui.core.prompts.snapshot import VersionRow
    from tui.core.providers.base import Delta, JsonObject, Usage
    from tui.core.providers.client import Client
    from tui.core.quota.grant import Grant
    from tui.core.store.attempts import StoredAttempt
    from tui.core.store.thread import DatabaseThread

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Means:
    """What every run needs of the engine."""

    client: Client
    lists: ModelLists
    costing: Costing
    database: DatabaseThread
    publish: Callable[[Event], None]
    recorded: Callable[[], Awaitable[None]]
    """Called after a run was written to the database; does not raise."""
    online: asyncio.Event
    """Set once calls may be sent."""
    random: Random
    simulated: bool
    wall: Callable[[], float] = time.time
    """The time of day, in seconds since the epoch."""
    git: Callable[[VersionRow], Awaitable[GitFacts]] | None = None
    """Says what to record of git; None: nothing."""


class Run:
    """The life of one run; `state` is replaced, never changed.

    Raises MissingValue or UnknownValue when the values do not fit the template.
    """

    def __init__(
        self,
        means: Means,
        account: Account,
        request: RunRequest,
        changed: Callable[[RunState], None] | None = None,
    ) -> None:
        """Prepare it; `changed` is called with every new state, at once."""
        self._means = means
        self._account = account
        self._request = request
        self._wire = wire_request(request, account)
        self._changed = changed
        self._recorded = False
        self._git: asyncio.Future[GitFacts] | None = None
        self._sent: list[StoredAttempt] = []
        """The requests that are not written down yet."""
        self._went_out: Request | None = None
        """What the latest request was like, without what its model is known to refuse."""
        self._created_at = self._started_at = self._now()
        self.state = RunState(
            id=request.id or uuid.uuid4().hex,
            name="" if isinstance(request.row, FreeText) else request.row.name,
            version=0 if isinstance(request.row, FreeText) else request.row.version,
            provider=request.provider,
            model=self._wire.model,
            status="waiting",
            asked_at=self._created_at.timestamp(),
            batch=request.batch,
            case=request.case,
        )

    async def carry_out(self) -> RunState:
        """Wait, call (again, where that may help), record; returns the end state however it ended."""
        try:
            self._account.need_leave()
            self._succeed(await self._attempts())
        except ProviderError as error:
            usage = self._usage(error.usage)
            more = {"usage": usage, "cost": self._cost(usage), "request_id": error.request_id}
            self._fail(error.kind, error.message, **more)
        except QuotaError as error:
            self._fail("limit", str(error))
        except asyncio.CancelledError:
            usage = self._usage(None)  # what came until then was sent, and is paid
            more = {"usage": usage, "cost": self._cost(usage)}
            self._update(status="cancelled", error_class="cancelled", error="Cancelled.", pause=None, **more)
        except Exception as error:  # noqa: BLE001 - nobody awaits a run: it has to end, whatever it met
            self._fail("internal", f"Penstock itself failed: {str(error) or type(error).__name__}.")
        if self._git is not None:
            self._git.cancel()
        if self._recorded:
            result = run_result(self.state, self._started_at, self._now())
            await self._write(end_run, self.state.id, result, self._sent)
        return self.state

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._means.wall(), UTC)

    def _update(self, **changes: Any) -> None:
        self.state = dataclasses.replace(self.state, **changes)
        self._means.publish(RunChanged(self.state))
        if self._changed is not None:
            self._changed(self.state)

    def _succeed(self, answer: Answer) -> None:
        withheld = self._withheld(answer)
        usage = self._usage(answer.usage)
        self._update(
            status="done",
            finish=answer.finish,
            raw_finish=answer.raw_finish,
            reported_model=answer.model,
            request_id=answer.request_id,
            usage=usage,
            cost=self._cost(usage, answer.model),
            first_token_s=answer.first_token_s,
            total_s=answer.total_s,
            error_class="filtered" if withheld else "",
            error=withheld,
        )

    def _withheld(self, answer: Answer) -> str:
        """Say why the provider's filter withheld an answer; empty for one that it let through."""
        if answer.finish != "filtered":
            return ""
        reason = f" ({answer.filtered_reason})" if answer.filtered_reason else ""
        return f"{self._account.provider.title} withheld the answer{reason}; change the prompt."

    def _usage(self, told: Usage | None) -> Usage:
        """Return what the provider told of the tokens; if it told nothing, an estimate marked as such."""
        if told is not None and (told.tokens_in, told.tokens_out) != (None, None):
            return told
        answer = str(self.state.transcript), str(self.state.thoughts)
        return guessed(self._wire, *answer) if any(answer) else told or NO_USAGE

    def _cost(self, usage: Usage, model_reported: str = "") -> Cost | None:
        provider = self._account.provider
        return self._means.costing.cost(provider, self.state.model, model_reported, usage, self._started_at)

    def _fail(self, kind: str, message: str, **more: Any) -> None:
        stopped = self._account.shut_to(self._wire.model)
        self._update(status="failed", error_class=kind, error=message, stopped=stopped, pause=None, **more)

    async def _attempts(self) -> Answer:
        if self._means.git is not None and not isinstance(self._request.row, FreeText):
            # Beside the waiting for quota, and never before it: nobody may be overtaken for it.
            self._git = asyncio.ensure_future(self._means.git(self._request.row))
        await self._means.online.wait()
        if not self._wire.model:
            model = await self._means.lists.only(self._account)
            self._wire = dataclasses.replace(self._wire, model=model)
            self._update(model=model)
        while True:
            number = self.state.attempts + 1
            try:
                return await self._attempt(number)
            except ProviderError as error:
                gives_way = self._give_way(error)
                await self._write_sent()
                if gives_way:
                    continue
                retries = self._account.provider.retries
                delay = next_delay(error, number, self._means.random, retries=retries)
                if delay is None or self.state.transcript.length:
                    if error.unknown_model:
                        error.message += await self._means.lists.suggestion(
                            self._account, error.unknown_model
                        )
                    raise
                await self._pause(error, number, delay)

    def _give_way(self, error: ProviderError) -> bool:
        """Return whether the request may be accepted without a parameter, which is tried once and told."""
        if self.state.notes:
            return False
        account = self._account
        note = self._means.client.give_way(account.provider, self._wire, error)
        if note and self._sent:
            self._sent[-1] = dataclasses.replace(self._sent[-1], note=note)
        if note:
            self._update(status="waiting", notes=(note,), first_token_s=None, total_s=None)
            self._means.publish(Notice(note))
        return bool(note)

    async def _pause(self, error: ProviderError, attempt: int, delay: float) -> None:
        held = error.kind == "rate_limit"  # that one holds everybody until it is time
        until = None if held else now_ns() + round(delay * 1e9)
        pause = Pause(error.kind, retry=attempt, retries=self._account.provider.retries, until_ns=until)
        self._update(status="waiting", pause=pause, first_token_s=None, total_s=None)
        if not held:
            await asyncio.sleep(delay)

    async def _attempt(self, attempt: int) -> Answer:
        yields = self._request.yields
        async with await self._account.acquire(self._wire, self._time_left(), yields=yields) as grant:
            waited_s = self.state.waited_s + grant.waited_s
            self._update(status="running", attempts=attempt, waited_s=waited_s, pause=None)
            await self._record_start()
            self._account.call_started()
            sent_at = self._now()
            try:
                answer = await self._stream(grant)
            except ProviderError as error:
                self._note(sent_at, error)
                self._settle(grant, error.usage)
                if error.spent_day is not None:
                    self._account.spend_day(self._wire.model, error.spent_day, error.message)
                elif error.kind == "rate_limit" and error.passing:
                    grant.refuse(error.retry_after_s)  # a hold for every waiter, not only this run
                self._account.call_ended(error)
                raise
            except BaseException:
                self._note(sent_at)
                self._account.call_ended(cancelled=True)
                raise
            self._note(sent_at, answered=True)
            self._settle(grant, answer.usage)
            self._account.call_ended(withheld=self._withheld(answer))
            return answer

    def _note(self, sent_at: datetime, error: ProviderError | None = None, *, answered: bool = False) -> None:
        wire, self._went_out = self._went_out, None
        self._sent.append(attempt(self.state, sent_at, self._now(), error, wire, answered=answered))

    async def _write_sent(self) -> None:
        """Write down the refused requests of a run that goes on: others want to know of them now."""
        sent, self._sent = self._sent, []
        if sent and self._recorded:
            await self._write(add_attempts, sent)

    def _settle(self, grant: Grant, usage: Usage | None) -> None:
        if usage is not None and grant.cost.tokens:
            tokens_in, tokens_out = used(usage, self._account.provider)
            grant.settle(input_tokens=tokens_in, output_tokens=tokens_out)

    def _time_left(self) -> float | None:
        """Return the seconds that the run may still wait for the bucket."""
        allowed = self._request.timeout
        return None if allowed is None else max(0.0, allowed - self.state.waited_s)

    async def _stream(self, grant: Grant) -> Answer:
        account, clock = self._account, asyncio.get_running_loop().time

        def observe(headers: Mapping[str, str]) -> None:
            if said := observed(headers, self._means.wall(), daily=account.provider.daily_requests):
                grant.observe(*said)

        def went_out(wire: Request) -> None:
            self._went_out = wire

        stream = self._means.client.stream(
            account.provider, account.credentials, self._wire, on_rate=observe, on_sent=went_out
        )
        began = clock()
        try:
            async with aclosing(stream) as items:  # closes the connection on every way out
                async for item in items:
                    if isinstance(item, Answer):
                        return item
                    self._take(item, clock() - began)
        finally:
            self.state = dataclasses.replace(self.state, total_s=clock() - began)
        raise AssertionError("a stream ends with its Answer or raises")

    def _take(self, delta: Delta, after_s: float) -> None:
        first = after_s if self.state.first_token_s is None else self.state.first_token_s
        match delta:
            case ReasoningDelta():
                self.state.thoughts.append(delta.text)
                self._update(reasoning=self.state.thoughts.length, first_token_s=first)
                return
            case TextAnew():  # who reads it sees that it is another one, and begins again
                transcript = Transcript()
            case TextDelta():
                transcript = self.state.transcript
        transcript.append(delta.text)
        self._update(transcript=transcript, received=transcript.length, first_token_s=first)

    async def _record_start(self) -> None:
        if self._recorded:
            return
        self._started_at = self._now()
        row, values = self._request.row, self._request.values
        simulated = self._means.simulated
        git = await self._git if self._git is not None else GitFacts()
        new = new_run(self.state, row, self._wire, values, self._created_at, git, simulated=simulated)

        async def write() -> None:
            self._recorded = await self._write(runs.start_run, new)

        await _unbroken(write())

    async def _write(
        self, function: Callable[Concatenate[Connection, P], None], *args: P.args, **kwargs: P.kwargs
    ) -> bool:
        try:
            await self._means.database.write(function, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - an answer is worth more than its record
            self._means.publish(Notice.about("The run could not be written to the database", error))
            return False
        await self._means.recorded()
        return True


async def _unbroken(work: Coroutine[Any, Any, None]) -> None:
    """Await `work` to its end, even if this task is cancelled meanwhile; only then be cancelled."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def wire_request(request: RunRequest, account: Account) -> Request:
    """Return what is sent; raises MissingValue or UnknownValue."""
    row = request.row
    if isinstance(row, FreeText):
        model = request.model or account.provider.model
        return Request(model, (Message("user", row.text),), row.system, row.parameters)
    turns = conversation(row.system, row.template, row.variables, request.values)
    return Request(
        model=request.model or choose_model(row, account.provider.name, account.provider.model),
        messages=tuple(Message(turn.role, turn.text) for turn in turns if turn.role != "system"),
        system="".join(turn.text for turn in turns if turn.role == "system"),
        parameters=cast("JsonObject", row.parameters),
    )
