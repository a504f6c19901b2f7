"""What the history costs with many runs: `python -m tests.bench.bench_history [RUNS]`, read by people.

From the key to the rows on the screen, at 120x40: opening, a page down, the end, a search, an export. The
runs are those of bench_search.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.bench_search import COUNT, Writer, fill
from tests.e2e.conftest import Home
from tui.app import PenstockApp
from tui.core.engine.engine import Engine
from tui.core.settings import parse_settings
from tui.core.store.database import Database
from tui.core.workspace import Options, resolve
from tui.screens.history import History

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from tui.core.store.search import FoundRun


async def until(pilot: Pilot[None], condition: Callable[[], object], key: str = "") -> float:
    """Press a key; return the milliseconds from then until the condition holds."""
    began = time.perf_counter()
    if key:
        await pilot.press(key)
    while not condition():
        await pilot.pause(0.001)
    return (time.perf_counter() - began) * 1e3


def tell(label: str, ms: float) -> None:
    print(f"{label:32}{ms:>9.0f} ms")


async def measure(home: Home, writer: Writer, count: int) -> None:
    """Press keys and print how long each takes."""
    workspace = resolve(Options(prompts=home.prompts, data_dir=home.root / "data"), None, {})
    began = time.perf_counter()
    with closing(Database.open(workspace.database)) as database:
        fill(database, writer, count)
    print(f"{count:,} runs stored in {time.perf_counter() - began:.0f} s")
    app = PenstockApp(Engine(workspace, parse_settings("", home.root / "settings.toml"), environ={}))
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.to_thread(app.engine.loaded)
        opened = await until(pilot, lambda: isinstance(app.screen, History) and app.screen.runs.run, "H")
        tell("open: rows", opened)
        history = app.screen
        assert isinstance(history, History)
        tell("open: counted", await until(pilot, lambda: f"{count:,} runs" in history.heading.text))
        began = time.perf_counter()
        await pilot.press(*["pagedown"] * 20)
        tell("a page down, of 20", (time.perf_counter() - began) * 50)
        tell("the end", await until(pilot, lambda: history.runs.cursor == count - 1, "G"))
        for label, query in (
            ("a common word", writer.words[0]),
            ("a rare word", writer.words[20_000]),
            ("a fragment nowhere", "*qqqq"),
        ):
            before = history.runs.window.rows
            history.look(query)
            shown = await until(pilot, partial(_changed, history, before))
            tell(f"{label}: rows", shown)
            tell(f"{label}: counted", await until(pilot, lambda: "…" not in history.heading.text))
        history.look("")
        await until(pilot, lambda: f"{count:,} runs" in history.heading.text)
        for name in ("runs.jsonl", "runs.csv"):
            target = home.root / name
            app.engine.history.export(history._wanted, target, "csv" if name.endswith("csv") else "jsonl")
            # The file alone is too early: another export is refused until this one has said that it ended.
            told = partial(_told_of, history, target)
            tell(f"export, {name}", await until(pilot, told))


def _changed(history: History, before: list[FoundRun]) -> bool:
    return history.runs.window.rows is not before


def _told_of(history: History, target: Path) -> bool:
    return f"to {target}." in history.key_line.message


def main() -> None:
    """Measure in a folder that is thrown away."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder).resolve())
        home.prompts.mkdir()
        home.noir(1, active=True)
        asyncio.run(measure(home, Writer(random.Random(1)), count))


if __name__ == "__main__":
    main()
