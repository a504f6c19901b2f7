"""The command line: answers on stdout, all else on stderr, one sentence and a code for what goes wrong."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.core.engine.shell import BROKEN, NO_KEYS, Shell, assert_refused
from tests.core.engine.workshop import PATIENCE_S, eventually
from tui.core.quota.errors import Closed
from tui.core.quota.limiter import Limiter

if TYPE_CHECKING:
    from pathlib import Path

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
    for missing in (shell("ls"), shell("ls", "--json"), shell("run", "noir")):
        assert_refused(missing, 2, "There is no folder", "penstock init")


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
