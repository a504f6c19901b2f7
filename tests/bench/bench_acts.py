"""Prints what an act costs at 120x40, beside stock Textual: `uv run python -m tests.bench.bench_acts`.

Moving a row and opening the palette: bytes until the terminal is quiet, and the time until the first of them.
A filling gauge and an answer of 50 tokens a second: bytes and CPU time a second. Last the memory of the
program after what hours of work do, as fast as that goes. A key typed in the editor is in bench_editor.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect

from tests.bench.bench_editor import spawned, until_quiet
from tests.bench.bench_streams import cpu_of, finished, simulator, wired
from tests.e2e.conftest import Home

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TIMES = 20
WATCHED_S = 8.0
HOURS = 2
ANSWERS = 60
"""An hour's: one a minute."""
QUIET_S = 0.06
ESCAPED_S = 0.2
"""Longer than an escape waits for what may belong to it."""
MINUTE = ("H", "\x1b", "\x10", "\x1b", "tt", "i", " It rained.", "\x13", "\x1b", "s", "\x1b")
"""A look at the history, the palette, the preview; a sentence written and saved; a look at the A/B test."""
PALETTE = ["\x10", "\x1b"]
"""Opened and closed."""
DEMO = ("-m", "tui", "--demo")
HEAD = """
import asyncio
from textual.app import App
from textual.widgets import DataTable, Markdown, ProgressBar
class Stock(App):
"""
ROWS = """
    def compose(self):
        yield DataTable(cursor_type="row")
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("name", "version", "used", "rate")
        for number in range(30):
            table.add_row(f"noir-{number}", "v1", "12 x", ".74")
Stock().run()
"""
GAUGES = """
    def compose(self):
        for _ in range(5):
            yield ProgressBar(total=50, show_eta=False)
    def on_mount(self):
        self.set_interval(1, lambda: self.query(ProgressBar).first().advance(1))
Stock().run()
"""
STREAM = """
    def compose(self):
        yield Markdown()
    def on_mount(self):
        self.run_worker(self.read())
    async def read(self):
        stream = Markdown.get_stream(self.query_one(Markdown))
        for number in range(100_000):
            await stream.write("noir " if number % 60 else "\\n\\n## Rain\\n\\n")
            await asyncio.sleep(1 / 50)
Stock().run()
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder).resolve())
        home.prompts.mkdir()
        for version in range(1, 21):
            home.noir(version, active=version == 1)
        print(f"an act, median of {TIMES}, 120x40            bytes       ms")
        arrows, letters, palette = (
            pair * (TIMES // 2) for pair in (["\x1b[B", "\x1b[A"], ["j", "k"], PALETTE)
        )
        print_act("moving a row, DataTable", home, ("-c", HEAD + ROWS), arrows)
        print_act("moving a row, Penstock", home, DEMO, letters)
        print_act("opening the palette, Textual", home, ("-c", HEAD + ROWS), palette)
        print_act("opening the palette, Penstock", home, DEMO, palette)
        print("a second of                               bytes   CPU %")
        print_seconds("one ProgressBar of five advancing", home, ("-c", HEAD + GAUGES))
        print_seconds("one gauge of five filling", home, DEMO, "r" * 20, 12.0)
        print_seconds("50 tokens into MarkdownStream", home, ("-c", HEAD + STREAM))
    print_stream()
    print_memory()


@contextmanager
def program(
    home: Home, arguments: Sequence[str], environ: Mapping[str, str] | None = None
) -> Iterator[pexpect.spawn[bytes]]:
    """A Python program in a terminal of 120x40 that has settled."""
    child = spawned(arguments, home, environ)
    child.expect(rb"noir|\xe2|story|%|Rain")
    drain(child, 2.5)
    try:
        yield child
    finally:
        child.kill(9)
        child.wait()
        child.close()


def print_act(name: str, home: Home, arguments: Sequence[str], keys: Sequence[str]) -> None:
    """Press keys; the palette's other half, closing it, does not count."""
    with program(home, arguments) as child:
        results = []
        for key in keys:
            begin = time.perf_counter()
            child.send(key)
            results.append(until_quiet(child, begin))
            assert results[-1][0], f"{key!r} did nothing"
    counted = results[::2] if PALETTE[0] in keys else results
    sizes, times = zip(*counted, strict=True)
    print(f"  {name:<36}{statistics.median(sizes):8,.0f} {statistics.median(times) * 1e3:8.1f}")


def print_seconds(
    name: str,
    home: Home,
    arguments: Sequence[str],
    keys: str = "",
    settle_s: float = 0.0,
    environ: Mapping[str, str] | None = None,
) -> None:
    """Watch a program for a while, after pressing keys and letting it settle."""
    with program(home, arguments, environ) as child:
        child.send(keys)
        drain(child, settle_s)
        used = cpu_of(int(child.pid or 0))
        size = drain(child, WATCHED_S)
        used = cpu_of(int(child.pid or 0)) - used
    print(f"  {name:<36}{size / WATCHED_S:8,.0f} {used / WATCHED_S * 100:7.1f}")


def print_stream() -> None:
    """An answer that comes at 50 tokens a second."""
    with simulator(50) as url, tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder).resolve())
        arguments, environ = wired(home, url, 900)
        print_seconds("50 tokens into the answer pane", home, ("-m", "tui", *arguments), "r", 2.0, environ)


def print_memory() -> None:
    """The resident memory at the start and after each third of an hour's acts."""
    third = ANSWERS // 3
    with simulator(0) as url, tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder).resolve())
        arguments, environ = wired(home, url, 600)
        with program(home, ("-m", "tui", *arguments), environ) as child:
            print(f"memory, MB: at the start {resident(child):.0f}", end="")
            for number in range(1, HOURS * ANSWERS + 1):
                minute(child, url, number)
                if number % third == 0:
                    print(f", after {number} min {resident(child):.0f}", end="", flush=True)
            print()


def minute(child: pexpect.spawn[bytes], url: str, number: int) -> None:
    """A minute's acts: an answer, and all that is looked at and written meanwhile."""
    child.send("r")
    for _ in range(100):
        drain(child, 0.1)
        if finished(url) >= number:
            break
    else:
        raise RuntimeError(f"answer {number} has not come")
    for keys in MINUTE:
        until_quiet(child, quiet_s=QUIET_S)
        child.send(keys)
        if keys == "\x1b":
            drain(child, ESCAPED_S)
    until_quiet(child, quiet_s=QUIET_S)


def drain(child: pexpect.spawn[bytes], seconds: float) -> int:
    """Read for so long; return the bytes that came."""
    end, size = time.monotonic() + seconds, 0
    while (left := end - time.monotonic()) > 0:
        try:
            size += len(child.read_nonblocking(65536, timeout=left))
        except pexpect.TIMEOUT:
            break
    return size


def resident(child: pexpect.spawn[bytes]) -> float:
    """Return the resident memory of a program in MB (proc(5), VmRSS)."""
    status = Path(f"/proc/{child.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
