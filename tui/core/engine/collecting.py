"""More answers for an A/B test: runs whose arm the split assigns, rated by the checks of their cases.

What needs a judge is left to people: his calls are a matter of `penstock test`.
"""

from __future__ import annotations

import asyncio
import uuid
from random import Random
from typing import TYPE_CHECKING

from tui.core.engine.choice import find_version, values_of_case
from tui.core.engine.events import RunRated
from tui.core.engine.inbox import EngineStopped
from tui.core.engine.matrix.verdict import evidence, examine, note, settle
from tui.core.engine.request import FreeText, RunRequest
from tui.core.prompts.snapshot import served

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Callable

    from tui.core.cases.document import Case
    from tui.core.engine.events import RunState
    from tui.core.engine.reach import Reach
    from tui.core.engine.serving import Serving

AT_ONCE = 24
"""How many runs wait or stream at a time: enough for any quota, and no more to be cancelled."""


class NoSplit(LookupError):
    """The traffic of the prompt is not split; the message says how to split it."""


class Collecting:
    """For any thread."""

    def __init__(self, reach: Reach, serving: Serving) -> None:
        self._reach = reach
        self._serving = serving
        self._random = Random()

    def collect(
        self,
        name: str,
        times: int,
        provider: str,
        done: Callable[[RunState], None] = lambda _: None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> concurrent.futures.Future[int]:
        """Run a prompt so many times, each with the next arm of its split and a case drawn from its cases.

        A prompt without cases is run with its defaults. On the engine's loop `done` is called after each run,
        and `wanted` before: once it says no, nothing more is begun. The future has how many were answered;
        cancelling it cancels the runs. It raises NoSplit,
        UnknownPrompt, MissingValue, UnknownValue and UnknownProvider.
        """

        async def collect() -> int:
            self._need_split(name)
            room, answered = asyncio.Semaphore(AT_ONCE), 0

            async def one() -> None:
                nonlocal answered
                try:
                    state = await self._run(name, provider)
                finally:
                    room.release()
                answered += state.status == "done"
                done(state)

            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(times):
                        await room.acquire()
                        if not wanted():
                            break
                        group.create_task(one())
            except BaseExceptionGroup as errors:
                raise errors.exceptions[0] from None
            return answered

        return self._reach.submit(collect)

    def _need_split(self, name: str) -> None:
        library = self._reach.library()
        if library is None:
            raise EngineStopped("Penstock's engine has not been started.")
        find_version(library, name, None)
        if len(served(library, name)) < 2:
            raise NoSplit(
                f"The traffic of {name!r} is not split: `penstock split {name} v1=50 v2=50` does that."
            )

    async def _run(self, name: str, provider: str) -> RunState:
        run_id, cases = uuid.uuid4().hex, self._reach.shelf().cases
        found = await self._serving.serve_now(name, run_id=run_id)
        case = self._random.choice(cases.of(name)) if cases.of(name) else None
        values, of_case = values_of_case(cases, found.row, case.name, {}) if case else ({}, "")
        request = RunRequest(found.row, provider, values, case=of_case, id=run_id, yields=True)
        return await self._carry_out(request, case)

    def replay(self, request: RunRequest) -> concurrent.futures.Future[RunState]:
        """Run a request that is no trial of the split, and rate it by the checks of its case."""
        row = request.row
        assert not isinstance(row, FreeText)
        name = row.name

        async def replay() -> RunState:
            return await self._carry_out(request, self._reach.shelf().cases.find(name, request.case))

        return self._reach.submit(replay)

    async def _carry_out(self, request: RunRequest, case: Case | None) -> RunState:
        runner = self._reach.runner()
        first, task = runner.start(request)
        try:
            state = await asyncio.shield(task)
        except asyncio.CancelledError:
            runner.cancel(first.id)
            await asyncio.wait({task})
            raise
        if case is not None and state.status == "done":
            await self._rate(state.name, case, state)
        return state

    async def _rate(self, name: str, case: Case, state: RunState) -> None:
        """Write down what the checks say, unless a judge would have to be asked."""
        from tui.core.store import runs

        shelf = self._reach.shelf()
        common = shelf.cases.sets[name].document.checks
        made = ((check, check.make()) for check in (*common, *case.checks))
        tests = [(check, test) for check, test in made if test is not None]
        found, judges = await asyncio.to_thread(examine, tests, evidence(state))
        _, outcome, source = settle(found)
        if outcome is not None and not judges:
            said = note(found)
            await shelf.database.write(runs.rate_run, state.id, outcome, source, said)
            self._reach.publish(RunRated(state.id, outcome, said))
            await shelf.refresh_counts()
