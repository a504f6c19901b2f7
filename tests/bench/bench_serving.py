"""What serving costs: `python -m tests.bench.bench_serving`, read by people.

Eight processes take a prompt whose traffic is split, and tell how it went, 1,000 times each on one database;
none of it may be lost. Then one process alone.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.core.engine.test_serving import call_from_other_processes
from tests.core.engine.workshop import Workshop
from tui.simulator import SimulatorServer


def measure(workshop: Workshop, processes: int, times: int, already: int) -> int:
    """Print the calls a second; return how many calls the database has."""
    began = time.perf_counter()
    took = call_from_other_processes(workshop, processes, times)
    whole = time.perf_counter() - began
    calls = processes * times
    [row] = workshop.rows("SELECT sum(usage_count) AS used FROM prompt_templates")
    told = workshop.rows("SELECT count(*) AS n FROM uses WHERE outcome IS NOT NULL")[0]["n"]
    lost = already + calls - row["used"], already + calls - told
    print(
        f"{processes} × {times:,}: {max(took):.1f} s ({whole:.1f} s with their starts), "
        f"{1e3 * max(took) / times:.2f} ms for a use and its report in each; lost {lost[0]} and {lost[1]}"
    )
    return already + calls


def main() -> None:
    """Measure in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder, SimulatorServer() as simulator:
        workshop = Workshop(Path(folder), simulator)
        workshop.prompt(version=1, weight=50)
        workshop.prompt(version=2, weight=50, body="Write of {{hero}}.")
        already = measure(workshop, 8, 1000, 0)
        measure(workshop, 1, 1000, already)


if __name__ == "__main__":
    main()
