"""What is wrong between files."""

from __future__ import annotations

from pathlib import Path

from tui.core.prompts.doctor import duplicate_problem, examine, selection_problems


def file(path: str, name: str, version: int, *lines: str) -> tuple[Path, bytes]:
    front = "\n".join((f"name: {name}", f"version: {version}", *lines))
    return Path(path), f"---\n{front}\n---\n\nHello.\n".encode()


def codes(*files: tuple[Path, bytes]) -> dict[str, list[str]]:
    return {
        report.path.as_posix(): [problem.code for problem in report.problems] for report in examine(files)
    }


def test_a_sound_folder_has_no_problems() -> None:
    files = [file("b.md", "tale", 2, "active: false"), file("a.md", "tale", 1), file("c.md", "other", 1)]
    reports = examine(files)
    assert [report.path.name for report in reports] == ["a.md", "b.md", "c.md"]
    assert all(report.problems == () and report.document is not None for report in reports)


def test_of_two_files_with_one_version_the_second_by_path_is_in_error() -> None:
    reports = examine([file("b.md", "tale", 1), file("a.md", "tale", 1), file("c.md", "tale", 1)])
    assert [len(report.problems) for report in reports] == [0, 1, 1]
    for report in reports[1:]:
        (problem,) = report.problems
        assert (problem.severity, problem.code) == ("error", "duplicate")
        assert "`a.md`" in problem.message


def test_a_duplicate_has_no_say_in_what_is_served() -> None:
    files = [file("a.md", "tale", 1), file("b.md", "tale", 1), file("c.md", "tale", 2, "active: false")]
    assert codes(*files) == {"a.md": [], "b.md": ["duplicate"], "c.md": []}


def test_several_active_versions_without_weights_are_each_warned_of() -> None:
    reports = examine(
        [file("a.md", "tale", 1), file("b.md", "tale", 10), file("c.md", "tale", 2, "active: false")]
    )
    assert [[problem.code for problem in report.problems] for report in reports] == [
        ["several-active"],
        ["several-active"],
        [],
    ]
    assert "only 10 is served" in reports[0].problems[0].message


def test_a_split_with_weights_is_as_meant() -> None:
    assert codes(file("a.md", "t", 1, "weight: 1"), file("b.md", "t", 2, "weight: 3")) == {
        "a.md": [],
        "b.md": [],
    }


def test_an_active_version_outside_the_split_is_warned_of() -> None:
    files = [file("a.md", "t", 1, "weight: 1"), file("b.md", "t", 2), file("c.md", "t", 3, "weight: 0")]
    assert codes(*files) == {"a.md": [], "b.md": ["no-weight"], "c.md": ["no-weight"]}


def test_weights_of_nothing_are_no_split() -> None:
    found = codes(file("a.md", "t", 1, "weight: 0"), file("b.md", "t", 2, "weight: 0"))
    assert found == {"a.md": ["several-active"], "b.md": ["several-active"]}


def test_a_name_without_an_active_version_is_warned_of_once() -> None:
    files = [file("a.md", "t", 1, "active: false"), file("b.md", "t", 2, "active: false")]
    assert codes(*files) == {"a.md": [], "b.md": ["none-active"]}


def test_a_broken_file_keeps_its_own_problems_and_takes_no_part() -> None:
    broken = (Path("a.md"), b"---\nname: t\nversion: x\n---\n\nHello.\n")
    reports = examine([file("b.md", "t", 1), broken])
    assert reports[0].document is None
    assert [problem.code for problem in reports[0].problems] == ["type"]
    assert reports[1].problems == ()


def test_the_pieces_stand_alone() -> None:
    (report,) = examine([file("a.md", "t", 7, "active: false")])
    assert report.document is not None
    assert set(selection_problems([report.document])) == {7}
    assert selection_problems([]) == {}
    assert duplicate_problem(report.document, Path("x/y.md")).fix
