"""Prints what a typed key costs in the editor pane at 120x40: `uv run python -m tests.bench.bench_editor`.

Bytes until the terminal is quiet, and the time until the first of them, beside a stock TextArea with the same
text. What follows a key by itself (the draft, the preview) counts with it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import pexpect

from tests.e2e.conftest import Home

KEYS = 40
QUIET_S = 0.5
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
    print(f"one key, median of {KEYS}, 120x40          bytes       ms")
    for lines in (20, 2000):
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder).resolve())
            home.prompts.mkdir()
            text = "\n".join(f"{number} **Point:** {{{{hero}}}} went on." for number in range(lines))
            path = home.noir(1, active=True, more=text)
            print_row(f"stock TextArea, {lines} lines", home, ["-c", STOCK, str(path)], [b"noir"])
            print_row(f"editor pane, {lines} lines", home, ["-m", "tui", "--demo"], [b"first line", b"saved"])


def print_row(name: str, home: Home, arguments: list[str], awaited: list[bytes]) -> None:
    """Type keys into a program, and print what one of them took."""
    root = str(Path(__file__).resolve().parents[2])
    terminal = {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": root,
    }
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable,
        arguments,
        env={**home.environ, **terminal, "PYTHONPATH": root},
        cwd=str(home.root),
        dimensions=(40, 120),
    )
    child.expect(awaited[0])
    for more in awaited[1:]:
        until_quiet(child)
        child.send("i")
        child.expect(more)
    until_quiet(child)
    results = []
    for number in range(KEYS):
        begin = time.perf_counter()
        child.send("abcdefghij"[number % 10])
        results.append(until_quiet(child, begin))
    sizes, times = zip(*results, strict=True)
    print(f"  {name:<36}{statistics.median(sizes):8,.0f} {statistics.median(times) * 1e3:8.1f}")
    child.kill(9)
    child.wait()
    child.close()


def until_quiet(child: pexpect.spawn[bytes], begin: float = 0.0) -> tuple[int, float]:
    """Read until nothing has come for a while; return the bytes, and the time from `begin` to the first."""
    size, first = 0, 0.0
    while True:
        try:
            data: bytes = child.read_nonblocking(65536, timeout=QUIET_S)
        except pexpect.TIMEOUT:
            return size, first
        first = first or time.perf_counter() - begin
        size += len(data)


if __name__ == "__main__":
    main()
