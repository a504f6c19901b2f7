"""The runs this screen has seen, and which of them an answer pane shows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.core.engine.events import RunState

_KEPT = 200


class RunBook:
    """Keeps the latest state of each run, in the order they were asked for."""

    def __init__(self) -> None:
        self._runs: dict[str, RunState] = {}
        self._ratings: dict[str, tuple[str | None, str]] = {}

    def take_in(self, run: RunState) -> None:
        """Keep a run's latest state; old finished runs are forgotten (the database has them)."""
        if rating := self._ratings.get(run.id):
            run = dataclasses.replace(run, outcome=rating[0], note=rating[1])
        self._runs[run.id] = run
        if len(self._runs) > _KEPT:
            for old in [run.id for run in self._runs.values() if run.over][: len(self._runs) - _KEPT]:
                del self._runs[old]

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

    def shown(self, name: str) -> RunState | None:
        """Return the run of a prompt to show: the last asked for that was sent, else the first that waits."""
        runs = [run for run in self._runs.values() if run.name == name]
        sent = [run for run in runs if run.attempts or run.status == "failed"]
        return sent[-1] if sent else runs[0] if runs else None

    def waiting(self, name: str, *, besides: str) -> int:
        """Return how many other runs of a prompt wait for quota."""
        return sum(r.status == "waiting" and r.name == name and r.id != besides for r in self._runs.values())

    @property
    def waiting_runs(self) -> list[RunState]:
        """The runs that wait, in the order they were asked for."""
        return [run for run in self._runs.values() if run.status == "waiting"]

    def to_cancel(self) -> list[RunState]:
        """Return what a first press of the cancel key stops: all that wait, else all that run."""
        for status in ("waiting", "running"):
            if found := [run for run in self._runs.values() if run.status == status]:
                return found
        return []
