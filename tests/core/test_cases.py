"""Cases from the file to the run: followed, saved, run by name, checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.shell import Shell, assert_refused
from tests.core.engine.workshop import PATIENCE_S, eventually
from tui.core.engine.casing import CaseNotSaved

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.engine.workshop import Workshop

CASES = """# Who it is about
- name: old  # as ever
  vars:
    hero: Ilya, who is old
"""


def case_file(workshop: Workshop, text: str = CASES) -> Path:
    path = workshop.prompts / "cases" / "noir.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_a_run_takes_its_values_from_a_case_and_is_recorded_with_it(shell: Shell) -> None:
    case_file(shell.workshop)
    said = json.loads(shell("run", "noir", "--case", "old", "--json").stdout)
    assert said["case"] == "old"
    shell("run", "noir", "--case", "old", "--var", "hero=Joss")
    first, second = shell.workshop.runs()
    assert (first["prompt"], first["case_name"]) == ("Write about Ilya, who is old.", "old")
    assert (second["prompt"], second["case_name"]) == ("Write about Joss.", None), "no values of the case's"
    assert_refused(shell("run", "noir", "--case", "odl"), 2, "did you mean 'old'?")


def test_check_looks_at_cases_beside_their_prompts(shell: Shell) -> None:
    path = case_file(shell.workshop)
    assert shell("check").exit_code == 0
    path.write_text("- name: a\n  vars: {heroe: x}\n- name: a\n")
    assert_found(shell, path, "3:3: error: The case `a` stands here a second time.")
    path.write_text("- name: a\n  vars: {heroe: x}\n")
    assert_found(
        shell, path, "2:10: error: No version of `noir` has a variable `heroe`. Did you mean `hero`?"
    )
    assert shell("check", str(path)).exit_code == 0, "alone it is sound"
    path.rename(path.with_name("other.yaml"))
    result = shell("check")
    assert result.exit_code == 0
    assert "There is no prompt `other` for these cases." in result.stdout


def assert_found(shell: Shell, path: Path, sentence: str) -> None:
    result = shell("check")
    assert result.exit_code == 1
    assert f"{path}:{sentence}" in result.stdout


def test_cases_are_followed_and_a_broken_file_keeps_what_was_good(workshop: Workshop) -> None:
    engine = workshop.open(watch=True).engine
    assert engine.cases.of("noir") == ()
    path = case_file(workshop)
    eventually(lambda: engine.cases.find("noir", "old") is not None)
    path.write_text("- name: [")
    eventually(lambda: engine.cases.sets["noir"].broken)
    assert engine.cases.find("noir", "old")
    path.write_text(CASES.replace("Ilya", "Mara"))
    eventually(lambda: engine.cases.find("noir", "old").vars == {"hero": "Mara, who is old"})  # type: ignore[union-attr]
    path.unlink()
    eventually(lambda: not engine.cases.of("noir"))


def test_a_case_is_saved_with_comments_kept_and_can_be_taken_back(workshop: Workshop) -> None:
    path = case_file(workshop)
    engine = workshop.open().engine
    seen = {"hero": "Ilya, who is old"}
    engine.casing.save("noir", "old", {"hero": "Ilya"}, seen=seen).result(PATIENCE_S)
    assert path.read_text() == CASES.replace("Ilya, who is old", "Ilya")
    engine.casing.save("noir", "new", {"hero": "Joss"}).result(PATIENCE_S)
    assert [case.name for case in engine.cases.of("noir")] == ["old", "new"]
    engine.filing.undo().result(PATIENCE_S)
    engine.filing.undo().result(PATIENCE_S)
    assert path.read_text() == CASES


def test_a_case_that_was_changed_elsewhere_is_not_written_over(workshop: Workshop) -> None:
    path = case_file(workshop)
    engine = workshop.open().engine
    for seen in ({"hero": "somebody else"}, None):
        with pytest.raises(CaseNotSaved, match="something else in the file by now"):
            engine.casing.save("noir", "old", {"hero": "Joss"}, seen=seen).result(PATIENCE_S)
    path.write_text("- name: [")
    with pytest.raises(CaseNotSaved, match=r"cases/noir.yaml: It is broken in line 1"):
        engine.casing.save("noir", "old", {"hero": "Joss"}).result(PATIENCE_S)
    assert path.read_text() == "- name: ["


def test_the_first_case_makes_the_file(workshop: Workshop) -> None:
    engine = workshop.open().engine
    engine.casing.save("noir", "first", {"hero": "one\ntwo"}).result(PATIENCE_S)
    path = workshop.prompts / "cases" / "noir.yaml"
    assert path.read_text() == "- name: first\n  vars:\n    hero: |-\n      one\n      two\n"
    with pytest.raises(CaseNotSaved, match="rename it"):
        engine.casing.save("../noir", "x", {}).result(PATIENCE_S)
