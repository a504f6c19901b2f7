"""`penstock check --fix`: the difference first, and then the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.core.engine.matrix.test_testing import write_cases
from tui.core.prompts.files import read_file

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.core.engine.shell import Shell


def test_it_shows_the_difference_and_writes_only_when_told_to(shell: Shell) -> None:
    workshop = shell.workshop
    path = workshop.prompt("tale", variables="{}", description="see: this", body="A {{mood}} tale, {{code}}.")
    write_cases(workshop, "- name: one\n  vars: {mood: sad}\n", "tale")
    before = path.read_bytes()
    shown = shell("check", "--fix")
    assert shown.exit_code == 1, "the files are as wrong as they were"
    for line in ("-description: see: this", '+description: "see: this"', "+variables: {mood: {}}"):
        assert f"\n{line}\n" in shown.stdout
    assert "+variables: {mood: {}, code" not in shown.stdout
    assert "Nothing was written; --yes writes it." in shown.stderr
    assert path.read_bytes() == before
    done = shell("check", "--fix", "--yes")
    assert done.exit_code == 0, done.output
    assert "Mended 1 file." in done.stderr
    assert path.read_bytes().endswith(b"---\n\nA {{mood}} tale, {{code}}.\n")
    assert "There is nothing that can be mended for sure." in shell("check", "--fix", "--yes").stderr


def test_a_file_that_cannot_be_read_is_left_to_the_check(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = shell.workshop.prompt("locked", description="see: this", variables="{}", body="Hi.")
    other = shell.workshop.prompt("other", description="see: this", variables="{}", body="Hi.")
    before = locked.read_bytes()

    def read(folder: Path, name: str) -> tuple[bytes, object]:
        if name == locked.name:
            raise PermissionError(13, "Permission denied")
        return read_file(folder, name)

    monkeypatch.setattr("tui.commands.mend.read_file", read)
    done = shell("check", "--fix", "--yes")
    assert "Mended 1 file." in done.stderr
    assert b'"see: this"' in other.read_bytes()
    assert locked.read_bytes() == before
    assert "nothing that can be mended" in shell("check", str(locked), "--fix").stderr


def test_one_file_alone(shell: Shell) -> None:
    path = shell.workshop.prompt("tale", variables="{}", description="see: this", body="A tale.")
    done = shell("check", str(path), "--fix", "--yes")
    assert (done.exit_code, b'"see: this"' in path.read_bytes()) == (0, True)
