"""`penstock test` as a script calls it: what goes where, and with which code it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.core.engine.matrix.test_testing import write_cases
from tests.core.engine.shell import NO_KEYS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.engine.shell import Shell


def test_the_result_goes_to_stdout_and_to_files(shell: Shell, tmp_path: Path) -> None:
    write_cases(shell.workshop, "checks: [min_words: 1]\ncases: [{name: a}, {name: b, checks: [equals: no]}]")
    files = ["--junit", str(tmp_path / "j.xml"), "--markdown", str(tmp_path / "m.md")]
    result = shell("test", "-p", "openai", "-p", "google", *files)
    assert result.exit_code == 1
    assert result.stdout.startswith("noir v1  openai  google\n  a      pass    pass\n  b      FAIL    FAIL\n")
    assert "2 of 4 passed, 2 failed" in result.stdout
    assert "4 answers to check: at most 4 calls" in result.stderr
    root = ET.parse(tmp_path / "j.xml").getroot()
    assert [suite.get("failures") for suite in root] == ["1", "1"]
    assert "| noir v1 | b | google | ✗ FAIL |" in (tmp_path / "m.md").read_text()
    again = shell("test", "noir", "--json", "--reuse", "--provider", "openai")
    said = json.loads(again.stdout)
    assert (again.exit_code, said["passed"], said["failed"]) == (1, 1, 1)
    assert [result["kept"] for result in said["results"]] == [True, True]
    assert len(shell.workshop.runs()) == 4


def test_trouble_with_a_provider_is_told_apart_from_failures(shell: Shell) -> None:
    write_cases(shell.workshop)
    shell.workshop.simulator.simulate("openai", "billing")
    result = shell("test", "-p", "openai")
    assert result.exit_code == 5
    assert "0 of 2 passed, 2 excluded" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["nobody"], 2, "There is no prompt 'nobody'"),
        (["--version", "9"], 2, "no version 9"),
        (["-p", "opnai"], 2, "did you mean 'openai'?"),
        (["--max-cost", "0.5", "-p", "yandex"], 2, "The price of yandex's model is unknown"),
        (["--max-cost", "0", "-p", "openai"], 2, "more than --max-cost 0"),
        (["--repeat", "0"], 2, "--repeat"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_sends_nothing(
    shell: Shell, arguments: list[str], code: int, says: str
) -> None:
    write_cases(shell.workshop)
    result = shell("test", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    last = result.stderr.splitlines()[-1]
    assert last.startswith("penstock: ")
    assert says in last
    assert not shell.workshop.workspace().database.exists() or shell.workshop.runs() == []


def test_without_a_key_it_says_which_variable_to_set(shell: Shell) -> None:
    write_cases(shell.workshop)
    result = shell("test", "-p", "yandex", env=NO_KEYS)
    assert result.exit_code == 3
    assert "YC_API_KEY" in result.stderr
