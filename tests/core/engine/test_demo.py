"""What a demo has besides an engine: providers that are simulated, and ways to let them fail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui.core.engine.events import Notice, ProviderChanged
from tui.core.providers.presets import NAMED
from tui.core.settings import parse_settings
from tui.simulator.settings import PROVIDERS

if TYPE_CHECKING:
    from tests.core.engine.workshop import Workshop


def test_only_what_is_simulated_is_in_a_demo(workshop: Workshop) -> None:
    """Another provider would be called in earnest."""
    table = '[providers.groq]\nmodel = "x"\n[providers.groq.limits]\nrequests_per_minute = 30\n'
    settings = parse_settings(table, Path("settings.toml"))
    bench = workshop.open(settings, demo=True)
    assert set(bench.engine.providers) <= set(PROVIDERS)
    assert set(NAMED) == set(PROVIDERS)
    assert bench.run("yandex").status == "done"


def test_a_scenario_is_in_the_state_of_its_provider_until_it_is_used_up(workshop: Workshop) -> None:
    bench = workshop.open(demo=True)
    demo = bench.engine.demo
    assert demo is not None
    assert bench.run("openai").status == "done"
    demo.simulate("openai", "overloaded", 1)
    bench.ears.wait(ProviderChanged, lambda event: event.state.scenario == "overloaded ×1")
    final = bench.run("openai")
    assert (final.status, final.attempts) == ("done", 2)
    last = [event.state for event in bench.ears.of(ProviderChanged) if event.state.name == "openai"][-1]
    assert last.scenario == ""


def test_a_scenario_that_does_not_exist_is_told(workshop: Workshop) -> None:
    bench = workshop.open(demo=True)
    assert bench.run("openai").status == "done"
    demo = bench.engine.demo
    assert demo is not None
    demo.simulate("openai", "flood")
    notice = bench.ears.wait(Notice, lambda event: "flood" in event.message)
    assert "there are normal, rate_limit" in notice.message


def test_there_is_nothing_of_the_kind_in_earnest(workshop: Workshop) -> None:
    assert workshop.open().engine.demo is None
