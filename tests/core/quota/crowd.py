"""Four real processes on one limit: what must hold of all of them together, whoever keeps the quota."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tui.core.quota.clock import now_ns

if TYPE_CHECKING:
    from collections.abc import Mapping

SECOND = 1_000_000_000
PROCESSES, WORKERS = 4, 5
PER_MINUTE, BURST = 6_000, 50
INTERVAL = 60 * SECOND // PER_MINUTE
SHAPES: list[dict[str, Any]] = [{"burst": BURST}, {"shape": "strict", "burst": BURST}]


def start(**job: Any) -> subprocess.Popen[str]:
    """Start a worker on that job."""
    command = [sys.executable, "-m", "tests.core.quota.worker", json.dumps(job)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def result(process: subprocess.Popen[str]) -> Any:
    """What the worker printed at its end."""
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return json.loads(out)


def check_four(
    where: str, shape: Mapping[str, Any], *, source: str, seconds: float, answers_s: float, used: float
) -> None:
    """Let four processes take as fast as they may: within the limit, all of it, evenly, and in order.

    The keeper of the quota answers within `answers_s`; by as much, and by how long a process did not get to
    run, a call may be late. `used` is the least part of the quota that must go.
    """
    job = {"do": "work", "path": where, "workers": WORKERS}
    limits = {"requests_per_minute": PER_MINUTE, **shape}
    processes = [start(**job, limits=limits) for _ in range(PROCESSES)]
    assert [_hear(process) for process in processes] == ["ready"] * PROCESSES
    starts = now_ns() + SECOND // 10
    ends = starts + int(seconds * SECOND)
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(f"{starts} {ends}\n")
        process.stdin.flush()
    results = [result(process) for process in processes]
    assert [found["source"] for found in results] == [source] * PROCESSES
    late = max(found["stall"] for found in results) + int(answers_s * SECOND)
    went = sorted(at for found in results for at in found["went"])
    for first in range(len(went)):
        for last in range(first, len(went), 7):
            assert (last - first + 1 - BURST) * INTERVAL <= went[last] - went[first] + late
    assert len(went) >= used * (BURST + (ends - max(starts, went[0]) - late) / INTERVAL)
    for found in results:
        assert len(found["went"]) == pytest.approx(len(went) / PROCESSES, rel=0.15, abs=late / INTERVAL)
        assert found["asked"] == sorted(found["asked"]), "first come, first served in each process"
