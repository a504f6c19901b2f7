"""Ledgers on one file in virtual time, for several tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Limits
from tui.core.quota.sqlite_ledger import SqliteLedger

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.quota.loop import VirtualLoop

SECOND = 1_000_000_000
START = 1_000 * SECOND


def open_ledger(loop: VirtualLoop, path: Path, limits: Limits, boot: str = "boot") -> SqliteLedger:
    return SqliteLedger(path, "openai-1", limits, clock=loop.clock, wall=loop.time, boot=boot)


def open_limiter(loop: VirtualLoop, path: Path, limits: Limits) -> Limiter:
    return Limiter("x", limits, clock=loop.clock, wall=loop.time, ledger=open_ledger(loop, path, limits))


def take_all(limiter: Limiter) -> int:
    taken = 0
    while limiter.try_acquire() is not None:
        taken += 1
    return taken


SHAPES = [Limits(60), Limits(60, burst=1), Limits(60, burst=12), Limits(60, shape="strict")]
