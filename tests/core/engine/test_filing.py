"""New, renamed and retired versions by command, and taking all that back."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.workshop import PATIENCE_S, Bench
from tui.core.engine.events import Notice, RunRated
from tui.core.file_changes import ChangeRefused
from tui.core.prompts.snapshot import versions_of

if TYPE_CHECKING:
    import concurrent.futures
    from pathlib import Path

    from tests.core.engine.workshop import Workshop

Key = tuple[str, int]


def done(future: concurrent.futures.Future[Key | None]) -> Key | None:
    return future.result(PATIENCE_S)


def undo(bench: Bench) -> str:
    """Undo, and return what was said."""
    done(bench.engine.filing.undo())
    return bench.ears.notices[-1]


def versions(bench: Bench, name: str = "noir") -> list[int]:
    assert bench.engine.library is not None
    return [row.version for row in versions_of(bench.engine.library, name)]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_version_is_a_copy_that_is_not_active(workshop: Workshop) -> None:
    source = workshop.prompt(active=True, more="[x] # kept")
    bench = workshop.open()
    before = source.read_bytes()
    assert done(bench.engine.filing.new_version("noir", 1)) == ("noir", 2)
    copy = (workshop.prompts / "noir-v2.md").read_bytes()
    assert copy == before.replace(b"version: 1", b"version: 2").replace(b"active: true", b"active: false")
    assert source.read_bytes() == before
    assert versions(bench) == [1, 2]
    assert undo(bench) == "Removed noir-v2.md again."
    assert versions(bench) == [1]
    assert files(workshop.prompts) == {"noir-v1.md": before}


def test_the_next_number_is_one_that_nothing_has_or_had(workshop: Workshop) -> None:
    workshop.prompt(version=1)
    workshop.prompt(version=3, active=False)
    (workshop.prompts / "noir-v5.md").symlink_to("nowhere.md")
    (workshop.prompts / "noir-v6.md").mkdir()
    bench = workshop.open()
    done(bench.engine.filing.retire("noir", 3))
    done(bench.engine.filing.new_version("noir", 1))
    assert done(bench.engine.filing.new_version("noir", 1)) == ("noir", 7)
    assert versions(bench) == [1, 4, 7]


def test_a_copy_stands_beside_its_source_in_a_folder_and_of_a_link(
    workshop: Workshop, tmp_path: Path
) -> None:
    outside = tmp_path / "elsewhere.md"
    outside.write_bytes(b"---\r\nname: [deep]\r\nversion: 4\r\n---\r\nHi\r\n".replace(b"[deep]", b"deep"))
    outside.chmod(0o600)
    (workshop.prompts / "sub").mkdir()
    (workshop.prompts / "sub" / "notes.md").symlink_to(outside)
    bench = workshop.open()
    assert done(bench.engine.filing.new_version("deep", 4)) == ("deep", 5)
    copy = workshop.prompts / "sub" / "notes-v5.md"
    assert copy.read_bytes() == b"---\r\nname: deep\r\nversion: 5\r\nactive: false\r\n---\r\nHi\r\n"
    assert not copy.is_symlink()
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["---\nname: [noir\n---\nx", "---\nname: noir\nversion: 1\n---\n"])
def test_a_broken_file_is_not_copied(workshop: Workshop, content: str) -> None:
    path = workshop.prompt()
    bench = workshop.open()
    path.write_text(content)
    bench.engine.submit(lambda: bench.engine._need_shelf().update([path])).result(PATIENCE_S)
    assert done(bench.engine.filing.new_version("noir", 1)) is None
    assert "mend it first" in bench.ears.notices[-1]
    assert list(files(workshop.prompts)) == ["noir-v1.md"]


def test_a_new_prompt_teaches_and_works(workshop: Workshop) -> None:
    bench = workshop.open()
    assert done(bench.engine.filing.new_prompt(" letters/cover: [a] ")) == ("cover: [a]", 1)
    row = bench.row("cover: [a]")
    assert (row.path, row.problems, row.active) == ("letters/cover: [a]-v1.md", (), True)
    assert done(bench.engine.filing.new_prompt("cover: [a]")) is None
    assert "already" in bench.ears.notices[-1]
    assert undo(bench) == "Removed letters/cover: [a]-v1.md again."
    assert versions(bench, "cover: [a]") == []


@pytest.mark.parametrize(
    "name", ["../out", ".hidden", "a\x1b[31m", "readme", "x" * 300, "a//b", "/abs", "a\\b"]
)
def test_a_name_that_would_make_no_prompt_is_refused(workshop: Workshop, name: str) -> None:
    bench = workshop.open()
    before = files(workshop.root)
    assert done(bench.engine.filing.new_prompt(name)) is None
    assert bench.ears.notices[-1].isprintable()
    assert files(workshop.root).keys() == before.keys()


def test_a_renamed_prompt_keeps_its_rows_runs_and_revisions(workshop: Workshop) -> None:
    workshop.prompt(version=1)
    workshop.prompt(version=2, active=False)
    odd = workshop.prompts / "sub" / "odd.md"
    odd.parent.mkdir()
    odd.write_bytes(b"---\r\nname: 'noir' # mine\r\nversion: 3\r\nactive: false\r\n---\r\nHi\r\n")
    bench = workshop.open()
    done(bench.engine.filing.retire("noir", 2))
    run = bench.run()
    rows = workshop.rows("SELECT id, version FROM prompt_templates ORDER BY version")
    before = files(workshop.prompts)
    assert done(bench.engine.filing.rename("noir", 1, "night")) == ("night", 1)
    assert versions(bench) == []
    assert versions(bench, "night") == [1, 3]
    assert (
        workshop.rows("SELECT id, version FROM prompt_templates WHERE name = 'night' ORDER BY version")
        == rows
    )
    assert bench.row("night").usage_count == 1
    assert [(r["name"], r["id"]) for r in workshop.runs()] == [("night", run.id)]
    assert workshop.rows("SELECT count(*) AS n FROM runs_fts WHERE runs_fts MATCH 'name:night'") == [{"n": 1}]
    assert files(workshop.prompts) == {
        "night-v1.md": before["noir-v1.md"].replace(b"name: noir", b"name: night"),
        "sub/odd.md": before["sub/odd.md"].replace(b"'noir'", b"'night'"),
    }
    assert undo(bench) == "night is named noir again."
    assert files(workshop.prompts) == before
    assert [row["name"] for row in workshop.runs()] == ["noir"]


def test_a_prompt_that_is_named_by_its_file_alone_gets_no_name_line(
    workshop: Workshop, tmp_path: Path
) -> None:
    (workshop.prompts / "tale-v2.md").write_text("Once {{x}}.\n")
    outside = tmp_path / "far.md"
    outside.write_text("---\nversion: 3\nname: tale\nactive: false\n---\nUpon\n")
    (workshop.prompts / "tale-v3.md").symlink_to(outside)
    bench = workshop.open()
    assert done(bench.engine.filing.rename("tale", 3, "saga")) == ("saga", 3)
    assert (workshop.prompts / "saga-v2.md").read_text() == "Once {{x}}.\n"
    assert (workshop.prompts / "saga-v3.md").is_symlink()
    assert outside.read_text() == "---\nversion: 3\nname: saga\nactive: false\n---\nUpon\n"
    assert not (workshop.prompts / "tale-v3.md").is_symlink()
    undo(bench)
    assert sorted(path.name for path in workshop.prompts.glob("[ts]*")) == ["tale-v2.md", "tale-v3.md"]
    assert (workshop.prompts / "tale-v3.md").readlink() == outside


def test_the_cases_of_a_prompt_go_along(workshop: Workshop) -> None:
    workshop.prompt()
    cases = workshop.prompts / "cases" / "noir.yaml"
    cases.parent.mkdir()
    cases.write_bytes(said := b"- name: wet\n  values: {hero: Ilya}\n")
    bench = workshop.open()
    done(bench.engine.filing.rename("noir", 1, "night"))
    assert not cases.exists()
    assert (cases.parent / "night.yaml").read_bytes() == said
    shelf = bench.engine._need_shelf()
    assert list(shelf.cases.sets) == ["night"]
    undo(bench)
    assert cases.read_bytes() == said
    assert list(shelf.cases.sets) == ["noir"]


def test_a_rename_that_one_file_refuses_changes_nothing(workshop: Workshop) -> None:
    workshop.prompt(version=1)
    workshop.prompt(version=2, active=False)
    (workshop.prompts / "night-v2.md").write_text("---\nname: other\n---\nHi\n")
    bench = workshop.open()
    before = files(workshop.prompts)
    assert done(bench.engine.filing.rename("noir", 1, "night")) is None
    assert "night-v2.md" in bench.ears.notices[-1]
    assert files(workshop.prompts) == before
    assert versions(bench) == [1, 2]
    assert {row["name"] for row in workshop.rows("SELECT name FROM prompt_templates")} == {"noir", "other"}


@pytest.mark.parametrize("new", ["night", "gone", "noir", " "])
def test_a_name_that_is_taken_now_or_in_the_history_is_refused(workshop: Workshop, new: str) -> None:
    workshop.prompt()
    workshop.prompt("night")
    workshop.prompt("gone")
    bench = workshop.open()
    done(bench.engine.filing.retire("gone", 1))
    assert done(bench.engine.filing.rename("noir", 1, new)) is None
    assert versions(bench) == [1]


def test_a_name_that_is_taken_again_is_not_given_back_and_counts_go_on(workshop: Workshop) -> None:
    workshop.prompt()
    bench = workshop.open()
    request = bench.request()
    done(bench.engine.filing.rename("noir", 1, "night"))
    done(bench.engine.filing.new_prompt("noir"))
    assert undo(bench) == "Removed noir-v1.md again."
    said = undo(bench)
    assert said.startswith("Not undone: there is a prompt noir again, or there was one")
    assert versions(bench, "night") == [1]
    bench.engine.run_to_end(replace(request, row=bench.row("night"))).result(PATIENCE_S)
    bench.settle()
    assert bench.row("night").usage_count == 1


def test_a_change_that_fails_leaves_the_counts_alive(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.prompt()
    bench = workshop.open()

    def refuse(connection: object, old: str, new: str) -> None:
        raise ChangeRefused(workshop.prompts / "noir-v1.md", "was changed meanwhile")

    monkeypatch.setattr("tui.core.store.prompts.rename_prompt", refuse)
    assert done(bench.engine.filing.rename("noir", 1, "night")) is None
    bench.run()
    bench.settle()
    assert bench.row().usage_count == 1


def test_what_was_typed_for_a_prompt_is_remembered_under_its_new_name(workshop: Workshop) -> None:
    workshop.prompt()
    bench = workshop.open()
    typed = {"case": "", "typed": {"": {"hero": "Ilya"}}}
    bench.engine.memory.keep({"values/noir": typed, "values/night": {"case": "x"}})
    done(bench.engine.filing.rename("noir", 1, "night"))
    assert bench.engine.memory.find("values/").result(PATIENCE_S) == {"values/night": typed}
    undo(bench)
    assert bench.engine.memory.find("values/").result(PATIENCE_S) == {"values/noir": typed}


def test_a_test_goes_on_when_its_prompt_is_renamed(workshop: Workshop) -> None:
    workshop.prompt(version=1, weight=50)
    workshop.prompt(version=2, weight=50, body="Write of {{hero}}.")
    bench = workshop.open()
    for _ in range(2):
        bench.engine.serving.serve("noir").result(PATIENCE_S)
    done(bench.engine.filing.rename("noir", 1, "night"))
    for _ in range(2):
        bench.engine.serving.serve("night").result(PATIENCE_S)
    assert workshop.rows("SELECT label, frozen_at FROM arms ORDER BY id") == [
        {"label": "A", "frozen_at": None},
        {"label": "B", "frozen_at": None},
    ]
    assert len(bench.engine.experiments.look("night").result(PATIENCE_S).trials) == 4


def test_a_retired_version_is_kept_in_the_history_and_comes_back(workshop: Workshop) -> None:
    path = workshop.prompt(active=True)
    workshop.prompt(version=2, active=False)
    bench = workshop.open()
    path.write_bytes(broken := b"---\nname: [noir\n---\nnot served, \xc3\xa9 kept\n")
    path.chmod(0o640)
    assert done(bench.engine.filing.retire("noir", 1)) is None
    assert not path.exists()
    assert "No version is active now" in bench.ears.notices[-1]
    kept = workshop.rows("SELECT content FROM prompt_revisions ORDER BY id DESC")
    assert kept[0]["content"].encode() == broken
    assert undo(bench) == "noir-v1.md is back."
    assert path.read_bytes() == broken
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_file_that_cannot_be_kept_is_not_removed(workshop: Workshop) -> None:
    path = workshop.prompt()
    bench = workshop.open()
    path.write_bytes(b"\xff")
    done(bench.engine.filing.retire("noir", 1))
    assert "not UTF-8" in bench.ears.notices[-1]
    assert path.read_bytes() == b"\xff"


def test_undo_goes_several_steps_back_and_refuses_what_was_changed_since(workshop: Workshop) -> None:
    first = workshop.prompt(version=1, active=True)
    workshop.prompt(version=2, active=False)
    bench = workshop.open()
    before = files(workshop.prompts)
    bench.engine.filing.activate("noir", 2)
    done(bench.engine.filing.new_version("noir", 2))
    done(bench.engine.filing.retire("noir", 1))
    first.write_bytes(b"somebody else's")
    assert undo(bench) == "Not undone: noir-v1.md was changed meanwhile; it stays as it is."
    assert first.read_bytes() == b"somebody else's"
    first.write_bytes(before["noir-v1.md"].replace(b"active: true", b"active: false"))
    assert undo(bench) == "Removed noir-v3.md again."
    assert undo(bench) == "Active again of noir: v1."
    assert files(workshop.prompts) == before
    assert undo(bench) == "There is nothing to undo."


def test_a_rating_is_taken_back_unless_there_is_a_later_one(workshop: Workshop) -> None:
    workshop.prompt()
    bench = workshop.open()
    run = bench.run()
    for outcome, note in (("success", "dry"), ("failure", "")):
        bench.engine.records.rate(run.id, outcome, note)  # type: ignore[arg-type]
    assert undo(bench) == "The answer is rated good again."
    assert bench.ears.of(RunRated)[-1] == RunRated(run.id, "success", "dry")
    assert [(row["outcome"], row["note"]) for row in workshop.runs()] == [("success", "dry")]
    assert bench.row().success_rate == 1.0
    other = workshop.open()
    other.engine.records.rate(run.id, "excluded")
    other.settle()
    assert "rated again since" in undo(bench)
    assert [row["outcome"] for row in workshop.runs()] == ["excluded"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(workshop: Workshop) -> None:
    workshop.prompt()
    bench = workshop.open()
    workshop.prompts.chmod(0o500)
    try:
        assert done(bench.engine.filing.new_version("noir", 1)) is None
        assert bench.ears.wait(Notice).severity == "error"
    finally:
        workshop.prompts.chmod(0o700)
