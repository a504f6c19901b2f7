"""`penstock quota`: one line a provider, and holding or releasing every process of the user."""

from __future__ import annotations

import asyncio
import json
import signal
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from unittest.mock import Mock

import pytest

from tests.core.engine.shell import NO_KEYS, Shell, assert_refused
from tests.core.engine.workshop import PATIENCE_S, PROVIDERS
from tui.commands.quota import _follow
from tui.core.engine.events import ProviderChanged
from tui.core.quota.clock import now_ns
from tui.core.settings import load_settings

if TYPE_CHECKING:
    from tests.core.engine.workshop import Bench
    from tui.core.engine.accounts import Account


def engine(shell: Shell) -> Bench:
    return shell.workshop.open(load_settings(shell.workshop.root / "settings.toml"))


def limit(shell: Shell, requests_per_minute: int, **figures: int) -> None:
    text = shell.workshop.settings_text(requests_per_minute, **figures)
    (shell.workshop.root / "settings.toml").write_text(text)


def test_each_provider_has_a_line(shell: Shell) -> None:
    limit(shell, 3)
    assert shell("run", "noir", "-p", "google").exit_code == 0
    result = shell("quota")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert tuple(lines) == PROVIDERS
    assert lines["openai"] == "openai     3/3  3 a minute  full  0 waiting  0 in flight  shared"
    assert "  2/3  " in lines["google"]
    assert "full in " in lines["google"]
    assert "0/8 in flight" in lines["yandex"]


def test_as_json_it_has_what_scripts_need(shell: Shell) -> None:
    limit(shell, 3)
    shell("run", "noir", "-p", "google")
    found = {one["provider"]: one for one in json.loads(shell("quota", "--json").stdout)}
    assert tuple(found) == PROVIDERS
    google = found["google"]
    assert (google["left"], google["capacity"], google["requests_per_minute"]) == (2, 3, 3)
    assert 0 < google["full_in_s"] <= 20
    assert (google["source"], google["problem"], google["hold_reason"]) == ("shared", None, None)


def test_what_is_left_of_the_day_is_shown(shell: Shell) -> None:
    limit(shell, 3, requests_per_day=2)
    shell("run", "noir", "-p", "google")
    [line] = [line for line in shell("quota").stdout.splitlines() if line.startswith("google")]
    assert "  1/2 today  " in line
    google = next(one for one in json.loads(shell("quota", "--json").stdout) if one["provider"] == "google")
    assert (google["left_today"], google["requests_per_day"], google["at_once"]) == (1, 2, 1)
    assert 0 < google["day_ends_in_s"] <= 86_400
    shell("run", "noir", "-p", "google")
    refused = shell("run", "noir", "-p", "google")
    assert refused.exit_code != 0
    assert "all 2 requests of the day are used" in refused.stderr
    [line] = [line for line in shell("quota").stdout.splitlines() if line.startswith("google")]
    assert "  0/2 today  next day in " in line


def test_a_hold_stops_every_engine_until_it_is_resumed(shell: Shell) -> None:
    bench = engine(shell)
    held = shell("quota", "hold", "openai", "--for", "60", "--reason", "a \x1b[31mred\x1b[0m budget")
    assert held.exit_code == 0
    assert "hold 60 s (a " in held.stdout
    changed = bench.ears.wait(ProviderChanged, lambda event: event.state.quota.hold_in(now_ns()) > 0)
    assert "budget" in changed.state.quota.hold_reason
    assert bench.run(timeout=0.1).error_class == "limit"
    assert shell("run", "noir", "-p", "google").exit_code == 0
    waiting = bench.begin()
    assert "hold" not in shell("quota", "resume", "openai").stdout
    assert bench.ears.run(waiting.id, "done", "failed").status == "done"


def test_without_a_length_a_hold_is_long_enough_to_refuse_calls(shell: Shell) -> None:
    shell("quota", "hold", "openai")
    result = shell("run", "noir", "-p", "openai")
    assert result.exit_code == 4
    assert "held by hand" in result.stderr
    assert json.loads(shell("quota", "--json").stdout)[0]["hold_s"] > 3500


@pytest.mark.parametrize("seconds", ["-1", "nan", "inf"])
def test_a_length_that_is_none_is_refused(shell: Shell, seconds: str) -> None:
    assert_refused(shell("quota", "hold", "openai", f"--for={seconds}"), 2, "number of seconds")


def test_who_would_not_be_reached_is_said(shell: Shell) -> None:
    assert_refused(shell("quota", "hold", "opnai"), 2, "'opnai'")
    assert_refused(shell("--demo", "quota", "resume", "openai"), 2, "demo")
    without = shell("quota", "hold", "openai", env=NO_KEYS)
    assert without.exit_code == 0
    assert "OPENAI_API_KEY is not set here" in without.stderr
    assert "hold" not in shell("quota").stdout, "with the key it is another account"
    settings = shell.workshop.root / "settings.toml"
    settings.write_text('ledger = "memory"\n' + settings.read_text())
    assert_refused(shell("quota", "hold", "openai"), 2, 'ledger = "memory"')


def test_what_cannot_be_shared_is_said(shell: Shell) -> None:
    folder = shell.workshop.workspace().state_dir
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("no folder")
    result = shell("quota")
    assert_refused(result, 1, "The quota is not shared")
    assert_refused(shell("quota", "hold", "openai"), 1, "not shared")


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_watching_prints_what_changes_and_ends_on_ctrl_c(shell: Shell, form: list[str]) -> None:
    limit(shell, 1)
    with shell.process("quota", "--watch", *form) as process:
        assert process.stdout is not None
        first = [process.stdout.readline() for _ in PROVIDERS]
        assert all(name in line for name, line in zip(PROVIDERS, first, strict=True))
        shell("run", "noir", "-p", "deepseek")
        changed = process.stdout.readline()
        assert "deepseek" in changed
        assert changed not in first
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert errors.strip() == "", "a line break after the ^C is all"
    assert all("deepseek" in line for line in rest.splitlines())
    if form:
        assert json.loads(changed)["left"] == 0


def test_a_pipe_that_closes_ends_the_watching_quietly(shell: Shell) -> None:
    limit(shell, 1)
    process = shell.process("quota", "--watch")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    shell("run", "noir", "-p", "deepseek")
    assert process.wait(PATIENCE_S) == 141
    assert process.stderr.read() == ""
    process.stderr.close()


MORE = """[providers.openai.models."small".limits]
requests_per_minute = 3
[providers.ollama]
model = "local"
[providers.ollama.limits]
max_in_flight = 2
[providers.mine]
dialect = "openai"
base_url = "https://gateway.example/v1"
"""


def test_models_with_limits_of_their_own_have_a_line(shell: Shell) -> None:
    path = shell.workshop.root / "settings.toml"
    path.write_text(path.read_text() + MORE)
    lines = {line.split()[0]: line for line in shell("quota").stdout.splitlines()}
    assert "3/3  3 a minute" in " ".join(lines["openai/small"].split(maxsplit=1)[1:])
    found = json.loads(shell("quota", "--json").stdout)
    assert [(one["provider"], one["model"]) for one in found][:2] == [("openai", None), ("openai", "small")]
    shell("quota", "hold", "openai", "--for", "600")
    held = {
        (one["provider"], one["model"])
        for one in json.loads(shell("quota", "--json").stdout)
        if one["hold_s"]
    }
    assert held == {("openai", None), ("openai", "small")}
    assert len(shell("quota", "resume", "openai").stdout.splitlines()) == 2
    assert not any(one["hold_s"] for one in json.loads(shell("quota", "--json").stdout))


def test_what_is_not_limited_is_said_to_be_so(shell: Shell) -> None:
    path = shell.workshop.root / "settings.toml"
    path.write_text(path.read_text() + MORE)
    [line] = [line for line in shell("quota").stdout.splitlines() if line.startswith("ollama")]
    assert line.split(maxsplit=1)[1].startswith("2/2  at once")
    found = {one["provider"]: one for one in json.loads(shell("quota", "--json").stdout)}
    assert found["ollama"]["capacity"] is found["ollama"]["requests_per_minute"] is None
    assert found["mine"]["max_in_flight"] == 4
    assert "1000000000" not in shell("providers").stdout + shell("config", "show").stdout


def test_what_a_server_says_cannot_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = cast("Account", SimpleNamespace(problem="no: \x1b[31mred", limiters=[]))
    monkeypatch.setattr("tui.commands.quota.refresh", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(_follow({"openai": said}, as_json=False))
    assert "no: " in (shown := capsys.readouterr().err)
    assert "\x1b" not in shown
