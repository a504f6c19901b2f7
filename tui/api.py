"""The Python API: the same engine, for any program.

    from tui import Penstock

    with Penstock("prompts") as penstock:
        prompt = penstock.get_prompt("worldbuilding")        # counts the use
        text = prompt.render(genre="noir")
        result = penstock.run("worldbuilding", {"genre": "noir"}, provider="anthropic")
        print(result.text)

`acquire` lends the quota to a call of your own. With the vendor's SDK, whose own retries would come at the
worst moment and are switched off:

    client = openai.AsyncOpenAI(max_retries=0)

    async def ask(question: str) -> str | None:
        async with penstock.acquire("openai", tokens=1200) as place:        # waits for its turn
            try:
                answer = await client.chat.completions.create(
                    model="gpt-6-luna", messages=[{"role": "user", "content": question}]
                )
            except openai.RateLimitError as error:
                place.refused(headers=error.response.headers)               # holds everybody
                raise
            place.settle(tokens=answer.usage.total_tokens)                  # what it really took
            return answer.choices[0].message.content

All programs of a user that use the same key share its quota, and each of them gets its turn. Every call
blocks and is safe from any thread; `acquire` is for `with` and for `async with`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from tui.core.engine.choice import (
    UnknownCase,
    UnknownPrompt,
    UnknownProvider,
    choose_provider,
    choose_version,
    values_of_case,
)
from tui.core.engine.engine import Engine
from tui.core.engine.headers import observed
from tui.core.engine.inbox import EngineStopped
from tui.core.engine.request import RunRequest
from tui.core.prompts.turns import as_text, conversation
from tui.core.providers.failure import Failure
from tui.core.providers.waits import told_wait
from tui.core.quota.errors import LimitError
from tui.core.quota.limits import Cost
from tui.core.settings import load_settings
from tui.core.workspace import Options, resolve, settings_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future
    from types import TracebackType

    from tui.core.prices.price import Cost as Money
    from tui.core.prompts.snapshot import LibrarySnapshot, VersionRow
    from tui.core.providers.base import Usage
    from tui.core.quota.grant import Grant

__all__ = [
    "Acquisition",
    "EngineStopped",
    "Penstock",
    "Prompt",
    "Result",
    "RunFailed",
    "UnknownCase",
    "UnknownPrompt",
    "UnknownProvider",
]


class RunFailed(RuntimeError):
    """The provider did not answer; `kind` is the class of error, `partial` the text until then."""

    def __init__(self, message: str, kind: str, partial: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.partial = partial


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of a prompt, as it is served now."""

    name: str
    version: int
    template: str
    system: str
    content_hash: str
    """Identifies the revision: the SHA-256 of the file's bytes."""
    row: VersionRow

    def render(self, values: Mapping[str, str] | None = None, /, **more: str) -> str:
        """Return the template with the values filled in; raises MissingValue or UnknownValue.

        A template of several turns comes as one text, each turn below its marker: see `messages`.
        """
        return as_text(conversation("", self.template, self.row.variables, {**(values or {}), **more}))

    def messages(
        self, values: Mapping[str, str] | None = None, /, **more: str
    ) -> list[dict[Literal["role", "content"], str]]:
        """Return the turns with the values filled in, the system message first, as OpenAI's SDK takes them.

        No value can add a turn or change its role. Raises MissingValue or UnknownValue.
        """
        turns = conversation(self.system, self.template, self.row.variables, {**(values or {}), **more})
        return [{"role": turn.role, "content": turn.text} for turn in turns]


@dataclass(frozen=True, slots=True)
class Result:
    """A finished run."""

    id: str
    text: str
    finish: str
    provider: str
    model: str
    version: int
    usage: Usage
    cost: Money | None
    """What it cost in USD and whose price that is; None is unknown."""
    waited_s: float
    total_s: float | None


class Acquisition:
    """A place in a provider's queue for one call at a time; the bucket is asked when the block is entered.

    Its methods are safe from any thread.
    """

    def __init__(
        self, engine: Engine, provider: str, model: str | None, cost: Cost, timeout: float | None
    ) -> None:
        self._engine = engine
        self._account = engine.account(provider)
        self._model = model
        self._cost = cost
        self._timeout = timeout
        self._grant: Grant | None = None

    @property
    def waited_s(self) -> float:
        """The seconds that the call waited for its turn; 0 outside of the block."""
        return self._grant.waited_s if self._grant else 0.0

    def settle(
        self,
        *,
        tokens: int | None = None,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
    ) -> None:
        """Tell what the provider said the call has used, for the limits that count tokens.

        `tokens` is input and output together. Raises LimitError for what is no such figure.
        """
        if tokens is not None:
            input_tokens, output_tokens = _together(tokens, input_tokens, output_tokens)
        self._tell(lambda grant: grant.settle(input_tokens=input_tokens, output_tokens=output_tokens))

    def observe(self, headers: Mapping[str, str]) -> None:
        """Tell the headers of the answer: what is left at the provider is believed if it is less."""
        said = observed(_lower(headers), time.time(), daily=self._account.provider.daily_requests)
        if said:
            self._tell(lambda grant: grant.observe(*said))

    def refused(self, retry_after_s: float | None = None, headers: Mapping[str, str] | None = None) -> None:
        """Tell that the provider answered 429: everybody is held, for as long (s) as it or they say."""
        if retry_after_s is None and headers is not None:
            retry_after_s = told_wait(_lower(headers), Failure(), time.time())
        self._tell(lambda grant: grant.refuse(retry_after_s))

    async def _acquire(self) -> None:
        # Kept by the engine's loop: a caller that is interrupted just now may never get to see the result.
        requests, _, input_tokens, output_tokens = self._cost
        self._grant = await self._account.limiter_for(self._model).acquire(
            requests=requests, input_tokens=input_tokens, output_tokens=output_tokens, timeout=self._timeout
        )

    async def _release(self, *, sent: bool = True) -> None:
        grant, self._grant = self._grant, None
        if grant is not None:
            grant.release(sent=sent)

    def _tell(self, what: Callable[[Grant], None]) -> None:
        async def tell() -> None:
            if self._grant is not None:
                what(self._grant)

        self._engine.submit(tell).result()

    def _give_up(self, future: Future[None]) -> None:
        future.cancel()
        self._engine.submit(lambda: self._release(sent=False))

    def __enter__(self) -> Self:
        future = self._engine.submit(self._acquire)
        try:
            future.result()
        except BaseException:
            self._give_up(future)  # an interrupted caller must not keep its place in the queue
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(EngineStopped):  # there is nothing left to give back
            self._engine.submit(self._release).result()

    async def __aenter__(self) -> Self:
        future = self._engine.submit(self._acquire)
        try:
            await asyncio.wrap_future(future)
        except BaseException:
            self._give_up(future)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(EngineStopped):
            await asyncio.wrap_future(self._engine.submit(self._release))


class Penstock:
    """An engine without a screen. Use it as a context manager, or call `close`."""

    def __init__(
        self,
        prompts: str | Path | None = None,
        *,
        data_dir: str | Path | None = None,
        settings: str | Path | None = None,
        demo: bool = False,
        watch: bool = True,
    ) -> None:
        """Open a prompts folder; what is not given is found as the command line finds it.

        `watch` follows the files, so that a long-lived program serves what is on disk now. Raises
        SettingsError or DatabaseError.
        """
        options = Options(
            prompts=Path(prompts) if prompts else None,
            data_dir=Path(data_dir) if data_dir else None,
            settings=Path(settings) if settings else None,
            demo=demo,
        )
        loaded = load_settings(settings_path(options))
        self._random = random.Random()
        self._engine = Engine(resolve(options, loaded.prompts), loaded, watch=watch)
        self._engine.start()
        try:
            self._engine.loaded(None)
        except BaseException:
            self._engine.stop()
            raise

    def close(self) -> None:
        """Cancel what runs and close the database."""
        self._engine.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def library(self) -> LibrarySnapshot:
        """Every prompt and version, as served now."""
        return self._engine.library or self._engine.loaded()

    def get_prompt(self, name: str, version: int | None = None) -> Prompt:
        """Return a prompt and count one use of it.

        Without `version` it is the one active version, or one drawn by weight where several are active.
        Raises UnknownPrompt.
        """
        row = self._choose(name, version)
        self._engine.use(row.id).result()
        return Prompt(row.name, row.version, row.template, row.system, row.content_hash, row)

    def acquire(
        self,
        provider: str,
        *,
        model: str | None = None,
        requests: int = 1,
        tokens: int | None = None,
        input_tokens: int = 0,
        output_tokens: int = 0,
        timeout: float | None = None,
    ) -> Acquisition:
        """Return a place in the provider's queue, for `with` or `async with` around a call of your own.

        `model` matters if the settings give it limits of its own. For limits that count tokens, say what the
        call may take at most: `tokens` for input and output together (counted as input where these are
        limited apart), or each of them; `settle` corrects it afterwards. `timeout` is in seconds. Entering
        raises QuotaError when the wait would be longer. With 0 it never waits for room, only for the answer
        of where the quota is kept: nothing in memory, some 30 µs for the file of this machine, some ms for a
        PostgreSQL server, a second at most for one that has just been lost. What is granted is always counted
        there first. At once, an unknown provider raises UnknownProvider (a KeyError), and what is no whole
        number LimitError (a ValueError).
        """
        if tokens is not None:
            input_tokens, output_tokens = _together(tokens, input_tokens or None, output_tokens or None)
        cost = Cost.of(requests, input_tokens, output_tokens)
        return Acquisition(self._engine, provider, model, cost, timeout)

    def run(
        self,
        name: str,
        values: Mapping[str, str] | None = None,
        *,
        provider: str | None = None,
        version: int | None = None,
        model: str | None = None,
        timeout: float | None = None,
        case: str | None = None,
    ) -> Result:
        """Run a prompt and wait for the answer; the run is recorded and counts as a use.

        Without `provider` it is the prompt's own, the one of the settings, or the first that has a key.
        `timeout` bounds the wait for the bucket, in seconds. `case` names one of the prompt's cases, whose
        values hold where `values` has none. Raises UnknownPrompt, UnknownProvider, UnknownCase, MissingValue,
        UnknownValue, RunFailed.
        """
        row = self._choose(name, version)
        chosen = choose_provider(self._engine.providers, row, provider, self._engine.settings).name
        given, of_case = dict(values or {}), ""
        if case is not None:
            given, of_case = values_of_case(self._engine.cases, row, case, given)
        request = RunRequest(row, chosen, given, model, timeout, case=of_case)
        future = self._engine.run_to_end(request)
        try:
            state = future.result()
        except BaseException:
            future.cancel()  # an interrupted caller must not leave a run behind
            raise
        if state.error_class:
            raise RunFailed(state.error, state.error_class, str(state.transcript))
        return Result(
            id=state.id,
            text=str(state.transcript),
            finish=state.finish,
            provider=state.provider,
            model=state.model,
            version=state.version,
            usage=state.usage,
            cost=state.cost,
            waited_s=state.waited_s,
            total_s=state.total_s,
        )

    def resume(self, provider: str) -> None:
        """Let calls go to a provider again: end a hold, and the stop after a refused key or credit.

        Raises UnknownProvider.
        """
        self._engine.resume(provider).result()

    def _choose(self, name: str, version: int | None) -> VersionRow:
        return choose_version(self.library, name, version, self._random)


def _together(tokens: int, input_tokens: int | None, output_tokens: int | None) -> tuple[int, int]:
    """Return tokens of which it is not known what they are, as input. Raises LimitError."""
    if input_tokens is not None or output_tokens is not None:
        raise LimitError("tokens", "Give either tokens, or input_tokens and output_tokens.")
    return Cost.of(1, tokens).input_tokens, 0


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
