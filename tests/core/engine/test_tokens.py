"""Runs under limits that count tokens, and limits that the server states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui.core.engine.events import ProviderChanged
from tui.core.quota.clock import now_ns
from tui.core.quota.limits import Kind
from tui.core.settings import parse_settings
from tui.simulator import AT_ONCE, SimulatorServer, SimulatorSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.core.engine.workshop import Workshop


@pytest.fixture
def narrow() -> Iterator[SimulatorServer]:
    """A simulator whose OpenAI allows far less than our settings do."""
    with SimulatorServer(SimulatorSettings(limits={"openai": 5, "anthropic": 5}, pace=AT_ONCE)) as server:
        yield server


def test_what_a_call_did_not_use_is_there_for_the_next(workshop: Workshop) -> None:
    bench = workshop.open(workshop.settings(tokens_per_minute=1900))
    first = bench.run()
    assert (first.usage.tokens_in or 0) + (first.usage.tokens_out or 0) < 800
    assert bench.run(timeout=0.1).status == "done", "1024 for each would not fit"


def test_a_call_that_has_not_ended_keeps_what_it_may_use(workshop: Workshop) -> None:
    workshop.simulator.simulate("openai", "stall")
    bench = workshop.open(workshop.settings(tokens_per_minute=1900))
    bench.ears.text_of(bench.begin().id)
    refused = bench.run(timeout=0.1)
    assert (refused.error_class, refused.attempts) == ("limit", 0)


def test_a_call_that_can_never_fit_is_refused_at_once(workshop: Workshop) -> None:
    workshop.prompt("long", parameters="{max_tokens: 5000}")
    bench = workshop.open(workshop.settings(tokens_per_minute=1900))
    refused = bench.run(name="long")
    assert refused.error_class == "limit"
    assert "tokens_per_minute" in refused.error
    assert workshop.simulator.stats()["openai"]["requests"] == 0


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_limit_that_the_server_states_is_seen_and_a_lower_one_kept(
    workshop: Workshop, narrow: SimulatorServer, provider: str
) -> None:
    text = workshop.settings_text().replace(workshop.simulator.base_url(provider), narrow.base_url(provider))
    bench = workshop.open(parse_settings(text, workshop.root / "settings.toml"))
    assert bench.run(provider).status == "done"
    quota = bench.engine.providers[provider].quota
    assert (quota.stated[Kind.REQUESTS], quota.capacity) == (5, 5)
    assert quota.limits.requests_per_minute == 60_000
    assert quota.left(now_ns()) == 4
    for _ in range(4):
        assert bench.run(provider, timeout=0.1).status == "done"
    assert bench.run(provider, timeout=0.1).error_class == "limit"
    assert narrow.stats()[provider]["too_many"] == 0


def test_a_limit_is_known_before_the_answer_has_ended(workshop: Workshop, narrow: SimulatorServer) -> None:
    narrow.simulate("openai", "stall")
    text = workshop.settings_text().replace(workshop.simulator.base_url("openai"), narrow.base_url("openai"))
    bench = workshop.open(parse_settings(text, workshop.root / "settings.toml"))
    running = bench.begin()
    changed = bench.ears.wait(ProviderChanged, lambda event: bool(event.state.quota.stated))
    assert changed.state.running == 1
    bench.engine.cancel(running.id)


def test_a_server_that_allows_more_does_not_loosen_our_own_limit(workshop: Workshop) -> None:
    bench = workshop.open(workshop.settings(requests_per_minute=4))
    for _ in range(4):
        assert bench.run(timeout=0.1).status == "done"
    assert bench.run(timeout=0.1).error_class == "limit"
    assert bench.engine.providers["openai"].quota.stated[Kind.REQUESTS] == 1_000_000_000
