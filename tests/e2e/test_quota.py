"""Four programs on one key, as fast as they may: never refused, all of the quota used, and fairly shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.crowd import SECOND, saturate
from tui.simulator import AT_ONCE, SimulatorServer, SimulatorSettings

if TYPE_CHECKING:
    from pathlib import Path

PER_MINUTE = 600
WORKERS = 5


@pytest.mark.parametrize(
    ("provider", "limits", "at_once"),
    [
        ("openai", "burst = 20", 20),
        ("anthropic", "burst = 12", 12),
        ("google", "burst = 20", 20),
        ("deepseek", "burst = 20\nmax_in_flight = 8", 20),
    ],
)
def test_four_processes_share_one_limit(tmp_path: Path, provider: str, limits: str, at_once: int) -> None:
    server = {provider: PER_MINUTE}
    with SimulatorServer(SimulatorSettings(limits=server, pace=AT_ONCE)) as simulator:
        crowd = saturate(
            tmp_path,
            simulator,
            provider,
            limits=f"requests_per_minute = {PER_MINUTE}\n{limits}",
            seconds=5,
            workers=WORKERS,
        )
        stats = simulator.stats()[provider]
    assert crowd.statuses == {200}
    assert stats["too_many"] == 0
    assert stats["requests"] == crowd.total
    assert crowd.used(at_once, PER_MINUTE) >= 0.95
    shares = crowd.shares(since=SECOND)
    assert shares == pytest.approx([sum(shares) / len(shares)] * len(shares), rel=0.25)
    assert crowd.fifo
