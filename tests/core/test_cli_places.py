"""The command line's places, settings and options, and what its start imports."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.shell import NO_KEYS, Shell, assert_refused
from tui.version import VERSION

if TYPE_CHECKING:
    from pathlib import Path


def test_init_copies_the_starters_and_leaves_what_is_there(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    result = shell("init", str(folder))
    written = result.stdout.splitlines()
    assert sorted(written) == sorted(str(path) for path in folder.rglob("*.*"))
    assert len(written) >= 5
    assert str(folder) in result.stderr
    again = shell("init", str(folder))
    assert (again.exit_code, again.stdout) == (0, "")
    assert "already" in again.stderr
    assert shell("check", str(folder)).exit_code == 0
    (tmp_path / "file").write_text("")
    assert_refused(shell("init", str(tmp_path / "file")), 2, "file")
    assert_refused(shell("init", str(tmp_path / "file" / "below")), 1, "cannot be written")


def test_config_says_where_things_are(shell: Shell) -> None:
    places = shell.workshop.workspace()
    said = {what: shell("config", "path", what).stdout for what in ("settings", "database", "prompts")}
    assert said == {
        "settings": f"{places.settings}\n",
        "database": f"{places.database}\n",
        "prompts": f"{places.prompts}\n",
    }
    assert shell("config", "path").stdout == said["settings"]
    demo = shell("config", "path", "database", "--demo").stdout
    assert demo not in said.values()


_MORE = """
[providers.work]
preset = "anthropic"
key_env = "OPENAI_API_KEY"
[providers.ollama]
model = "some"
timeouts = { total = 1800 }
[providers.mine]
dialect = "openai"
base_url = "https://gateway.example/v1"
headers = { "X-Api-Key" = "$TEAM_KEY" }
[providers.mine.models.big]
api = "responses"
limits = { requests_per_minute = 3 }
"""
BIG = {"requests_per_minute": 3, "shape": "bucket", "day_zone": "UTC", "max_in_flight": 4, "margin_s": 0.5}


def test_config_shows_settings_that_mean_the_same_when_saved(shell: Shell) -> None:
    shown = shell("config", "show").stdout
    table = tomllib.loads(shown)
    assert table["providers"]["openai"]["base_url"] == shell.workshop.simulator.base_url("openai")
    assert table["providers"]["openai"]["limits"]["requests_per_minute"] == 60_000
    assert shown.count("# its key is there\n") == 5
    assert (
        "# not found in the environment: YC_API_KEY, YC_FOLDER_ID\n"
        in shell("config", "show", env=NO_KEYS).stdout
    )
    own = shown.replace("[providers.google]", "[providers.google]\nenabled = false") + _MORE
    (shell.workshop.root / "settings.toml").write_text(own)
    shown = shell("config", "show").stdout
    table = tomllib.loads(shown)["providers"]
    address = shell.workshop.simulator.base_url("google")
    assert table["google"] == {"enabled": False, "dialect": "gemini", "base_url": address}
    assert table["mine"]["headers"] == {"X-Api-Key": "$TEAM_KEY"}
    assert table["mine"]["models"]["big"] == {"api": "responses", "limits": BIG}
    assert "# not found in the environment: TEAM_KEY\n" in shown
    assert "# it needs no key\n" in shown
    (shell.workshop.root / "settings.toml").write_text(shown)
    assert shell("config", "show").stdout == shown
    demo = shell("config", "show", "--demo").stdout
    assert demo.count("# no key is read in a demo\n") == 7


def test_the_vendors_own_variable_moves_the_address_unless_the_settings_do(shell: Shell) -> None:
    elsewhere = "https://gateway.example/v1"
    shown = tomllib.loads(shell("config", "show", env={"OPENAI_BASE_URL": elsewhere}).stdout)
    assert shown["providers"]["openai"]["base_url"] != elsewhere
    (shell.workshop.root / "settings.toml").write_text("")
    shown = tomllib.loads(shell("config", "show", env={"OPENAI_BASE_URL": elsewhere}).stdout)
    assert shown["providers"]["openai"]["base_url"] == elsewhere


@pytest.mark.parametrize("command", [["ls"], ["run", "noir"], ["config", "show"], ["check"]])
def test_wrong_settings_are_one_sentence_with_their_place(shell: Shell, command: list[str]) -> None:
    path = shell.workshop.root / "settings.toml"
    path.write_text("[providers.opnai]\n")
    assert_refused(shell(*command), 2, f"{path}:1:2:", "did you mean 'openai'?")
    path.write_text("")
    assert_refused(shell(*command, env={"PENSTOCK_PROVIDERS": "x"}), 2, "PENSTOCK_PROVIDERS")
    name = "PENSTOCK_PROVIDERS__OPENAI__LIMITS__REQUESTS_PER_MINUTE"
    assert_refused(shell(*command, env={name: "many"}), 2, name)


def test_a_database_that_cannot_be_used_is_one_sentence(shell: Shell) -> None:
    path = shell.workshop.workspace().database
    path.parent.mkdir(parents=True)
    path.write_text("These are my notes, not a database.")
    assert_refused(shell("ls"), 1, str(path), "is not a database")
    assert_refused(shell("run", "noir"), 1, str(path), "is not a database")


# ------------------------------------------------------------------- options


def test_options_stand_before_or_after_the_command_and_the_latter_wins(shell: Shell, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    both = ["--prompts", str(shell.workshop.prompts), "config", "path", "prompts", "--prompts", str(other)]
    assert shell(*both, places=False).stdout == f"{other}\n"
    assert (
        shell("config", "path", "prompts", *shell.places, places=False).stdout
        == f"{shell.workshop.prompts}\n"
    )


def test_a_demo_answers_without_a_key(shell: Shell) -> None:
    (shell.workshop.root / "settings.toml").unlink()
    shell.workshop.prompt("short", parameters="{max_tokens: 16}")
    result = shell("--demo", "run", "short", "--json", env=NO_KEYS)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["text"]


LIGHT = """
import sys
sys.argv = ["penstock", *sys.argv[1:]]
from tui.cli import main
try:
    main()
except SystemExit as end:
    code = end.code
heavy = {"textual", "sqlmodel", "sqlalchemy", "httpx", "watchfiles", "pydantic"} & set(sys.modules)
print(sorted(heavy), code, file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["run", "--help"], ["config", "path", "--help"]]
)
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LIGHT, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stderr == "[] 0\n"
    assert VERSION in ended.stdout if arguments == ["--version"] else "Usage: penstock" in ended.stdout


HEADLESS = """
import importlib, pkgutil, sys
import tui.core, tui.simulator
for package in (tui.core, tui.simulator):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
import tui.api
print(sorted(name for name in sys.modules if name.partition(".")[0] == "textual"))
"""


def test_the_core_and_the_simulator_never_import_the_screen() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HEADLESS], capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout == "[]\n"


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_and_options(shell: Shell, name: str) -> None:
    script = shell("completion", name).stdout
    assert f"_PENSTOCK_COMPLETE={name}_complete" in script
    asked = {"COMP_WORDS": "penstock quo", "COMP_CWORD": "quo" if name == "fish" else "1"}
    done = subprocess.run(
        [sys.executable, "-c", "from tui.cli import main; main(prog_name='penstock')"],
        env={"_PENSTOCK_COMPLETE": f"{name}_complete", **asked},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "quota" in done.stdout, done.stderr
    assert "Traceback" not in done.stderr


def test_a_shell_that_is_not_known_is_refused(shell: Shell) -> None:
    assert_refused(shell("completion", "csh"), 2, "'bash', 'zsh', 'fish'")
