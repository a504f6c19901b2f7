"""Prints what reading a stream costs: `uv run python -m tests.bench.bench_streams`.

A chunk: the CPU time that each dialect's reader adds to httpx handing over the same bytes. A stream, and five
at once, with the screen open (a pty of 120×40), as fast as the simulator writes and at a real model's pace:
tokens a second, and the CPU time of the whole program beside that of a bare httpx reader of the same streams.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.core.providers.bench import Chunks, bench
from tests.core.providers.streams import ALL, NATIVE, TRICKY, name_of, native_line
from tests.e2e.conftest import Home
from tests.e2e.terminal import Terminal
from tests.simulator.asks import MAIN
from tui.core.providers.base import TextDelta
from tui.simulator.app import BASE_PATHS

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Sequence

    from tests.core.providers.streams import Recorded

REPEATS = 400
ROUNDS = 5
SIMULATOR = """
import sys, threading
from tui.simulator import Pace, SimulatorServer, SimulatorSettings
wide = dict.fromkeys(("openai", "anthropic", "google", "deepseek", "yandex"), 10**9)
settings = SimulatorSettings(wide, wide, wide, wide, pace=Pace(float(sys.argv[1]), 0))
with SimulatorServer(settings) as server:
    server.simulate("*", "huge")
    print(server.url, flush=True)
    threading.Event().wait()
"""
READER = """
import asyncio, json, sys, time, httpx
async def read(client, path, headers, body):
    async with client.stream("POST", path, headers=headers, json=body) as response:
        async for _ in response.aiter_bytes():
            pass
async def main(url, asks):
    async with httpx.AsyncClient(base_url=url, timeout=600) as client:
        cpu, begin = time.process_time(), time.perf_counter()
        await asyncio.gather(*(read(client, *ask) for ask in asks))
        print(time.perf_counter() - begin, time.process_time() - cpu)
asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
"""


def main() -> None:
    """Measure and print."""
    asyncio.run(print_chunks())
    for pace, limit, title in ((0, 9000, "as fast as it comes"), (60, 600, "at 60 tokens a second each")):
        with simulator(pace) as url:
            for streams in (1, 5):
                print_streams(url, streams, limit, title)


async def print_chunks() -> None:
    """Print the µs per chunk of httpx alone and of each reader on top."""
    print(f"a chunk, µs of CPU, least of {ROUNDS}          httpx    ours   added")
    for recorded in ALL:
        chunks = many_chunks(recorded)
        raw, ours = [], []
        for _ in range(ROUNDS):
            raw.append(await seconds(read_raw(recorded, chunks)))
            ours.append(await seconds(read_ours(recorded, chunks)))
        a, b = (min(times) / len(chunks) * 1e6 for times in (raw, ours))
        print(f"  {name_of(recorded):<32}{a:11.1f}{b:8.1f}{b - a:8.1f}")


def many_chunks(recorded: Recorded) -> list[bytes]:
    """The recorded stream with one frame of its text many times over; Yandex's own one grows."""
    if recorded is NATIVE:
        words = "слово " * REPEATS
        texts = (words[:end] for end in range(6, len(words) + 1, 6))
        return [native_line(text, "PARTIAL", 1) for text in texts] + [native_line(words, "FINAL", REPEATS)]
    end = b"\r\n\r\n" if b"\r\n" in recorded.body else b"\n\n"
    frames = [frame + end for frame in recorded.body.split(end) if frame.strip()]
    text = (TRICKY if TRICKY in recorded.text else recorded.text)[-3:].encode()
    middle = next(number for number, frame in enumerate(frames) if text in frame)
    return [*frames[:middle], *[frames[middle]] * REPEATS, *frames[middle + 1 :]]


async def seconds(work: Coroutine[None, None, None]) -> float:
    """Return the CPU seconds that a coroutine takes."""
    begin = time.process_time()
    await work
    return time.process_time() - begin


async def read_raw(recorded: Recorded, chunks: Sequence[bytes]) -> None:
    """Read with httpx alone."""
    work = bench(recorded.provider, Chunks(chunks), headers=recorded.headers)
    async with work.http() as http, http.stream("POST", "https://x.example", content=b"{}") as response:
        async for _ in response.aiter_bytes():
            pass


async def read_ours(recorded: Recorded, chunks: Sequence[bytes]) -> None:
    """Read with our client."""
    work = bench(recorded.provider, Chunks(chunks), headers=recorded.headers)
    async with work.http() as http, aclosing(work.open(http)) as items:
        assert any([isinstance(item, TextDelta) async for item in items])


@contextmanager
def simulator(tokens_per_second: float) -> Iterator[str]:
    """A simulator in a process of its own, whose answers are huge; gives its address."""
    command = [sys.executable, "-c", SIMULATOR, str(tokens_per_second)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def print_streams(url: str, streams: int, limit: int, title: str) -> None:
    """Print tokens a second and CPU for so many streams on the screen, and for a bare reader of the same."""
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu, tokens = on_the_screen(Home(Path(folder).resolve()), url, streams, limit)
    bare_wall, bare_cpu = bare(url, streams, limit)
    print(f"{streams} {'stream' if streams == 1 else 'streams'} {title}: {tokens:,} tokens")
    for name, took, used in (("with the screen", wall, cpu), ("bare httpx", bare_wall, bare_cpu)):
        rate = f"{tokens / took:10,.0f} tokens/s"
        print(f"  {name:<18}{rate}{used / tokens * 1e6:8.0f} µs of CPU a token{used / took * 100:6.1f} %")
    print(f"  ratio of the CPU times {cpu / bare_cpu:.1f}")


def wired(home: Home, url: str, limit: int) -> tuple[list[str], dict[str, str]]:
    """Give a home a long answer and wide quotas at a simulator; return arguments and environment."""
    home.prompts.mkdir()
    front = f"name: long\nversion: 1\nactive: true\nparameters: {{max_tokens: {limit}}}"
    home.write("long-v1.md", f"---\n{front}\n---\n\nTell a long story.\n")
    settings = home.root / "settings.toml"
    settings.write_text(
        "\n".join(
            f'[providers.{api.name}]\nbase_url = "{url}{BASE_PATHS[api.name]}"\n'
            f"[providers.{api.name}.limits]\nrequests_per_minute = 6000\nshape = 'bucket'"
            for api in MAIN
        )
    )
    keys = dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "DEEPSEEK_API_KEY"), "key")
    environ = {**home.environ, **keys, "YC_API_KEY": "key", "YC_FOLDER_ID": "folder"}
    return ["--settings", str(settings)], environ


def on_the_screen(home: Home, url: str, streams: int, limit: int) -> tuple[float, float, int]:
    """Return the seconds, the CPU seconds and the tokens of so many answers, with the app in a terminal."""
    arguments, environ = wired(home, url, limit)
    before = written(url)
    with Terminal(arguments, environ=environ, cwd=home.root) as terminal:
        terminal.wait_for("Tell a long story")
        terminal.pump(1.0)
        begin, used = time.perf_counter(), cpu_of(terminal.pid)
        terminal.send("p".join("r" * streams))
        while finished(url) - before[1] < streams:
            terminal.drain(0.05)
        return time.perf_counter() - begin, cpu_of(terminal.pid) - used, written(url)[0] - before[0]


def bare(url: str, streams: int, limit: int) -> tuple[float, float]:
    """Return the seconds and the CPU seconds that a process needs which does nothing but read."""
    asks = []
    for api in MAIN[:streams]:
        body = api.build("Tell a long story.", True, limit)
        asks.append((api.stream_path, api.headers, body))
    command = [sys.executable, "-c", READER, url, json.dumps(asks)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    wall, cpu = map(float, out.split())
    return wall, cpu


def written(url: str) -> tuple[int, int]:
    """Return the tokens that the simulator has written, and the answers that it has ended."""
    stats = httpx.get(f"{url}/stats").json().values()
    ended = sum(one["accepted"] - one["in_flight"] for one in stats)
    return sum(one["output_tokens"] for one in stats), ended


def finished(url: str) -> int:
    """Return the answers that the simulator has ended."""
    return written(url)[1]


def cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process, all threads, user and system (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
