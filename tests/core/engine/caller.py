"""A program of its own that takes a prompt many times and tells how it went: PROMPTS DATA SETTINGS TIMES."""

from __future__ import annotations

import sys
import time

from tui import Penstock


def main(prompts: str, data_dir: str, settings: str, times: int) -> None:
    """Wait for a line on stdin, then call; print the seconds that it took."""
    with Penstock(prompts, data_dir=data_dir, settings=settings, watch=False) as penstock:
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.perf_counter()
        for number in range(times):
            prompt = penstock.get_prompt("noir")
            prompt.report("failure" if number % 4 == 0 else "success")
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    prompts, data_dir, settings, times = sys.argv[1:]
    main(prompts, data_dir, settings, int(times))
