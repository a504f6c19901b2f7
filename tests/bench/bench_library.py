"""What loading prompts costs: `python -m tests.bench.bench_library`, to be read by people, not asserted.

For 1,000 and 10,000 generated files: a first load into an empty database, a start with everything unchanged,
a scan with everything unchanged, and the update of one file that was saved.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tui.core.prompts.files import find_prompt_files
from tui.core.prompts.library import Library
from tui.core.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.prompts.snapshot import LibrarySnapshot

SIZES = (1_000, 10_000)
UPDATES = 50

PROMPT = """---
name: {name}
version: {version}
description: One of the prompts of a benchmark
variables:
  - genre
  - name: character_type
    default: {name}
tags: [fiction, benchmark]
active: {active}
---

# Character generation

Generate a character for a {{{{genre}}}} story.

**Character type:** {{{{character_type}}}}

- Unique personality traits
- Consistent with the conventions of the genre
- No conflicts with existing characters
"""


def generate(folder: Path, count: int) -> None:
    """Write `count` prompt files, two versions a name, a hundred files a folder."""
    for number in range(count):
        path = folder / f"team-{number // 100:03}" / f"prompt-{number // 2:05}-v{number % 2 + 1}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        active = str(number % 2 == 1).lower()
        path.write_text(PROMPT.format(name=f"prompt-{number // 2:05}", version=number % 2 + 1, active=active))


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def report(label: str, seconds: float, count: int) -> None:
    """Print one line: in all, and per file."""
    print(f"  {label:<28}{seconds * 1e3:>10.1f} ms {seconds / count * 1e6:>10.1f} µs a file")


def time_updates(library: Library, folder: Path) -> list[float]:
    """Return the seconds that it takes to take in each of some saved files."""
    paths = [Path(found.path) for found in find_prompt_files(folder)][:UPDATES]
    seconds = []
    for path in paths:
        with (folder / path).open("a") as file:
            file.write("One more line.\n")
        seconds.append(timed(lambda path=path: library.update([path])))  # type: ignore[misc]
    return seconds


def run(count: int) -> None:
    """Measure one size."""
    with tempfile.TemporaryDirectory() as place:
        folder, path = Path(place) / "prompts", Path(place) / "penstock.db"
        generate(folder, count)
        first_rows: list[float] = []
        begin = time.perf_counter()

        def progress(snapshot: LibrarySnapshot) -> None:
            if snapshot.versions and not first_rows:
                first_rows.append(time.perf_counter() - begin)

        database = Database.open(path)
        library = Library(folder, database)
        print(f"{count:,} files")
        report("first load", timed(lambda: library.scan(progress)), count)
        print(f"  {'first rows after':<28}{first_rows[0] * 1e3:>10.1f} ms")
        time.sleep(0.1)  # files read within a tick of their writing are, once, read again
        library.scan()
        report("scan, all unchanged", min(timed(library.scan) for _ in range(3)), count)
        report("start, all unchanged", timed(Library(folder, database).scan), count)
        updates = time_updates(library, folder)
        median, worst = statistics.median(updates) * 1e3, max(updates) * 1e3
        print(
            f"  {'update of one file':<28}{median:>10.2f} ms median, {worst:.2f} ms worst of {len(updates)}"
        )
        assert len(library.snapshot.versions) == count
        database.close()


if __name__ == "__main__":
    for size in SIZES:
        run(size)
