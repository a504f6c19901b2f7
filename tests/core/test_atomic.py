"""A file is replaced as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.core.atomic import new_file, write_new
from tui.core.exchange import replace_if


def write(path: Path, data: bytes) -> None:
    """Write as somebody who knows what is there now."""
    replace_if(path, data, path.read_bytes() if path.exists() else None)


def test_the_content_changes_and_the_mode_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write(path, b"new\r\n")
    assert path.read_bytes() == b"new\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_usual_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, usual = tmp_path / "a.md", tmp_path / "b.md"
    usual.touch()
    monkeypatch.delattr(os, "umask")  # it would be that of every thread for a moment
    write(path, b"new")
    assert path.stat().st_mode == usual.stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "real.md"
    target.parent.mkdir()
    target.write_bytes(b"old")
    link = tmp_path / "a.md"
    link.symlink_to(Path("elsewhere") / "real.md")
    write(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"old")
    seen: list[str] = []

    def fail(descriptor: int) -> None:
        seen.extend(entry.name for entry in tmp_path.iterdir() if entry != path)
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    (temporary,) = seen
    assert temporary.startswith(".")
    assert not temporary.endswith(".md")


def test_a_read_only_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everything
    with pytest.raises(PermissionError):
        write(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_new_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path, usual = tmp_path / "a.csv", tmp_path / "b.csv"
    usual.touch()
    with new_file(path) as file:
        file.write(b"one")
        assert not path.exists()
        file.write(b"two")
    assert path.read_bytes() == b"onetwo"
    assert path.stat().st_mode == usual.stat().st_mode
    with pytest.raises(ZeroDivisionError), new_file(tmp_path / "c.csv") as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert sorted(tmp_path.iterdir()) == [path, usual]


def test_a_file_that_came_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(FileExistsError), new_file(path) as file:
        file.write(b"ours")
        path.write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        write_new(path, b"ours")
    assert path.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [path]
