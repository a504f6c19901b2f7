"""Prints how near a matrix comes to the ideal schedule: `uv run python -m tests.bench.bench_matrix`.

5 prompts × 2 versions × 5 providers × 4 cases against the simulator with its own limits, in virtual time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.core.engine.matrix.rehearsal import Rehearsal, cases_of, plan_of, version_row
from tests.core.engine.stage import PROVIDERS, Stage, play
from tui.core.engine.run import wire_request
from tui.core.quota.limits import RESERVE
from tui.core.settings import parse_settings
from tui.simulator import SimulatorSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tui.core.engine.matrix.grid import Grid
    from tui.core.quota.limits import Limits

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")
CASES = "\n".join(
    [
        "checks: [finish: stop, min_words: 1]",
        "cases:",
        *(f"- {{name: c{number}, vars: {{hero: H{number}}}}}" for number in range(4)),
    ]
)


@dataclass(frozen=True)
class Played:
    """A matrix from its beginning to its end; times are in seconds."""

    grid: Grid
    took: float
    ideal: float
    """As long as it would take with the same answers, if every call went the moment the limits allow."""
    refused: Mapping[str, int]
    """429s for want of quota, which could have been avoided, by provider."""

    @property
    def efficiency(self) -> float:
        """1 is as fast as the limits allow."""
        return self.ideal / self.took


def own_limits(folder: Path) -> dict[str, Limits]:
    """The limits that the program comes with."""
    found = parse_settings("", folder / "settings.toml").enabled_providers({})
    return {name: limits for name, (_, limits) in found.items() if name in PROVIDERS}


def first_moments(limits: Limits, calls: int) -> list[float]:
    """When calls that leave the reserve may go at the earliest, by the definition of the token bucket.

    Refilled at limit/60 a second, full at first; where the limit is strict it is the same up to its burst.
    """
    limit = limits.requests_per_minute
    assert limit is not None
    burst = min(limits.burst or limit, limit)
    at_once = burst - int(RESERVE * burst)
    return [max(0.0, (number + 1 - at_once) * 60 / limit) for number in range(calls)]


async def act(stage: Stage, limits: Mapping[str, Limits]) -> Played:
    """Play the matrix."""
    rows = [version_row(name, version) for name in NAMES for version in (1, 2)]
    plan = plan_of(
        rows,
        cases_of(**dict.fromkeys(NAMES, CASES)),
        PROVIDERS,
        lambda request: wire_request(request, stage.accounts[request.provider]),
    )
    rehearsal = Rehearsal(stage, plan)
    began = stage.loop.time()
    grid = await rehearsal.matrix.carry_out()
    took = stage.loop.time() - began
    ideal = 0.0
    for name in PROVIDERS:
        lengths = [
            state.total_s or 0.0
            for cell, state in zip(plan.cells, grid.cells, strict=True)
            if cell.request.provider == name
        ]
        starts = first_moments(limits[name], len(lengths))
        ideal = max(ideal, *(start + length for start, length in zip(starts, lengths, strict=True)))
    tallies = {name: stage.simulation.accounts[name].tally for name in PROVIDERS}
    return Played(grid, took, ideal, {name: len(tally.refused_at) for name, tally in tallies.items()})


def played(folder: Path, settings: SimulatorSettings | None = None) -> Played:
    """Play it at a simulator, in virtual time."""
    limits = own_limits(folder)
    return play(lambda stage: act(stage, limits), settings or SimulatorSettings(), limits)


if __name__ == "__main__":
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as place:
        found = played(Path(place))
    counted = Counter(cell.status for cell in found.grid.cells)
    print(f"{len(found.grid.cells)} cells: {dict(counted)}; 429s: {dict(found.refused)}")
    print(f"{found.took:.2f} s, {found.ideal:.2f} s at best: {found.efficiency:.1%}")
