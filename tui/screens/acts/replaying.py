"""Replaying a run: its values once more, under the same or another version or provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.getters import query_one

from tui.core.engine.request import FreeText, RunRequest
from tui.core.prompts.snapshot import versions_of
from tui.core.prompts.template import MissingValue, UnknownValue
from tui.screens.acts.base import Bench, Surface
from tui.widgets.history.replay_line import ReplayLine, Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.prompts.snapshot import VersionRow
    from tui.core.store.runs import StoredRun


class Replaying(Surface[None]):
    """The act on a run of the database; a screen says which."""

    replay_line = query_one(ReplayLine)

    async def stored_run(self) -> StoredRun | None:
        """Return the run at hand, None while there is none."""
        raise NotImplementedError

    @work(group="replay", exclusive=True)
    async def action_replay(self) -> None:
        """Ask where to, run it there, and go to the workbench, where the answer comes."""
        run = await self.stored_run()
        providers = list(self.engine.providers.values())
        if run is None or not providers:
            self.key_line.tell("There is no run to replay here.", "warning")
            return
        rows = self._versions(run)
        if not rows:
            said = f"{run.name} has no file any more: what it said is in the opened run, as it was sent."
            self.key_line.tell(said, "warning")
            return
        begin = _place(run, rows), _first([state.name == run.provider for state in providers])
        target = await self.replay_line.choose(rows, providers, begin, (run.version, run.content_hash))
        if target is not None:
            await self._replay(run, target)

    def _versions(self, run: StoredRun) -> Sequence[VersionRow | None]:
        """Return the versions it may run under; one None stands for a text that is in no file."""
        library = self.engine.library
        if run.name is None:
            return (None,)
        return versions_of(library, run.name) if library is not None else ()

    async def _replay(self, run: StoredRun, target: Target) -> None:
        row, state = target.row, target.provider
        if not state.usable:
            keys = " and ".join(state.missing)
            self.key_line.tell(f"{state.title} needs a key: set {keys} and start again.", "warning")
            return
        what = row or FreeText(run.prompt, run.system, dict(run.parameters))
        values = {name: str(value) for name, value in run.values.items()}
        model = run.model if state.name == run.provider else None
        asked = self.engine.run(RunRequest(what, state.name, values, model))
        await self.answered(asked, known=(MissingValue, UnknownValue))
        if row is None:
            self.key_line.tell(f"Asked {state.title} again: the answer comes at the top of the history.")
            return
        await self._go_to_workbench(row)

    async def _go_to_workbench(self, row: VersionRow) -> None:
        bench = self.app.screen_stack[0]
        assert isinstance(bench, Bench)
        await bench.go_to(row.name, row.version)
        while self.app.screen is not bench:
            self.app.pop_screen()


def _place(run: StoredRun, rows: Sequence[VersionRow | None]) -> int:
    """Return where the version that ran is, or the last one if it is gone."""
    same = [row is None or row.version == run.version for row in rows]
    return same.index(True) if True in same else len(rows) - 1


def _first(fits: Sequence[bool]) -> int:
    return fits.index(True) if True in fits else 0
