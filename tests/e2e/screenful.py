"""The program with its screen open, asked for more runs than the quota has, and what the server saw of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.e2e.crowd import KEY, KEY_VARIABLES, SECOND, room, settings_for
from tests.e2e.terminal import Terminal

if TYPE_CHECKING:
    from tests.e2e.conftest import Home
    from tui.core.quota.limits import Limits
    from tui.simulator import SimulatorServer

_BEATS_S = 0.05


@dataclass(frozen=True)
class Seen:
    """What the server saw: the calls refused, and those accepted before the time was over."""

    refused: int
    accepted: int
    room: int
    """The whole calls for which there was room."""


def saturate_from_the_screen(
    home: Home, simulator: SimulatorServer, provider: str, limits: Limits, seconds: float
) -> Seen:
    """Press the key for a run more often than the quota allows, and watch for so long."""
    settings = f'provider = "{provider}"\n' + settings_for(simulator, provider, limits)
    (home.root / "settings.toml").write_text(settings)
    environ = {**home.environ, **dict.fromkeys(KEY_VARIABLES, KEY), "YC_FOLDER_ID": "b1gsimulated"}
    possible = room(limits, int(seconds * SECOND))
    with Terminal(["--prompts", str(home.prompts)], environ=environ, cwd=home.root) as terminal:
        terminal.wait_for(r"first line of a noir story")
        for _ in range(possible + 5):
            terminal.send("r")
            terminal.pump(0.001)
        terminal.wait(lambda _: simulator.stats()[provider]["accepted"], "a call")
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            terminal.pump(_BEATS_S)
        stats = simulator.stats()[provider]
    times = stats["accepted_at"]
    assert isinstance(times, list)
    within = sum(at < times[0] + seconds for at in times)
    return Seen(int(str(stats["too_many"])), within, possible)
