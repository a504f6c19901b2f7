"""A program that uses a shared quota as fast as it may: `python -m tests.e2e.sharing JOB`, as JSON.

It lends the quota to an HTTP client of its own, as a program with an SDK does. It prints, as JSON, when
each call was sent (ns since boot), when it had asked for its turn, and how it was answered.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import httpx

from tui import Penstock
from tui.core.quota.clock import now_ns
from tui.core.quota.errors import QuotaError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Job:
    """What to do, from and until when the input tells (ns since boot)."""

    home: str
    provider: str
    url: str
    body: Mapping[str, object]
    headers: Mapping[str, str]
    workers: int

    def command(self) -> list[str]:
        """What starts it."""
        return [sys.executable, "-m", "tests.e2e.sharing", json.dumps(asdict(self))]


async def work(
    job: Job, penstock: Penstock, http: httpx.AsyncClient, starts: int, ends: int
) -> dict[str, list[int]]:
    """Call from `starts` to `ends` (ns since boot), each worker one call after another."""
    found: dict[str, list[int]] = {"sent": [], "asked": [], "statuses": []}

    async def one() -> None:
        await asyncio.sleep(max(0, starts - now_ns()) / 1e9)
        while (asked := now_ns()) < ends:
            try:
                async with penstock.acquire(job.provider, timeout=(ends - asked) / 1e9):
                    found["sent"].append(now_ns())
                    found["asked"].append(asked)
                    answer = await http.post(job.url, json=job.body, headers=job.headers)
                    found["statuses"].append(answer.status_code)
            except QuotaError:  # there will be no room before the end
                return

    await asyncio.gather(*(one() for _ in range(job.workers)))
    return found


async def when_told(job: Job, penstock: Penstock) -> dict[str, list[int]]:
    """Say "ready" when nothing is left to prepare, and work when the input says from and until when."""
    async with httpx.AsyncClient(trust_env=False) as http:
        await http.get(str(httpx.URL(job.url).join("/stats")))  # what is imported by the first call is by now
        print("ready", flush=True)
        starts, ends = map(int, (await asyncio.to_thread(sys.stdin.readline)).split())
        return await work(job, penstock, http, starts, ends)


def main() -> None:
    """Read the job and carry it out."""
    job = Job(**json.loads(sys.argv[1]))
    home = job.home
    with Penstock(
        f"{home}/prompts", data_dir=f"{home}/data", settings=f"{home}/settings.toml", watch=False
    ) as penstock:
        print(json.dumps(asyncio.run(when_told(job, penstock))))


if __name__ == "__main__":
    main()
