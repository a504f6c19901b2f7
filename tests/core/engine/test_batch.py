"""Two hundred calls over five providers that refuse now and then: each is answered, or says why not."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

from tests.core.engine.stage import PROVIDERS, Stage, play
from tui.core.settings import parse_settings
from tui.simulator import SimulatorSettings

if TYPE_CHECKING:
    from pathlib import Path

    from tui.core.engine.events import RunState
    from tui.simulator.account import Tally

CALLS = 200
SEED = 1
HINTED = ("openai", "anthropic", "google")
"""Those whose refusal says how long to wait."""


async def disturb(stage: Stage, random: Random) -> None:
    """Make a provider refuse its next one, two or five calls, for a few seconds each; again and again."""
    for provider in PROVIDERS:
        stage.simulate(provider, "rate_limit=3", 2)
    while True:
        await asyncio.sleep(random.uniform(1, 8))
        scenario = f"rate_limit={random.choice((0.5, 3, 11))}"
        stage.simulate(random.choice(PROVIDERS), scenario, random.choice((1, 2, 5)))


async def batch(stage: Stage, seed: int) -> tuple[dict[str, list[RunState]], dict[str, Tally]]:
    """Ask for all calls at once, and give how each ended and what the simulator saw of each provider."""
    names = [name for name in PROVIDERS for _ in range(CALLS // len(PROVIDERS))]
    Random(seed).shuffle(names)
    mischief = asyncio.create_task(disturb(stage, Random(seed)))
    asked = (stage.ask(name, f"Name harbour {number}.", max_tokens=90) for number, name in enumerate(names))
    states = await asyncio.gather(*asked)
    mischief.cancel()
    await asyncio.wait({mischief})
    ended = {name: [state for state in states if state.provider == name] for name in PROVIDERS}
    return ended, {name: stage.simulation.accounts[name].tally for name in PROVIDERS}


def test_every_call_is_answered_or_honestly_reported_and_none_is_earlier_than_told(tmp_path: Path) -> None:
    ours = parse_settings("", tmp_path / "settings.toml").enabled_providers({})
    limits = {name: limits for name, (_, limits) in ours.items()}
    ended, seen = play(lambda stage: batch(stage, SEED), SimulatorSettings(), limits)
    for name, tally in seen.items():
        answered = [state for state in ended[name] if state.status == "done"]
        refused = [state for state in ended[name] if state.status == "failed"]
        assert len(answered) + len(refused) == CALLS // len(PROVIDERS)
        assert all(state.finish in ("stop", "length") and state.received for state in answered)
        for state in refused:
            assert (state.error_class, state.attempts, state.received) == ("rate_limit", 3, 0)
            assert state.error.endswith((".", "request.", "later."))
        assert len(answered) >= len(refused)
        assert len(tally.arrived_at) == sum(state.attempts for state in ended[name])
        assert tally.statuses == Counter({200: len(answered), 429: len(tally.told)})
        assert tally.refused_at == [], "our own bucket keeps us below the provider's limits"
        for told_at, wait_s in tally.told if name in HINTED else ():
            early = [when for when in tally.arrived_at if told_at < when < told_at + wait_s]
            assert not early, f"{name} said at {told_at} to wait {wait_s} s"
    assert sum(len(tally.told) for tally in seen.values()) > 20, "the faults were injected"
