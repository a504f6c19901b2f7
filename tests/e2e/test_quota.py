"""Four programs on one key, as fast as they may: never refused, all of the quota used, and fairly shared."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from tests.e2e.crowd import SECOND, Crowd, room, saturate
from tests.e2e.screenful import saturate_from_the_screen
from tui.core.quota.limits import Limits
from tui.simulator import AT_ONCE, SimulatorServer, SimulatorSettings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Home

SECONDS, MARGIN_S = 4.0, 2.0


def crowd_on(folder: Path, provider: str, limits: Limits) -> Crowd:
    """Saturate a server that has our limit, which must not refuse anything."""
    server = {provider: limits.requests_per_minute}
    with SimulatorServer(SimulatorSettings(limits=server, pace=AT_ONCE)) as simulator:
        crowd = saturate(folder, simulator, provider, limits=limits, seconds=SECONDS)
        stats = simulator.stats()[provider]
    assert crowd.statuses == {200}
    assert stats["too_many"] == 0
    assert stats["requests"] == crowd.total
    return crowd


@pytest.mark.parametrize(
    ("provider", "limits"), [("openai", Limits(60)), ("yandex", Limits(60, max_in_flight=8))]
)
def test_a_server_with_the_very_same_bucket_refuses_nothing(
    tmp_path: Path, provider: str, limits: Limits
) -> None:
    limits = dataclasses.replace(limits, margin_s=MARGIN_S)  # a busy machine is as slow as a bad network
    crowd = crowd_on(tmp_path, provider, limits)
    assert crowd.total >= 0.98 * room(limits, int((SECONDS - MARGIN_S) * SECOND))
    assert crowd.fifo


@pytest.mark.parametrize(
    ("provider", "limits"),
    [
        ("anthropic", Limits(600, burst=12)),
        ("google", Limits(600, shape="strict", burst=20)),
        ("deepseek", Limits(600, burst=20, max_in_flight=8)),
    ],
)
def test_four_processes_share_one_limit_evenly(tmp_path: Path, provider: str, limits: Limits) -> None:
    crowd = crowd_on(tmp_path, provider, limits)
    margin_s = limits.with_prudent_margin().margin_s
    assert crowd.total >= 0.95 * room(limits, int((SECONDS - margin_s) * SECOND))
    assert crowd.unevenness <= 0.15
    assert crowd.fifo


def test_the_screen_uses_all_of_a_limit_and_is_never_refused(home: Home) -> None:
    limits = Limits(60, burst=30, margin_s=MARGIN_S)
    with SimulatorServer(SimulatorSettings(limits={"openai": 60}, pace=AT_ONCE)) as simulator:
        seen = saturate_from_the_screen(home, simulator, "openai", limits, SECONDS)
    assert seen.refused == 0
    assert seen.accepted >= seen.room - MARGIN_S - 1
