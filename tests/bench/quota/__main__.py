"""Print the comparison; it takes about three minutes, most of it waiting."""

from __future__ import annotations

import asyncio
import platform
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.quota import measures
from tests.bench.quota.contenders import contenders
from tests.bench.quota.shared import report

if TYPE_CHECKING:
    from tests.bench.quota.measures import Make

COLUMNS = [
    "us/acq",
    "eff %",
    "FIFO",
    "timers/grant",
    "CPU %",
    "timers/s",
    "max/1s",
    "util %",
    "24 s",
    "big s",
]
COLUMNS += ["gauge ms", "try ms"]


async def row(make: Make) -> list[str]:
    """Measure one limiter; what is measured over 24 s runs by itself afterwards."""
    cells = [await measures.microseconds(make)]
    cells += await measures.efficiency(make)
    cells += await measures.idle(make)
    cells += await measures.bursts(make)
    return [*cells, "", await measures.big(make), *await measures.while_another_waits(make)]


async def drained(makers: list[Make]) -> list[str]:
    """Measure all at the same time: they only wait."""
    return list(await asyncio.gather(*(measures.after_draining(make) for make in makers)))


def main() -> None:
    """Measure everything and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        found = contenders(Path(folder))
        rows = {name: asyncio.run(row(make)) for name, make in found.items()}
        for cells, went in zip(rows.values(), asyncio.run(drained(list(found.values()))), strict=True):
            cells[COLUMNS.index("24 s")] = went
        shared = report(Path(folder))
    print(f"Python {platform.python_version()} on {platform.machine()}\n")
    print("| contender | " + " | ".join(COLUMNS) + " |")
    print("|---" * (len(COLUMNS) + 1) + "|")
    for name, cells in rows.items():
        print(f"| {name} | " + " | ".join(cells) + " |")
    print(f"\nOne file shared by four processes, 5 tasks each:\n\n{shared}")


if __name__ == "__main__":
    main()
