"""Prints what the screen costs in time and bytes: `uv run python -m tests.bench.bench_screen`.

Start: until the first frame and the first prompt row, beside a bare Textual app. Save: until the row is
committed and until the cell is on the screen, beside watchfiles' own default. Idle: bytes sent in 10 s.
Columns: bytes sent while five answers stream side by side.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pexpect
from watchfiles import awatch

from tests.e2e.conftest import Home
from tests.e2e.terminal import Terminal
from tui.core.workspace import Options, resolve

STARTS = 7
SAVES = 40
IDLE_S = 10.0
BARE_APP = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("ready to go")
Bare().run()
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder).resolve())
        home.prompts.mkdir()
        home.noir(1, active=True)
        home.noir(2, active=False)
        print_start(home)
        print_saves(home)
        print_idle(home)
        print_columns(home)


def print_start(home: Home) -> None:
    """Print how long a start takes, beside a bare app."""
    bare = [until_shown([sys.executable, "-c", BARE_APP], home, rb"ready to go") for _ in range(STARTS)]
    ours = [sys.executable, "-m", "tui", "--demo"]
    frame = [until_shown(ours, home, rb"SIMULATED") for _ in range(STARTS)]
    row = [until_shown(ours, home, rb"first line of a noir") for _ in range(STARTS)]
    print(f"start, median of {STARTS}, ms (and times a bare Textual app)")
    for name, values in [("bare Textual app", bare), ("first frame", frame), ("first prompt row", row)]:
        median = statistics.median(values)
        print(f"  {name:<22}{median * 1e3:8.0f}   {median / statistics.median(bare):.2f} ×")


def until_shown(command: list[str], home: Home, pattern: bytes) -> float:
    """Return the seconds from starting a program until it has sent the pattern."""
    begin = time.perf_counter()
    environ = {**home.environ, "PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    root = str(Path(__file__).resolve().parents[2])
    child: pexpect.spawn[bytes] = pexpect.spawn(
        command[0],
        command[1:],
        env={**environ, "PYTHONPATH": root},
        dimensions=(40, 120),
        cwd=str(home.root),
    )
    child.expect(pattern)
    elapsed = time.perf_counter() - begin
    child.kill(9)
    child.wait()
    child.close()
    return elapsed


def print_saves(home: Home) -> None:
    """Print how long a save takes to the database and to the screen."""
    path = home.prompts / "noir-v1.md"
    original = path.read_text()
    database = resolve(
        Options(prompts=home.prompts, data_dir=home.root / "data", demo=True), None, {}
    ).database
    committed: list[float] = []
    shown: list[float] = []
    with Terminal(["--demo"], environ=home.environ, cwd=home.root) as terminal:
        terminal.wait_for("first line of a noir")
        terminal.pump(1.0)
        for number in range(SAVES):
            marker = f"mark{number:03}"
            with ThreadPoolExecutor(1) as watcher:
                commit = watcher.submit(until_committed, database, marker)
                begin = time.perf_counter()
                path.write_text(original.replace("first line", f"{marker} line"))
                terminal.wait_for(marker)
                shown.append(time.perf_counter() - begin)
                committed.append(commit.result() - begin)
            terminal.pump(0.15)
    default = asyncio.run(watchfiles_default(path, original))
    print(f"save, {SAVES} times, ms            median      p95")
    for name, values in [
        ("row committed", committed),
        ("cell on the screen", shown),
        ("watchfiles default", default),
    ]:
        ranked = sorted(values)
        print(
            f"  {name:<26}{ranked[len(ranked) // 2] * 1e3:10.1f}{ranked[int(len(ranked) * 0.95)] * 1e3:9.1f}"
        )


def until_committed(database: Path, marker: str) -> float:
    """Return the moment at which the marker is in the database."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        query = "SELECT 1 FROM prompt_templates WHERE template LIKE ?"
        while not connection.execute(query, (f"%{marker}%",)).fetchall():
            time.sleep(0.0005)
    return time.perf_counter()


async def watchfiles_default(path: Path, text: str) -> list[float]:
    """Return how long watchfiles takes to report a save with its own settings."""
    times: list[float] = []
    stop = asyncio.Event()
    reported = asyncio.Event()

    async def watch() -> None:
        async for _ in awatch(path.parent, stop_event=stop):
            reported.set()

    task = asyncio.create_task(watch())
    await asyncio.sleep(0.5)
    for number in range(SAVES):
        reported.clear()
        begin = time.perf_counter()
        path.write_text(f"{text}{number}")
        await reported.wait()
        times.append(time.perf_counter() - begin)
        await asyncio.sleep(0.15)
    stop.set()
    await task
    return times


def print_idle(home: Home) -> None:
    """Print how much an idle screen sends, with every gauge full and with one filling."""
    with Terminal(["--demo"], environ=home.environ, cwd=home.root) as terminal:
        terminal.wait_for("line of a noir")
        terminal.pump(3.0)
        idle = count(terminal, IDLE_S)
        terminal.send("r" * 20)
        terminal.wait(lambda text: re.search(r"today 20 calls", text), "20 calls")
        terminal.wait(lambda text: not re.search(r"\d running", text), "no running calls")
        filling = count(terminal, IDLE_S)
    print(f"bytes sent in {IDLE_S:g} s     all gauges full {idle:,}     one filling {filling:,}")


def print_columns(home: Home) -> None:
    """Print how much five answers send that stream side by side, beside the text that they are."""
    with Terminal(["--demo"], environ=home.environ, cwd=home.root, columns=180, rows=50) as terminal:
        terminal.wait_for("line of a noir")
        terminal.pump(3.0)
        terminal.send("R")
        terminal.wait_for("Run together")
        terminal.pump(1.0)
        before = terminal.received
        terminal.send("\r")
        terminal.wait_for("5/5")
        sent = terminal.received - before
    database = resolve(
        Options(prompts=home.prompts, data_dir=home.root / "data", demo=True), None, {}
    ).database
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        last = "SELECT answer FROM runs WHERE batch_id IS NOT NULL ORDER BY created_at DESC LIMIT 5"
        answers = [answer for (answer,) in connection.execute(last)]
    text = sum(len(answer.encode()) for answer in answers)
    print(f"{len(answers)} answers side by side   {sent:,} bytes sent for {text:,} bytes of text")


def count(terminal: Terminal, seconds: float) -> int:
    """Return the bytes received in so many seconds."""
    end, total = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        total += terminal.pump(0.1)
    return total


if __name__ == "__main__":
    main()
