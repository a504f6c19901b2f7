"""What four processes make of one quota in a minute: `python -m tests.bench.bench_shares [PROVIDER …]`.

For each provider, with the limits that are the default there and here, four programs on one key call the
simulator as fast as they may. To be read by people, not asserted; aims: nothing refused, 99 % of the quota
used, shares within 15 %, each process first come, first served.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.e2e.crowd import CALLS, saturate
from tui.core.settings import parse_settings
from tui.simulator import AT_ONCE, SimulatorServer, SimulatorSettings

SECONDS = 60.0


def measure(provider: str) -> str:
    """Run for a minute and return the line of the table."""
    limits = parse_settings("", Path("settings.toml")).enabled_providers()[provider][1]
    rate = limits.requests_per_minute
    with (
        tempfile.TemporaryDirectory() as folder,
        SimulatorServer(SimulatorSettings(pace=AT_ONCE)) as simulator,
    ):
        stated = f"requests_per_minute = {rate}"
        crowd = saturate(Path(folder), simulator, provider, limits=stated, seconds=SECONDS)
        refused = simulator.stats()[provider]["too_many"]
    most = float(rate) if limits.shape == "strict" else limits.burst_size + rate * SECONDS / 60
    shares = crowd.shares()
    mean = sum(shares) / len(shares)
    off = max(abs(share - mean) for share in shares) / mean
    order = "yes" if crowd.fifo else "no"
    used = crowd.total / most
    return f"{provider:<10} {refused:>7} {crowd.total:>6} {used:>7.1%}  {shares!s:<20} {off:>6.0%}  {order}"


def main() -> None:
    """Print a line for each provider."""
    print(f"{'':<10} {'refused':>7} {'calls':>6} {'used':>7}  {'by process':<20} {'off':>6}  in order")
    for provider in sys.argv[1:] or CALLS:
        print(measure(provider), flush=True)


if __name__ == "__main__":
    main()
