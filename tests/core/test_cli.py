"""The command line: answers on stdout, all else on stderr, one sentence and a code for what goes wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.shell import BROKEN, Shell, assert_refused

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


# --------------------------------------------------------------- wrong calls


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "bare"], ["hero"]),
        (["run", "noir", "--var", "hera=x"], ["hera", "did you mean"]),
        (["run", "noir", "--var", "hero"], ["hero", "NAME=VALUE"]),
        (["run", "noir", "--var", "hero=\udcff"], ["'hero'", "UTF-8"]),
        (["run", "nior"], ["no prompt 'nior'", "did you mean 'noir'?", "bare"]),
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
