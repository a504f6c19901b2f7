"""`penstock models`, `providers` and `simulator`: what there is to call, or to call in its place."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.core.engine.shell import NO_KEYS, Shell, assert_refused
from tests.core.engine.workshop import PATIENCE_S, PROVIDERS, SECRET
from tui.core.engine.resumption import Resumption

if TYPE_CHECKING:
    from collections.abc import Iterator

# ---------------------------------------------------------------------- models


@pytest.mark.parametrize("provider", PROVIDERS)
def test_models_lists_what_is_offered_and_marks_the_default(shell: Shell, provider: str) -> None:
    result = shell("models", provider)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert [line.split() for line in lines] == sorted(line.split() for line in lines)
    [default] = [line for line in lines if line.endswith("default")]
    assert "embed" not in default
    offers = json.loads(shell("models", provider, "--json").stdout)
    assert [offer["name"] for offer in offers] == [line.split()[0] for line in lines]
    assert sum(offer["default"] for offer in offers) == 1


def test_models_says_which_of_them_end(shell: Shell) -> None:
    lines = shell("models", "openai").stdout.splitlines()
    [old] = [line for line in lines if line.startswith("gpt-4.1 ")]
    assert "ends 2027-01-14" in old
    offers = {offer["name"]: offer for offer in json.loads(shell("models", "openai", "--json").stdout)}
    assert offers["gpt-4.1"]["ends"] == "2027-01-14"
    assert offers["text-embedding-3-small"]["ends"] is None


def test_models_takes_nothing_from_the_quota_and_needs_no_prompts(shell: Shell) -> None:
    for path in shell.workshop.prompts.iterdir():
        path.unlink()
    shell.workshop.prompts.rmdir()
    before = json.loads(shell("quota", "--json").stdout)[0]["left"]
    assert shell("models", "openai").exit_code == 0
    assert json.loads(shell("quota", "--json").stdout)[0]["left"] == before


def test_models_that_cannot_be_had_are_one_sentence(shell: Shell) -> None:
    assert_refused(shell("models", "opnai"), 2, "did you mean 'openai'?")
    assert_refused(shell("models", "google", env=NO_KEYS), 3, "GOOGLE_API_KEY")
    assert_refused(shell("models", "openai", env={"OPENAI_API_KEY": "invalid"}), 3, "OPENAI_API_KEY")
    settings = shell.workshop.root / "settings.toml"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    url = shell.workshop.simulator.base_url("openai")
    settings.write_text(settings.read_text().replace(url, f"http://127.0.0.1:{port}/v1"))
    assert_refused(shell("models", "openai"), 5, "Cannot reach 127.0.0.1")
    settings.write_text(settings.read_text().replace(f"http://127.0.0.1:{port}", "http://192.0.2.7"))
    assert_refused(shell("models", "openai"), 2, "settings.toml:2:1", "unencrypted")


def test_models_says_when_the_default_is_not_offered(shell: Shell) -> None:
    settings = shell.workshop.root / "settings.toml"
    settings.write_text(
        settings.read_text().replace("[providers.openai]", '[providers.openai]\nmodel = "mine"')
    )
    assert "mine, is not one of them" in shell("models", "openai").stderr


# ------------------------------------------------------------------- providers


def test_providers_shows_keys_endpoints_models_and_limits(shell: Shell) -> None:
    result = shell("providers", env={"YC_FOLDER_ID": ""})
    assert (result.exit_code, result.stderr) == (0, "")
    lines = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert list(lines) == ["NAME", *PROVIDERS]
    assert "OPENAI_API_KEY found" in lines["openai"]
    assert "YC_FOLDER_ID not set" in lines["yandex"]
    assert shell.workshop.simulator.base_url("anthropic") in lines["anthropic"]
    assert "60000/min" in lines["google"]
    assert len({line.index("http") for line in result.stdout.splitlines()[1:]}) == 1


def test_providers_tells_holds_and_the_last_error_with_its_time(shell: Shell) -> None:
    shell.workshop.simulator.simulate("openai", "billing", times=1)
    shell("run", "noir")
    shell.workshop.simulator.simulate("google", "cut", times=1)
    shell("run", "noir", "-p", "google")
    shell("run", "noir", "-p", "google")
    shell("quota", "hold", "openai", "--for", "600", "--reason", "by hand")
    lines = [line.strip() for line in shell("providers").stdout.splitlines()]
    assert any(line.startswith("no calls for 10 min: by hand") for line in lines)
    assert any(line.startswith("last error, ") and "no credit left" in line for line in lines)
    assert any(line.startswith("last error, ") and "which are kept" in line for line in lines)
    found: dict[str, Any] = {item["name"]: item for item in json.loads(shell("providers", "--json").stdout)}
    openai = found["openai"]
    assert (openai["key"], openai["missing"], openai["usable"]) == ("OPENAI_API_KEY", [], True)
    assert (openai["dialect"], openai["hold_reason"]) == ("openai", "by hand")
    assert openai["last_error"]["class"] == "billing"
    assert datetime.fromisoformat(openai["last_error"]["at"]).tzinfo is not None
    assert openai["limits"]["requests_per_minute"] == 60_000
    assert found["anthropic"]["last_error"] is None


def test_providers_makes_no_database_and_shows_no_key(shell: Shell) -> None:
    for arguments in (["providers"], ["providers", "--json"]):
        assert SECRET not in shell(*arguments).output
    assert not shell.workshop.workspace().database.exists()
    assert "none is read in a demo" in shell("--demo", "providers").stdout


# ---------------------------------------------------------------- quota resume


def test_resume_reaches_programs_whose_calls_were_stopped(shell: Shell) -> None:
    resumption = Resumption(shell.workshop.workspace().state_dir)
    assert shell("quota", "resume", "openai").exit_code == 0
    first = resumption.told("openai")
    assert first > 0
    settings = shell.workshop.root / "settings.toml"
    settings.write_text('ledger = "memory"\n' + settings.read_text())
    assert shell("quota", "resume", "openai").exit_code == 0
    assert resumption.told("openai") > first
    assert resumption.told("google") == 0


# ------------------------------------------------------------------- simulator


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    """`penstock simulator` as a process of its own."""
    command = [sys.executable, "-m", "tui", "simulator"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_the_simulator_says_how_to_point_clients_at_it(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or not lines[-1].startswith("# Counts"):
        lines.append(process.stdout.readline().strip())
    set_to = {
        name: value
        for line in lines
        if line.startswith("export ")
        for name, value in (word.split("=") for word in line.split()[1:])
    }
    body = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
    headers = {"authorization": f"Bearer {set_to['OPENAI_API_KEY']}"}
    answer = httpx.post(f"{set_to['OPENAI_BASE_URL']}/chat/completions", json=body, headers=headers)
    assert answer.status_code == 200
    assert {"ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL", "YC_FOLDER_ID"} <= set_to.keys()
    assert any("x-simulate" in line for line in lines)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, errors.strip()) == (0, "")


def test_a_port_that_is_taken_or_none_is_one_sentence(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_refused(shell("simulator", "--port", port), 2, port, "in use")
    assert_refused(shell("simulator", "--port", "70000"), 2, "70000")
