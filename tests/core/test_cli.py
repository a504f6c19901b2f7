"""The command line: answers on stdout, all else on stderr, one sentence and a code for what goes wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from tests.core.engine.workshop import KEYS, PATIENCE_S, SECRET, Workshop, eventually
from tui.cli import main
from tui.core.quota.errors import Closed
from tui.core.quota.limiter import Limiter
from tui.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NOTHING: Mapping[str, str] = {}
NO_KEYS = dict.fromkeys(KEYS, "")
BROKEN = "---\nname: noir\nversion: [1\n---\nBroken\n"


class Shell:
    """Calls `penstock` on a workshop, within this process or as a process of its own."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        root = workshop.root
        self.places = ["--prompts", str(workshop.prompts), "--data-dir", str(root / "data")]
        self.places += ["--settings", str(root / "settings.toml")]
        (root / "settings.toml").write_text(workshop.settings_text())

    def __call__(self, *arguments: str, env: Mapping[str, str] = NOTHING, places: bool = True) -> Result:
        runner = CliRunner(env={**KEYS, **env})
        result = runner.invoke(main, [*(self.places if places else ()), *arguments], prog_name="penstock")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "\x1b" not in result.output
        assert SECRET not in result.output
        return result

    def process(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it as a user's shell would, with both ends in pipes."""
        return subprocess.Popen(
            [sys.executable, "-m", "tui", *self.places, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **KEYS, "PYTHONWARNINGS": "error"},
        )


@pytest.fixture
def shell(workshop: Workshop) -> Iterator[Shell]:
    """A shell in a workshop."""
    yield Shell(workshop)


def assert_refused(result: Result, code: int, *words: str) -> None:
    """It ended with this code and one sentence on stderr, which holds these words."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith("penstock: ")
    assert line.endswith((".", "?")), line
    for word in words:
        assert word in line


# ------------------------------------------------------------------------ ls


def test_ls_shows_every_version_in_a_table(shell: Shell) -> None:
    shell.workshop.prompt(version=1, active=False)
    shell.workshop.prompt(version=2)
    shell.workshop.prompt("a-much-longer-name")
    result = shell("ls")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["NAME", "VERSION", "ACTIVE", "USED", "SUCCESS", "FILE"]
    assert [line.split() for line in lines[1:]] == [
        ["a-much-longer-name", "v1", "yes", "0", "—", "a-much-longer-name-v1.md"],
        ["noir", "v1", "no", "0", "—", "noir-v1.md"],
        ["noir", "v2", "yes", "0", "—", "noir-v2.md"],
    ]
    assert len({line.index(" v") for line in lines[1:]}) == 1
    assert result.stderr == ""


def test_ls_as_json_has_what_scripts_need(shell: Shell) -> None:
    shell.workshop.prompt(version=2, weight=3, tags="[a, b]", description="Dark.")
    shell("run", "noir", "--version", "2")
    row = json.loads(shell("ls", "--json").stdout)[1]
    assert (row["name"], row["version"], row["usage_count"], row["success_rate"]) == ("noir", 2, 1, None)
    assert (row["weight"], row["tags"], row["description"]) == (3, ["a", "b"], "Dark.")
    assert row["variables"][0]["name"] == "hero"


def test_ls_says_what_is_broken_empty_or_not_there(shell: Shell) -> None:
    shell("ls")
    (shell.workshop.prompts / "noir-v1.md").write_text(BROKEN)
    (shell.workshop.prompts / "bad\x1b[31m.md").write_bytes(b"\xff\xfe")
    result = shell("ls")
    assert "noir-v1.md  (broken: last good content)" in result.stdout
    assert "is not served: see `penstock check`" in result.stderr
    for path in shell.workshop.prompts.iterdir():
        path.unlink()
    assert "No prompts in" in shell("ls").stderr
    shell.workshop.prompts.rmdir()
    assert "There is no folder" in shell("ls").stderr
    assert json.loads(shell("ls", "--json").stdout) == []


# --------------------------------------------------------------------- check


def test_check_finds_nothing_wrong_with_good_files(shell: Shell) -> None:
    result = shell("check")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "1 file, 0 errors, 0 warnings.\n")


def test_check_prints_every_problem_with_its_place(shell: Shell) -> None:
    shell.workshop.prompt("warned", body="Write about {{hero}} and {{villain}}.")
    (shell.workshop.prompts / "noir-v1.md").write_text(BROKEN)
    (shell.workshop.prompts / "gone.md").symlink_to("nowhere")
    (shell.workshop.prompts / "odd\x1b[31m.md").write_bytes(b"\xff")
    result = shell("check")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert len(lines) == 4
    assert any(f"{shell.workshop.prompts}/noir-v1.md:" in line and ": error: " in line for line in lines)
    assert any("warned-v1.md:" in line and ": warning: " in line and "villain" in line for line in lines)
    assert any("gone.md: error: It cannot be read" in line for line in lines)
    assert result.stderr == "4 files, 3 errors, 1 warning.\n"


def test_check_looks_at_a_single_file_or_folder(shell: Shell, tmp_path: Path) -> None:
    broken = tmp_path / "broken.md"
    broken.write_text(BROKEN)
    assert shell("check", str(broken)).exit_code == 1
    assert shell("check", str(shell.workshop.prompts)).exit_code == 0
    assert_refused(shell("check", str(tmp_path / "none")), 2, "There is no file or folder", "none")
    warned = shell.workshop.prompt("warned", body="{{villain}}")
    assert shell("check", str(warned)).exit_code == 0


def test_check_as_json_says_the_same(shell: Shell) -> None:
    (shell.workshop.prompts / "noir-v1.md").write_text(BROKEN)
    result = shell("check", "--json")
    assert result.exit_code == 1
    [report] = json.loads(result.stdout)
    assert report["path"].endswith("noir-v1.md")
    [problem] = report["problems"]
    assert (problem["severity"], type(problem["line"]), problem["message"] != "") == ("error", int, True)


# ----------------------------------------------------------------------- run


def test_run_prints_the_answer_and_nothing_else(shell: Shell) -> None:
    result = shell("run", "noir", "--var", "hero=Joss", "--provider", "anthropic", "--model", "claude-x")
    assert (result.exit_code, result.stderr) == (0, "")
    [run] = shell.workshop.runs()
    assert result.stdout == run["answer"].rstrip("\n") + "\n"
    assert (run["provider"], run["model"], run["prompt"]) == ("anthropic", "claude-x", "Write about Joss.")


def test_run_as_json_prints_the_whole_result(shell: Shell) -> None:
    result = shell("run", "noir", "--json")
    said = json.loads(result.stdout)
    [run] = shell.workshop.runs()
    assert (said["id"], said["answer"], said["status"]) == (run["id"], run["answer"], "done")
    assert said["usage"]["tokens_out"] == run["tokens_out"]
    assert said["error"] is None


def test_run_keeps_everything_after_the_first_equals_sign(shell: Shell) -> None:
    shell("run", "noir", "-v", "hero=a=b {{hero}} ")
    assert shell.workshop.runs()[0]["prompt"] == "Write about a=b {{hero}} ."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "bare"], ["hero"]),
        (["run", "noir", "--var", "hera=x"], ["hera", "did you mean"]),
        (["run", "noir", "--var", "hero"], ["hero", "NAME=VALUE"]),
        (["run", "noir", "--var", "hero=\udcff"], ["'hero'", "UTF-8"]),
        (["run", "nior"], ["no prompt 'nior'", "noir"]),
        (["run", "noir", "--version", "9"], ["no version 9", "it has v1"]),
        (["run", "noir", "--version", "x"], ["--version", "'x'"]),
        (["run", "noir", "--provider", "opnai"], ["no provider 'opnai'", "openai"]),
        (["run"], ["NAME"]),
        (["run", "noir", "--nonsense"], ["--nonsense"]),
        (["nonsense"], ["nonsense"]),
        (["config", "path", "nonsense"], ["nonsense", "database"]),
        (["config", "nonsense"], ["nonsense"]),
        (["check", "one", "two"], ["two"]),
        ([], ["no terminal", "penstock ls"]),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_2(
    shell: Shell, arguments: list[str], words: list[str]
) -> None:
    shell.workshop.prompt("bare", variables="[hero]")
    assert_refused(shell(*arguments), 2, *words)
    assert shell.workshop.simulator.stats()["openai"]["requests"] == 0


def test_run_without_a_key_says_which_variable_to_set(shell: Shell) -> None:
    assert_refused(shell("run", "noir", env=NO_KEYS), 2, "OPENAI_API_KEY", "--demo")
    assert_refused(shell("run", "noir", "-p", "yandex", env=NO_KEYS), 2, "YC_API_KEY and YC_FOLDER_ID")


@pytest.mark.parametrize(
    ("scenario", "code"),
    [("billing", 3), ("error_in_stream", 5), ("cut", 6), ("filtered", 6), ("per_day", 5)],
)
def test_run_exits_by_what_went_wrong(shell: Shell, scenario: str, code: int) -> None:
    shell.workshop.simulator.simulate("openai", scenario)
    result = shell("run", "noir")
    assert result.exit_code == code, result.output
    [line] = result.stderr.splitlines()
    assert line.startswith("penstock: ")
    failed = shell("run", "noir", "--json")
    assert failed.exit_code == code
    assert json.loads(failed.stdout)["error_class"] is not None


def test_run_exits_with_3_for_a_refused_key(shell: Shell) -> None:
    assert shell("run", "noir", env={"OPENAI_API_KEY": "invalid"}).exit_code == 3


def test_run_exits_with_4_when_the_quota_does_not_let_it_go(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(limiter: Limiter, **_: Any) -> None:
        raise Closed(limiter.name)

    monkeypatch.setattr(Limiter, "acquire", refuse)
    result = shell("run", "noir")
    assert (result.exit_code, result.stdout) == (4, "")


def test_an_interrupted_answer_is_printed_as_far_as_it_came(shell: Shell) -> None:
    shell.workshop.simulator.simulate("openai", "cut")
    result = shell("run", "noir")
    assert result.stdout == shell.workshop.runs()[0]["answer"] + "\n"
    assert "kept" in result.stderr


def test_ctrl_c_cancels_the_run_and_exits_with_130(shell: Shell) -> None:
    shell.workshop.simulator.simulate("openai", "stall")
    with shell.process("run", "noir") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1) != ""
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 130
        assert process.stderr.read().strip() == "penstock: Cancelled."
    assert [(run["status"], run["outcome"]) for run in shell.workshop.runs()] == [("cancelled", "excluded")]


def test_a_pipe_that_its_reader_closes_is_no_news(shell: Shell) -> None:
    shell.workshop.simulator.simulate("openai", "huge")
    shell.workshop.prompt("long", parameters="{max_tokens: 20000}")
    with shell.process("run", "long") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        process.wait(PATIENCE_S)
        assert process.stderr.read() == ""
    [run] = shell.workshop.runs()
    assert run["status"] in ("cancelled", "done")
    eventually(lambda: shell.workshop.simulator.stats()["openai"]["in_flight"] == 0)


# ----------------------------------------------------------- init and config


def test_init_copies_the_starters_and_leaves_what_is_there(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    result = shell("init", str(folder))
    written = result.stdout.splitlines()
    assert sorted(written) == sorted(str(path) for path in folder.iterdir())
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
    own = shown.replace("[providers.google]", '[providers.google]\nkey_env = "MINE"\nenabled = false')
    (shell.workshop.root / "settings.toml").write_text(own)
    shown = shell("config", "show").stdout
    assert tomllib.loads(shown)["providers"]["google"] == {"enabled": False}
    (shell.workshop.root / "settings.toml").write_text(shown)
    assert shell("config", "show").stdout == shown
    demo = shell("config", "show", "--demo").stdout
    assert demo.count("# no key is read in a demo\n") == 4


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
    assert json.loads(result.stdout)["answer"]


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
