"""What is made of one quota in a minute: `python -m tests.bench.bench_shares [PROVIDER …]`.

For each provider, with the limits that are the default there and here, four programs on one key call the
simulator as fast as they may; then the program with its screen open does, by itself. To be read by people,
not asserted; aims: nothing refused, 99 % of the whole calls for which there is room, shares within 15 %, each
process first come, first served.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.e2e.conftest import Home
from tests.e2e.crowd import CALLS, saturate
from tests.e2e.screenful import saturate_from_the_screen
from tui.core.settings import parse_settings
from tui.simulator import AT_ONCE, SimulatorServer, SimulatorSettings

SECONDS = 60.0


def measure(provider: str) -> str:
    """Run for a minute and return the line of the table."""
    limits = parse_settings("", Path("settings.toml")).enabled_providers()[provider][1]
    with (
        tempfile.TemporaryDirectory() as folder,
        SimulatorServer(SimulatorSettings(pace=AT_ONCE)) as simulator,
    ):
        crowd = saturate(Path(folder), simulator, provider, limits=limits, seconds=SECONDS)
        refused = simulator.stats()[provider]["too_many"]
    order = "yes" if crowd.fifo else "no"
    used, off = crowd.used(limits), crowd.unevenness
    figures = f"{refused:>7} {crowd.total:>6} {used:>7.1%}  {crowd.shares!s:<20} {off:>6.0%}"
    return f"{provider:<10} {figures}  {order}"


def measure_screen(provider: str) -> str:
    """Run for a minute with a screen open and return the line of the second table."""
    limits = parse_settings("", Path("settings.toml")).enabled_providers()[provider][1]
    with (
        tempfile.TemporaryDirectory() as folder,
        SimulatorServer(SimulatorSettings(pace=AT_ONCE)) as simulator,
    ):
        home = Home(Path(folder).resolve())
        home.prompts.mkdir()
        home.noir(1, active=True)
        seen = saturate_from_the_screen(home, simulator, provider, limits, SECONDS)
    used = seen.accepted / seen.room
    return f"{provider:<10} {seen.refused:>7} {seen.accepted:>6} {used:>7.1%}"


def main() -> None:
    """Print a line for each provider: four programs at once, then one with its screen open."""
    providers = sys.argv[1:] or list(CALLS)
    print(f"{'':<10} {'refused':>7} {'calls':>6} {'used':>7}  {'by process':<20} {'off':>6}  in order")
    for provider in providers:
        print(measure(provider), flush=True)
    print(f"\n{'a screen':<10} {'refused':>7} {'calls':>6} {'used':>7}")
    for provider in providers:
        print(measure_screen(provider), flush=True)


if __name__ == "__main__":
    main()
