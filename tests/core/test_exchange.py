"""A file is replaced only if it is still what it was; another's save is never lost, whenever it comes."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from tui.core import exchange
from tui.core.exchange import Overtaken, remove_if, replace_if

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(params=["exchange", "no exchange"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The system as it is, and one that cannot exchange files."""
    if request.param == "no exchange":
        monkeypatch.setattr(exchange, "_system_call", lambda: None)
    return str(request.param)


@pytest.mark.usefixtures("system")
def test_a_file_that_is_what_it_was_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"old")
    path.chmod(0o640)
    replace_if(path, b"new", b"old")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("system")
@pytest.mark.parametrize(("there", "expected"), [(b"theirs", b"old"), (b"theirs", None), (None, b"old")])
def test_a_file_that_is_not_what_it_was_stays(
    tmp_path: Path, there: bytes | None, expected: bytes | None
) -> None:
    path = tmp_path / "a.md"
    if there is not None:
        path.write_bytes(there)
    with pytest.raises(Overtaken) as overtaken:
        replace_if(path, b"new", expected)
    assert overtaken.value.found == there
    assert [file.read_bytes() for file in tmp_path.iterdir()] == ([] if there is None else [there])


@pytest.mark.usefixtures("system")
def test_a_new_file_is_made(tmp_path: Path) -> None:
    replace_if(tmp_path / "a.md", b"new", None)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"new"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_bytes(b"old")
    link = tmp_path / "a.md"
    link.symlink_to("real.md")
    replace_if(link, b"new", b"old")
    assert link.is_symlink()
    assert (tmp_path / "real.md").read_bytes() == b"new"


def _replace(path: Path, data: bytes) -> None:
    other = path.with_name("other")
    other.write_bytes(data)
    other.replace(path)


SAVES: list[tuple[str, Callable[[Path], object], bytes | None]] = [
    ("in place", lambda path: path.write_bytes(b"theirs"), b"theirs"),
    ("by rename", lambda path: _replace(path, b"theirs"), b"theirs"),
    ("removed", lambda path: path.unlink(), None),
]


@pytest.mark.parametrize(("how", "save", "found"), SAVES, ids=[case[0] for case in SAVES])
def test_a_save_between_the_look_and_the_step_is_put_back(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    save: Callable[[Path], object],
    found: bytes | None,
) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"old")
    real, saved = exchange._exchange, False

    def late(one: Path, other: Path) -> bool:
        nonlocal saved
        if not saved:
            saved = True
            save(path)
        return real(one, other)

    monkeypatch.setattr(exchange, "_exchange", late)
    with pytest.raises(Overtaken) as overtaken:
        replace_if(path, b"new", b"old")
    assert overtaken.value.found == found
    assert [file.read_bytes() for file in tmp_path.iterdir()] == ([] if found is None else [found])


def test_of_two_saves_in_that_moment_the_later_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"old")
    real = exchange._exchange
    theirs = [b"theirs 1", b"theirs 2"]

    def late(one: Path, other: Path) -> bool:
        if theirs:
            _replace(path, theirs.pop(0))
        return real(one, other)

    monkeypatch.setattr(exchange, "_exchange", late)
    with pytest.raises(Overtaken) as overtaken:
        replace_if(path, b"new", b"old")
    assert overtaken.value.found == b"theirs 2"
    assert path.read_bytes() == b"theirs 2"


def no_links(*_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, "no hard links on this disk")


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_is_not_to_be_removed_keeps_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    path, folder = tmp_path / "a.md", tmp_path / "b.md"
    path.write_bytes(b"theirs")
    folder.mkdir()
    with pytest.raises(Overtaken):
        remove_if(path, b"ours")
    with pytest.raises(IsADirectoryError):
        remove_if(folder, b"ours")
    assert sorted(tmp_path.iterdir()) == [path, folder]
    assert path.read_bytes() == b"theirs"
    remove_if(path, b"theirs")
    assert list(tmp_path.iterdir()) == [folder]


def test_a_disk_without_hard_links_has_new_files_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "a.md"
    replace_if(path, b"new", None)
    assert path.read_bytes() == b"new"
    with pytest.raises(Overtaken):
        replace_if(path, b"newer", None)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"new"]
