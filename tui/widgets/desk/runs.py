"""The runs this screen has seen, and which of them an answer pane shows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.core.engine.events import RunState

_KEPT = 200

Showing: TypeAlias = "tuple[RunState, ...]"
"""Runs that are shown side by side: one, or those that were asked for together."""


class RunBook:
    """Keeps the latest state of each run; of each prompt it knows which are shown."""

    def __init__(self) -> None:
        self._runs: dict[str, RunState] = {}
        self._ratings: dict[str, tuple[str | None, str]] = {}
        self._names: dict[str, str] = {}
        """What the prompts of some runs are called now; such a run, while it goes on, has its first name."""
        self._chosen: dict[str, str] = {}

    def take_in(self, run: RunState) -> None:
        """Keep a run's latest state; old finished runs are forgotten (the database has them).

        Not those that are shown, however old they are, nor those that were asked for together with them.
        """
        if rating := self._ratings.get(run.id):
            run = dataclasses.replace(run, outcome=rating[0], note=rating[1])
        if name := self._names.get(run.id):
            run = dataclasses.replace(run, name=name)
        new = run.id not in self._runs
        self._runs[run.id] = run
        if new and len(self._runs) > _KEPT:
            shown = {each.id for name in {r.name for r in self._all()} for each in self.shown(name)}
            done = [run.id for run in self._all() if run.over and run.id not in shown]
            for old in done[: len(self._runs) - _KEPT]:
                del self._runs[old]

    def remember(self, runs: Iterable[RunState]) -> None:
        """Keep runs as the database has them, unless they are known already."""
        for run in runs:
            if run.id not in self._runs:
                self.take_in(run)

    def get(self, run_id: str) -> RunState | None:
        """Return the latest state of a run."""
        return self._runs.get(run_id)

    def note(self, run_id: str) -> str:
        """Return what a person wrote about a run."""
        run = self._runs.get(run_id)
        return run.note if run is not None else ""

    def rated(self, run_id: str, outcome: str | None, note: str = "") -> None:
        """Keep a person's verdict; None takes it back."""
        self._ratings[run_id] = outcome, note
        if run_id in self._runs:
            self.take_in(self._runs[run_id])

    def rename(self, old: str, new: str) -> None:
        """Let the runs of a prompt be those of one that is called otherwise, and what still comes of them."""
        for run in [run for run in self._all() if run.name == old]:
            self._names[run.id] = new
            self.take_in(run)
        if old in self._chosen:
            self._chosen[new] = self._chosen.pop(old)

    # ---------------------------------------------------------------- what is shown

    def shown(self, name: str) -> Showing:
        """Return what is shown of a prompt: what was chosen, else the last that was sent, else what waits."""
        showings = self.showings(name)
        chosen = self._chosen.get(name)
        for showing in showings:
            if _key(showing) == chosen:
                return showing
        sent = [each for each in showings if any(run.attempts or run.status == "failed" for run in each)]
        return sent[-1] if sent else showings[0] if showings else ()

    def showings(self, name: str) -> list[Showing]:
        """Return all that is known of a prompt, in the order it was asked for."""
        found: dict[str, list[RunState]] = {}
        for run in sorted((r for r in self._runs.values() if r.name == name), key=lambda run: run.asked_at):
            found.setdefault(run.batch or run.id, []).append(run)
        return [tuple(runs) for runs in found.values()]

    def showing_of(self, run: RunState) -> Showing:
        """Return the showing that a run belongs to; a run that is not known is one by itself."""
        same = run.batch or run.id
        return next((each for each in self.showings(run.name) if _key(each) == same), (run,))

    def beside(self, showing: Showing, *, earlier: bool) -> Showing:
        """Return what was asked for next before a showing, or next after it; () if none is known."""
        showings = self.showings(showing[0].name)
        keys = [_key(each) for each in showings]
        if _key(showing) not in keys:
            return ()
        place = keys.index(_key(showing)) + (-1 if earlier else 1)
        return showings[place] if 0 <= place < len(showings) else ()

    def choose(self, name: str, showing: Showing = ()) -> None:
        """Show these runs of a prompt until others are chosen; nothing: those that were sent last."""
        if showing and self.beside(showing, earlier=False):
            self._chosen[name] = _key(showing)
        else:
            self._chosen.pop(name, None)

    def waiting(self, name: str, *, besides: Showing) -> int:
        """Return how many other runs of a prompt wait for quota."""
        shown = {run.id for run in besides}
        return sum(r.status == "waiting" and r.name == name and r.id not in shown for r in self._all())

    @property
    def waiting_runs(self) -> list[RunState]:
        """The runs that wait, in the order they were asked for."""
        return self.in_state("waiting")

    # ---------------------------------------------------------------- cancelling

    def to_cancel(self, first: RunState | None = None) -> list[RunState]:
        """Return what a press of the cancel key stops: `first` if it goes on, all that wait, all that run."""
        if first is not None and not first.over:
            return [first]
        return self.in_state("waiting") or self.in_state("running")

    def in_state(self, status: str) -> list[RunState]:
        """Return the runs that wait, or those that run."""
        return [run for run in self._all() if run.status == status]

    def _all(self) -> Iterable[RunState]:
        return self._runs.values()


def _key(showing: Showing) -> str:
    return showing[0].batch or showing[0].id
