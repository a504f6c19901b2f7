"""Finding prompt files: which count, links without loops, and reading one that changes meanwhile."""

from __future__ import annotations

import os
import time
from pathlib import Path, PurePosixPath

import pytest

from tui.core.prompts import files
from tui.core.prompts.files import (
    READ_AGAIN,
    find_prompt_files,
    is_prompt_path,
    look_at,
    read_file,
    survey,
)

AN_HOUR = 3_600_000_000_000


def write(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def paths(folder: Path) -> list[str]:
    return [found.path for found in find_prompt_files(folder)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "prompts"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    "path", ["a.md", "team/a.md", "README.old.md", "notes/readme-v1.md", "a b.md", "é.md", "x.md/a.md"]
)
def test_prompt_paths(path: str) -> None:
    assert is_prompt_path(PurePosixPath(path))


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "team/readme.md",
        "CHANGELOG.md",
        "License.md",
        ".hidden.md",
        ".git/a.md",
        "team/.cache/a.md",
        "a.md~",
        ".#a.md",
        "#a.md#",
        ".a.md.swp",
        "4913",
        "a.txt",
        "a.markdown",
        "md",
        ".md",
    ],
)
def test_paths_of_other_things(path: str) -> None:
    assert not is_prompt_path(PurePosixPath(path))


def test_finds_what_the_rule_says_in_order(folder: Path) -> None:
    names = [
        "b.md",
        "a/z.md",
        "a.md",
        "a/b/c.md",
        "README.md",
        ".git/x.md",
        "a.md~",
        ".#a.md",
        "x.txt",
        "B.md",
    ]
    for name in names:
        write(folder / name)
    assert paths(folder) == ["B.md", "a.md", "a/b/c.md", "a/z.md", "b.md"]
    assert all(is_prompt_path(PurePosixPath(path)) for path in paths(folder))


def test_tells_what_stat_tells(folder: Path) -> None:
    path = write(folder / "a.md", "four")
    os.utime(path, ns=(1, 1_700_000_000_123_456_789))
    [found] = find_prompt_files(folder)
    assert (found.size, found.mtime_ns, found.inode, found.error) == (
        4,
        1_700_000_000_123_456_789,
        path.stat().st_ino,
        "",
    )
    assert look_at(folder, "a.md") == found


def test_a_folder_that_is_missing_or_a_file_has_no_prompts(tmp_path: Path) -> None:
    assert find_prompt_files(tmp_path / "nothing") == []
    assert survey(tmp_path / "nothing").folders == {}
    assert find_prompt_files(write(tmp_path / "file")) == []


def test_a_folder_named_like_a_prompt_is_a_folder(folder: Path) -> None:
    write(folder / "a.md" / "b.md")
    assert paths(folder) == ["a.md/b.md"]
    assert look_at(folder, "a.md") is None


def test_follows_links_to_files_and_folders(folder: Path, tmp_path: Path) -> None:
    real = write(tmp_path / "elsewhere" / "real.md", "real text")
    write(tmp_path / "shared" / "deep" / "s.md")
    (folder / "linked.md").symlink_to(real)
    (folder / "again.md").symlink_to("linked.md")
    (folder / "team").symlink_to(tmp_path / "shared")
    assert paths(folder) == ["again.md", "linked.md", "team/deep/s.md"]
    assert find_prompt_files(folder)[1].size == 9
    assert survey(folder).links == {str(real): ("again.md", "linked.md")}
    assert set(survey(folder).outside()) == {str(real.parent)}


def test_links_within_the_folder_need_no_other_root(folder: Path) -> None:
    write(folder / "team" / "a.md")
    (folder / "b.md").symlink_to("team/a.md")
    assert not survey(folder).outside()


@pytest.mark.parametrize("target", [".", "..", "../..", "team", "team/deep"])
def test_links_never_loop_and_never_hide_a_real_path(folder: Path, target: str) -> None:
    write(folder / "team" / "deep" / "a.md")
    (folder / "a-link").symlink_to(folder / target)
    (folder / "team" / "deep" / "up").symlink_to(folder)
    assert paths(folder) == ["team/deep/a.md"]


def test_two_links_to_one_folder_count_once(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "shared" / "a.md")
    for name in ("z", "m", "y"):
        (folder / name).symlink_to(tmp_path / "shared")
    assert paths(folder) == ["m/a.md"]


def test_a_link_that_leads_nowhere_is_reported(folder: Path) -> None:
    (folder / "a.md").symlink_to("missing.md")
    (folder / "b.md").symlink_to("b.md")
    first, second = find_prompt_files(folder)
    assert (first.path, first.error) == ("a.md", "No such file or directory")
    assert (second.path, second.error) == ("b.md", "Too many levels of symbolic links")
    assert look_at(folder, "a.md") == first
    assert look_at(folder, "gone.md") is None


def test_a_folder_that_cannot_be_read_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "open.md")
    write(folder / "closed" / "a.md")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # root may read everything, so permissions would not do
    closed, other = find_prompt_files(folder)
    assert (closed.path, closed.error) == ("closed", "Permission denied")
    assert (other.path, other.error) == ("open.md", "")


def test_a_name_that_is_not_utf8_is_reported(folder: Path) -> None:
    try:
        (folder / os.fsdecode(b"caf\xe9.md")).write_text("text")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    [found] = find_prompt_files(folder)
    assert (found.path, found.error) == ("caf?.md", "its name is not UTF-8")


def test_pipes_are_no_prompts(folder: Path) -> None:
    os.mkfifo(folder / "a.md")
    assert paths(folder) == []
    assert look_at(folder, "a.md") is None


def test_reads_bytes_and_stamp(folder: Path) -> None:
    path = write(folder / "a.md", "text")
    hour_ago = time.time_ns() - AN_HOUR
    os.utime(path, ns=(hour_ago, hour_ago))
    assert read_file(folder, "a.md") == (b"text", find_prompt_files(folder)[0].stamp)


def test_a_file_changed_just_now_is_to_be_read_again(folder: Path) -> None:
    path = write(folder / "a.md", "text")
    now = time.time_ns()
    os.utime(path, ns=(now, now))
    data, stamp = read_file(folder, "a.md")
    assert data == b"text"
    assert stamp == (4, READ_AGAIN, path.stat().st_ino)


def test_a_file_that_changes_while_it_is_read_is_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(folder / "a.md", "old")
    fstat, changes = os.fstat, iter(["new text"])

    def change_afterwards(descriptor: int) -> os.stat_result:
        status = fstat(descriptor)
        for text in changes:
            write(path, text)
        return status

    monkeypatch.setattr(os, "fstat", change_afterwards)
    assert read_file(folder, "a.md")[0] == b"new text"


def test_a_file_that_never_rests_is_to_be_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(folder / "a.md", "x")
    fstat = os.fstat

    def change_afterwards(descriptor: int) -> os.stat_result:
        status = fstat(descriptor)
        with path.open("a") as file:
            file.write("x")
        return status

    monkeypatch.setattr(os, "fstat", change_afterwards)
    data, stamp = read_file(folder, "a.md")
    assert set(data) == {ord("x")}
    assert stamp[1] == READ_AGAIN


def test_a_huge_file_is_not_read_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_READ_LIMIT", 10)
    write(folder / "a.md", "x" * 100)
    assert read_file(folder, "a.md")[0] == b"x" * 10


def test_a_missing_file_raises(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_file(folder, "a.md")
