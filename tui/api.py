"""The Python API: the same engine, for any program.

    from tui import Penstock

    with Penstock("prompts") as penstock:
        prompt = penstock.get_prompt("worldbuilding", unit="user-7")     # counts the use
        text = prompt.render(genre="noir")
        prompt.report("success")                             # or "failure", "excluded"
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

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from tui.core.engine.choice import (
    UnknownCase,
    UnknownPrompt,
    UnknownProvider,
    choose_provider,
    values_of_case,
)
from tui.core.engine.engine import Engine
from tui.core.engine.inbox import EngineStopped
from tui.core.engine.request import RunRequest
from tui.core.prompts.turns import as_text, conversation
from tui.core.quota.limits import Cost
from tui.core.settings import load_settings
from tui.core.workspace import Options, resolve, settings_path
from tui.lending import Acquisition, together

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import TypeAlias

    from tui.core.engine.events import RunState
    from tui.core.engine.serving import Reason, Served
    from tui.core.prices.price import Cost as Money
    from tui.core.prompts.snapshot import LibrarySnapshot, VersionRow
    from tui.core.providers.base import Usage
    from tui.core.store.runs import Outcome

    Reporter: TypeAlias = Callable[[Outcome, str], None]

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


OUTCOMES = ("success", "failure", "excluded")


class RunFailed(RuntimeError):
    """The provider did not answer; `kind` is the class of error, `partial` the text until then."""

    def __init__(self, message: str, kind: str, partial: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.partial = partial


def _nobody(outcome: Outcome, note: str) -> None:
    raise RuntimeError("This was not handed out by a Penstock, which could be told how it went.")


def _checked(outcome: Outcome) -> Outcome:
    if outcome not in OUTCOMES:
        raise ValueError(f"An outcome is one of {', '.join(OUTCOMES)}, not {outcome!r}.")
    return outcome


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
    reason: Reason = "active"
    """Why this version is served: see `get_prompt`."""
    arm: str = ""
    """The letter of its arm, while the prompt's traffic is split; else empty."""
    _report: Reporter = field(default=_nobody, repr=False, compare=False)

    def report(self, outcome: Outcome, note: str = "") -> None:
        """Tell how this use went: "success", "failure", or "excluded" if that says nothing of the prompt.

        Done when the database has it, and the version's success rate with it. Told again, the last word
        counts. Raises ValueError for another word, EngineStopped after `close`.
        """
        self._report(_checked(outcome), note)

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
    reason: Reason = "active"
    """Why that version was run: see `get_prompt`."""
    arm: str = ""
    """The letter of its arm, while the prompt's traffic is split; else empty."""
    _report: Reporter = field(default=_nobody, repr=False, compare=False)

    def report(self, outcome: Outcome, note: str = "") -> None:
        """Tell how the answer was: see Prompt.report."""
        self._report(_checked(outcome), note)


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

    def get_prompt(self, name: str, version: int | None = None, *, unit: str | None = None) -> Prompt:
        """Return a prompt and count one use of it, exactly, in whatever process.

        Which version: the one asked for; else of a split the arm of `unit` (a user, a conversation: the same
        for as long as the weights are the same), or without it the next of a block in which the weights hold
        exactly; else the one active version. What is kept of a unit is a hash. Raises UnknownPrompt.
        """
        served = self._engine.serving.serve(name, version, unit).result()
        row = served.row

        def report(outcome: Outcome, note: str) -> None:
            self._engine.serving.report(served.use_id, outcome, note).result()

        return Prompt(
            row.name, row.version, row.template, row.system, row.content_hash, row,
            served.reason, served.arm, report,
        )  # fmt: skip

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
            input_tokens, output_tokens = together(tokens, input_tokens or None, output_tokens or None)
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
        unit: str | None = None,
    ) -> Result:
        """Run a prompt and wait for the answer; the run is recorded and counts as a use.

        Without `provider` it is the prompt's own, the one of the settings, or the first that has a key.
        `timeout` bounds the wait for the bucket, in seconds. `case` names one of the prompt's cases, whose
        values hold where `values` has none. `unit`: see `get_prompt`. Raises UnknownPrompt, UnknownProvider,
        UnknownCase, MissingValue, UnknownValue, RunFailed.
        """
        run_id = uuid.uuid4().hex
        served = self._engine.serving.serve(name, version, unit, run_id).result()
        row = served.row
        chosen = choose_provider(self._engine.providers, row, provider, self._engine.settings).name
        given, of_case = dict(values or {}), ""
        if case is not None:
            given, of_case = values_of_case(self._engine.cases, row, case, given)
        request = RunRequest(row, chosen, given, model, timeout, case=of_case, id=run_id)
        future = self._engine.run_to_end(request)
        try:
            state = future.result()
        except BaseException:
            future.cancel()  # an interrupted caller must not leave a run behind
            raise
        if state.error_class:
            raise RunFailed(state.error, state.error_class, str(state.transcript))
        return self._result(state, served)

    def _result(self, state: RunState, served: Served) -> Result:
        def report(outcome: Outcome, note: str) -> None:
            self._engine.records.report(state.id, outcome, note).result()

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
            reason=served.reason,
            arm=served.arm,
            _report=report,
        )

    def resume(self, provider: str) -> None:
        """Let calls go to a provider again: end a hold, and the stop after a refused key or credit.

        Raises UnknownProvider.
        """
        self._engine.resume(provider).result()
