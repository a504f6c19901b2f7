"""A refused key or an empty account stops the provider's calls until the user has done something about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.core.engine.workshop import KEYS, PATIENCE_S, Bench, Workshop, eventually
from tui.core.engine.events import ProviderChanged
from tui.core.engine.resumption import Resumption

if TYPE_CHECKING:
    from pathlib import Path


def stopped(workshop: Workshop) -> Bench:
    """An engine whose calls to OpenAI have just been stopped by an empty account."""
    workshop.simulator.simulate("openai", "billing", times=1)
    bench = workshop.open()
    assert bench.run().error_class == "billing"
    return bench


def requests(workshop: Workshop, provider: str = "openai") -> object:
    return workshop.simulator.stats()[provider]["requests"]


def test_nothing_more_is_sent_and_each_run_says_why(workshop: Workshop) -> None:
    bench = stopped(workshop)
    first = bench.engine.providers["openai"].stopped
    finals = [bench.run() for _ in range(3)]
    assert [(final.error_class, final.error) for final in finals] == [("billing", first)] * 3
    assert "credit" in first
    assert all(final.stopped for final in finals)
    assert requests(workshop) == 1
    assert len(workshop.runs()) == 1, "what was not sent is no run"
    assert bench.run("anthropic").status == "done", "the others are called as ever"
    assert bench.engine.providers["anthropic"].stopped == ""


def test_those_who_wait_are_sent_away_with_the_same_sentence(workshop: Workshop) -> None:
    workshop.simulator.simulate("openai", "stall=0.2", times=1)
    bench = workshop.engine(
        workshop.settings(max_in_flight=1), environ={**KEYS, "OPENAI_API_KEY": "invalid-key"}
    )
    bench.start()
    started = [bench.begin() for _ in range(5)]
    ended = [bench.ears.run(state.id, "failed") for state in started]
    assert {state.error_class for state in ended} == {"auth"}
    assert len({state.error for state in ended}) == 1
    assert requests(workshop) == 1
    state = bench.engine.providers["openai"]
    assert (state.quota.waiting, state.quota.in_flight, state.running) == (0, 0, 0)
    assert state.quota.hold_until_ns is None, "no hold that other programs would share"


def test_the_user_lets_calls_go_again(workshop: Workshop) -> None:
    bench = stopped(workshop)
    bench.engine.resume("openai")
    bench.ears.wait(ProviderChanged, lambda event: event.state.name == "openai" and not event.state.stopped)
    assert bench.run().status == "done"
    assert bench.engine.providers["openai"].last == "ok"


def test_another_program_of_the_user_lets_calls_go_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.core.engine.sharing.LOOK_S", 0.01)
    monkeypatch.setattr("tui.core.engine.sharing.BEAT_S", 0.04)
    Resumption(workshop.workspace().state_dir).tell("openai")
    bench = stopped(workshop)
    bench.settle()
    assert bench.engine.providers["openai"].stopped, "what was said before does not count"
    eventually(lambda: _told_makes_it_go(workshop, bench))
    assert bench.run().status == "done"


def _told_makes_it_go(workshop: Workshop, bench: Bench) -> bool:
    Resumption(workshop.workspace().state_dir).tell("openai")
    return not bench.engine.providers["openai"].stopped


def test_settings_that_change_let_calls_go_again(workshop: Workshop) -> None:
    path = workshop.root / "settings.toml"
    path.write_text(workshop.settings_text())
    workshop.simulator.simulate("openai", "billing", times=1)
    workshop.simulator.simulate("google", "billing", times=1)
    bench = workshop.open(watch=True)
    assert bench.run().error_class == bench.run("google").error_class == "billing"
    path.write_text(workshop.settings_text().replace("[providers.openai]", '[providers.openai]\nmodel = "m"'))
    bench.ears.wait(ProviderChanged, lambda event: event.state.name == "openai" and not event.state.stopped)
    assert bench.engine.providers["google"].stopped, "nothing about it has changed"


def test_models_are_not_asked_for_with_a_refused_key(workshop: Workshop) -> None:
    bench = stopped(workshop)
    with pytest.raises(Exception, match="credit"):
        bench.engine.models("openai").result(PATIENCE_S)
    bench.engine.resume("openai")
    assert "gpt-6-luna" in bench.engine.models("openai").result(PATIENCE_S)


@pytest.mark.parametrize("provider", ["openai", "vllm at home/№1"])
def test_a_word_to_other_programs_counts_for_one_provider(tmp_path: Path, provider: str) -> None:
    resumption = Resumption(tmp_path / "state")
    assert resumption.told(provider) == 0
    resumption.tell(provider)
    assert resumption.told(provider) > 0
    assert resumption.told(provider + "x") == 0
