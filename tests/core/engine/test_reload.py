"""The settings file is watched: limits change while calls run and wait, mistakes change nothing."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.workshop import eventually
from tui.core.engine.events import Notice, ProviderChanged
from tui.core.engine.reload import at_next_start
from tui.core.quota.clock import now_ns
from tui.core.settings import load_settings, parse_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.core.engine.workshop import Bench, Workshop

    Save = Callable[[Path, str], None]

NEW = "New limits are in force"


def opened(workshop: Workshop, text: str) -> Bench:
    """An engine that watches a settings file that says this."""
    path = workshop.root / "settings.toml"
    path.write_text(text)
    return workshop.open(load_settings(path), watch=True)


def write_over(path: Path, text: str) -> None:
    path.write_text(text)


def move_over(path: Path, text: str) -> None:
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").rename(path)


def write_behind_a_link(path: Path, text: str) -> None:
    target = path.parent / "elsewhere" / "settings.toml"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text)
    path.unlink()
    path.symlink_to(target)


@pytest.mark.parametrize("save", [write_over, move_over, write_behind_a_link])
def test_new_limits_are_in_force_at_once_and_what_was_used_stays_used(workshop: Workshop, save: Save) -> None:
    bench = opened(workshop, workshop.settings_text(requests_per_minute=2))
    bench.run()
    save(workshop.root / "settings.toml", workshop.settings_text(requests_per_minute=3))
    changed = bench.ears.wait(ProviderChanged, lambda event: event.state.quota.capacity == 3)
    assert changed.state.quota.left(now_ns()) <= 2
    assert bench.ears.wait(Notice).message.startswith(f"{NEW}: OpenAI, ")


def test_who_waits_goes_when_a_new_limit_has_room(workshop: Workshop) -> None:
    bench = opened(workshop, workshop.settings_text(requests_per_minute=1))
    bench.run()
    waiting = [bench.begin() for _ in range(3)]
    (workshop.root / "settings.toml").write_text(workshop.settings_text(requests_per_minute=60_000))
    for state in waiting:
        assert bench.ears.run(state.id, "done", "failed").status == "done"


def test_a_wrong_figure_is_refused_with_its_place_and_the_old_ones_stay(workshop: Workshop) -> None:
    good = workshop.settings_text(requests_per_minute=2)
    bench = opened(workshop, good)
    path = workshop.root / "settings.toml"
    for figure in ("0", "-3", "nan", '"many"', "2.5"):
        seen = len(bench.ears.of(Notice))
        path.write_text(good.replace("requests_per_minute = 2", f"requests_per_minute = {figure}", 1))
        eventually(lambda seen=seen: len(bench.ears.of(Notice)) > seen)  # type: ignore[misc]
        notice = bench.ears.of(Notice)[-1]
        assert notice.severity == "error"
        assert notice.message.startswith(f"{path}:4:1: requests_per_minute must be")
        assert notice.message.endswith(" The settings in force stay as they are.")
    assert bench.engine.providers["openai"].quota.capacity == 2
    path.write_text(good.replace("requests_per_minute = 2", "requests_per_minute = 7"))
    bench.ears.wait(ProviderChanged, lambda event: event.state.quota.capacity == 7)


def test_what_waits_for_the_next_start_is_said_once(workshop: Workshop) -> None:
    text = workshop.settings_text()
    bench = opened(workshop, text)
    path = workshop.root / "settings.toml"
    more = text.replace("[providers.google]", '[providers.google]\nmodel = "new"\nenabled = false')
    path.write_text(f"ledger_processes = 3\n{more}")
    notice = bench.ears.wait(Notice)
    assert notice.message == (
        "ledger_processes, providers.google.enabled, providers.google.model take effect at the next start."
    )
    path.write_text(f"ledger_processes = 3\n{more}# and a remark\n{workshop_limit(text)}")
    bench.ears.wait(Notice, lambda notice: notice.message.startswith(NEW))
    assert len(bench.ears.of(Notice)) == 2


def workshop_limit(text: str) -> str:
    """Something that changes a limit at the end of that text."""
    assert text.rstrip().endswith('shape = "bucket"')
    return "burst = 1\n"


def test_a_file_that_comes_later_and_goes_again(workshop: Workshop) -> None:
    path = workshop.root / "later" / "settings.toml"
    workspace = workshop.workspace()
    bench = workshop.engine(
        parse_settings("", path), watch=True, workspace=dataclasses.replace(workspace, settings=path)
    )
    bench.start()
    path.parent.mkdir()
    path.write_text("[providers.openai.limits]\nrequests_per_minute = 9\n")
    bench.ears.wait(ProviderChanged, lambda event: event.state.quota.capacity == 9)
    path.unlink()
    eventually(lambda: bench.engine.providers["openai"].quota.capacity == 50)


def test_half_a_save_is_not_believed(workshop: Workshop) -> None:
    text = workshop.settings_text(requests_per_minute=2)
    bench = opened(workshop, text)
    path = workshop.root / "settings.toml"
    path.write_text("")
    path.write_text(text.replace("minute = 2", "minute = 5"))
    bench.ears.wait(ProviderChanged, lambda event: event.state.quota.capacity == 5)
    capacities = {event.state.quota.capacity for event in bench.ears.of(ProviderChanged)}
    assert capacities <= {2, 5}, "never the default"


def test_a_provider_that_is_added_is_called_at_once(workshop: Workshop) -> None:
    text = workshop.settings_text()
    bench = opened(workshop, f"{text}[providers.groq]\nenabled = false\n")
    mine = f"""[providers.aaa]
dialect = "openai"
title = "My gateway"
base_url = "{workshop.simulator.base_url("openai")}"
key_env = "OPENAI_API_KEY"
model = "gpt-6-luna"
limits = {{ requests_per_minute = 7 }}
"""
    path = workshop.root / "settings.toml"
    path.write_text(f"{text}[providers.groq]\nenabled = true\n{mine}")
    assert bench.ears.wait(ProviderChanged, lambda event: event.state.name == "groq").state.missing
    state = bench.ears.wait(ProviderChanged, lambda event: event.state.name == "aaa").state
    assert (state.usable, state.quota.capacity) == (True, 7)
    assert list(bench.engine.providers)[-2:] == ["groq", "aaa"], "presets first, as after a start"
    assert bench.run("aaa").status == "done"
    path.write_text(f"{text}[providers.groq]\nenabled = true\n{mine.replace('= 7', '= 8')}")
    bench.ears.wait(ProviderChanged, lambda event: event.state.quota.capacity == 8)
    path.write_text(text)
    gone = bench.ears.wait(Notice, lambda notice: notice.message.endswith("next start."))
    assert gone.message == "providers.aaa, providers.groq take effect at the next start."
    assert "aaa" in bench.engine.providers, "until then it stays"
    assert bench.ears.notices[:2] == ["Providers added: Groq, My gateway.", f"{NEW}: My gateway."]


def test_only_what_differs_waits_for_the_next_start(tmp_path: Path) -> None:
    before = parse_settings("", tmp_path)
    assert at_next_start(before, parse_settings("[providers.openai.limits]\nburst = 3", tmp_path)) == ()
    now = parse_settings('ledger = "memory"\n[providers.openai]\nbase_url = "https://x.example"', tmp_path)
    assert at_next_start(before, now) == ("ledger", "providers.openai.base_url")
    assert at_next_start(now, now) == ()
