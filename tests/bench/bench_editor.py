"""Prints what a typed key costs in the editor pane at 120x40: `uv run python -m tests.bench.bench_editor`.

Beside a stock TextArea with the same text. A key alone: bytes until the terminal is quiet, and the time to
the first of them. A key of many, typed without a pause: the time to the first byte, and CPU time of the whole
program. What follows a key by itself (the draft, the preview) counts with it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect

from tests.bench.bench_streams import cpu_of
from tests.e2e.conftest import Home

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

KEYS = 20
TYPED = 100
RHYTHM_S = 0.09
"""Between two keys of a fast typist."""
QUIET_S = 0.5
LINES = (20, 2000)
STOCK = """
import sys
from textual.app import App
from textual.widgets import TextArea
class Stock(App):
    def compose(self):
        yield TextArea(open(sys.argv[1]).read(), show_line_numbers=True)
Stock().run()
"""


def main() -> None:
    """Measure and print."""
    print(f"120x40, {KEYS} keys alone, {TYPED} typed         alone            one of many, ms")
    print("                                      bytes     ms   median    p95   CPU")
    for lines in LINES:
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder).resolve())
            home.prompts.mkdir()
            text = "\n".join(f"{number} **Point:** {{{{hero}}}} went on." for number in range(lines))
            path = home.noir(1, active=True, more=text)
            print_row(f"stock TextArea, {lines} lines", home, ["-c", STOCK, str(path)], [b"noir"])
            print_row(f"editor pane, {lines} lines", home, ["-m", "tui", "--demo"], [b"first line", b"saved"])


def print_row(name: str, home: Home, arguments: list[str], awaited: list[bytes]) -> None:
    """Type keys into a program, and print what one of them took."""
    child = spawned(arguments, home)
    child.expect(awaited[0])
    for more in awaited[1:]:
        until_quiet(child)
        child.send("i")
        child.expect(more)
    until_quiet(child)
    sizes, times = zip(*alone(child), strict=True)
    used = cpu_of(int(child.pid or 0))
    typed = sorted(in_rhythm(child))
    used = cpu_of(int(child.pid or 0)) - used
    late = typed[len(typed) * 95 // 100]
    print(
        f"  {name:<32}{statistics.median(sizes):9,.0f}{statistics.median(times) * 1e3:7.1f}"
        f"{statistics.median(typed) * 1e3:9.1f}{late * 1e3:7.1f}{used / TYPED * 1e3:6.1f}"
    )
    child.kill(9)
    child.wait()
    child.close()


def spawned(
    arguments: Sequence[str], home: Home, environ: Mapping[str, str] | None = None
) -> pexpect.spawn[bytes]:
    """Start a Python program in a terminal of 120x40; its keys are sent at once."""
    root = str(Path(__file__).resolve().parents[2])
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PATH": "/usr/bin:/bin"}
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable,
        list(arguments),
        env={**(environ or home.environ), **terminal, "PYTHONPATH": root},
        cwd=str(home.root),
        dimensions=(40, 120),
    )
    child.delaybeforesend = None  # else pexpect waits 50 ms before each key, and the time is its own
    return child


def alone(child: pexpect.spawn[bytes]) -> Iterator[tuple[int, float]]:
    """Type keys, each when the terminal is quiet; yield the bytes and the seconds to the first of them."""
    for number in range(KEYS):
        begin = time.perf_counter()
        child.send("abcdefghij"[number % 10])
        yield until_quiet(child, begin)


def in_rhythm(child: pexpect.spawn[bytes]) -> Iterator[float]:
    """Type keys without a pause; yield the seconds from each to the first byte that follows."""
    for number in range(TYPED):
        begin, first = time.perf_counter(), 0.0
        child.send("abcdefghij"[number % 10])
        while not first or time.perf_counter() < begin + RHYTHM_S:
            left = begin + RHYTHM_S - time.perf_counter()
            try:
                child.read_nonblocking(65536, timeout=max(0.001, left))
            except pexpect.TIMEOUT:
                continue
            first = first or time.perf_counter() - begin
        yield first


def until_quiet(
    child: pexpect.spawn[bytes], begin: float = 0.0, quiet_s: float = QUIET_S
) -> tuple[int, float]:
    """Read until nothing has come for a while; return the bytes, and the time from `begin` to the first."""
    size, first = 0, 0.0
    while True:
        try:
            data: bytes = child.read_nonblocking(65536, timeout=quiet_s)
        except pexpect.TIMEOUT:
            return size, first
        first = first or time.perf_counter() - begin
        size += len(data)


if __name__ == "__main__":
    main()
