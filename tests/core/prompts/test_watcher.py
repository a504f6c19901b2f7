"""The watcher: every way of saving is told as one change, and nothing that befalls the folder stops it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import threading
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.core.prompts.listening import NEVER, SAVES, Ear, patiently
from tui.core.prompts import watcher
from tui.core.prompts.watcher import Timing, watch

if TYPE_CHECKING:
    from collections.abc import Callable


@patiently
@pytest.mark.parametrize("save", SAVES)
@pytest.mark.parametrize("name", ["a.md", "team/b.md"])
async def test_a_save_is_told(ear: Ear, save: Callable[[Path], None], name: str) -> None:
    save(ear.folder / name)
    assert await ear.paths(name) == {name}
    assert (ear.folder / name).read_text().strip() == "new"


@patiently
async def test_what_editors_leave_beside_a_file_is_not_told(ear: Ear) -> None:
    for name in ("a.md~", ".a.md.swp", "4913", "#a.md#", "README.md", "notes.txt", ".hidden.md"):
        (ear.folder / name).write_text("text")
    (ear.folder / ".git").mkdir()
    (ear.folder / ".git" / "x.md").write_text("text")
    (ear.folder / "last.md").write_text("text")
    assert await ear.paths("last.md") == {"last.md"}


@patiently
async def test_an_emptied_file_is_waited_for(ear: Ear) -> None:
    with (ear.folder / "a.md").open("w") as file:
        (ear.folder / "first.md").write_text("text")
        assert await ear.paths("first.md") == {"first.md"}
        file.write("new")
    assert await ear.paths("a.md") == {"a.md"}


async def test_an_empty_file_is_told_in_the_end(ear: Ear) -> None:
    (ear.folder / "a.md").write_text("")
    assert await ear.paths("a.md") == {"a.md"}


@patiently
async def test_a_file_moved_aside_is_waited_for(ear: Ear) -> None:
    (ear.folder / "a.md").rename(ear.folder / "a.md~")
    (ear.folder / "team" / "b.md").write_text("text")
    assert await ear.paths("team/b.md") == {"team/b.md"}
    (ear.folder / "a.md~").rename(ear.folder / "a.md")
    assert await ear.paths("a.md") == {"a.md"}


async def test_a_deleted_file_is_told(ear: Ear) -> None:
    (ear.folder / "a.md").unlink()
    assert await ear.paths("a.md") == {"a.md"}


@patiently
async def test_a_renamed_file_is_one_change(ear: Ear) -> None:
    (ear.folder / "a.md").rename(ear.folder / "z.md")
    assert (await ear.next()).paths == {Path("a.md"), Path("z.md")}


async def test_a_new_folder_is_a_rescan_and_then_watched(ear: Ear) -> None:
    (ear.folder / "new" / "deep").mkdir(parents=True)
    (ear.folder / "new" / "deep" / "c.md").write_text("text")
    await ear.rescan()
    while not ear.heard.empty():
        await ear.next()
    (ear.folder / "new" / "deep" / "d.md").write_text("text")
    while Path("new/deep/d.md") not in (change := await ear.next()).paths and not change.rescan:
        pass


@pytest.mark.parametrize(
    "act", [lambda path: shutil.rmtree(path), lambda path: path.rename(path.with_name("other"))]
)
async def test_a_folder_that_goes_is_a_rescan(ear: Ear, act: Callable[[Path], object]) -> None:
    act(ear.folder / "team")
    await ear.rescan()


async def test_a_checkout_of_hundreds_of_files(ear: Ear, tmp_path: Path) -> None:
    names = {f"team/{number}.md" for number in range(300)}
    source = tmp_path / "source"
    (source / "team").mkdir(parents=True)

    def git(*command: str) -> None:
        subprocess.run(
            [
                "git",
                "-c",
                "user.name=x",
                "-c",
                "user.email=x@x",
                f"--git-dir={ear.folder / '.git'}",
                *command,
            ],
            check=True,
            capture_output=True,
            timeout=NEVER,
            cwd=source,
        )

    for text in ("one", "two"):
        for name in names:
            (source / name).write_text(text)
        if text == "one":
            git("init", "--bare")
        git(f"--work-tree={source}", "add", "--all")
        git(f"--work-tree={source}", "commit", "--message", text)
    git(f"--work-tree={ear.folder}", "checkout", "--force", "HEAD~1", "--", "team")
    assert names <= await ear.paths(*names)
    git(f"--work-tree={ear.folder}", "checkout", "--force", "HEAD", "--", "team")
    assert names <= await ear.paths(*names)


async def test_very_many_files_are_a_rescan(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "MANY", 5)
    for number in range(50):
        (ear.folder / f"{number}.md").write_text("text")
    await ear.rescan()


@pytest.mark.parametrize("polling", [False, True])
async def test_a_missing_folder_is_waited_for(tmp_path: Path, polling: bool) -> None:
    mode = "polling" if polling else "inotify"
    folder = tmp_path / "not" / "yet"
    ear = Ear(folder, polling=polling)
    absent = await ear.next()
    assert (absent.mode, absent.rescan) == ("absent", True)
    assert str(folder) in absent.reason
    for _ in range(3):
        folder.mkdir(parents=True)
        await ear.rescan(mode)
        (folder / "a.md").write_text("text")
        assert await ear.paths("a.md") == {"a.md"}
        shutil.rmtree(folder)
        await ear.rescan("absent")
    await ear.close()


async def test_a_folder_that_moves_away_and_back(ear: Ear, tmp_path: Path) -> None:
    ear.folder.rename(tmp_path / "away")
    await ear.rescan("absent")
    (tmp_path / "away").rename(ear.folder)
    await ear.rescan()
    (ear.folder / "a.md").write_text("new")
    assert await ear.paths("a.md") == {"a.md"}


async def test_another_folder_in_its_place(ear: Ear, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    ear.folder.rename(tmp_path / "away")
    other.rename(ear.folder)
    await ear.rescan()
    (ear.folder / "c.md").write_text("text")
    assert await ear.paths("c.md") == {"c.md"}


async def test_the_folder_above_it_moves(tmp_path: Path) -> None:
    folder = tmp_path / "project" / "prompts"
    folder.mkdir(parents=True)
    ear = Ear(folder)
    await ear.rescan()
    (tmp_path / "project").rename(tmp_path / "renamed")
    await ear.rescan("absent")
    await ear.close()


class TestEnding:
    """The watcher ends at once, and nothing of it stays."""

    @pytest.mark.parametrize("polling", [False, True])
    @pytest.mark.parametrize("missing", [False, True])
    async def test_by_stopping(self, folder: Path, polling: bool, missing: bool) -> None:
        # Only what is woken by the event itself can end in time.
        slow = Timing(settle_s=3600, check_s=3600, poll_s=3600)
        ear = Ear(folder / "nothing" if missing else folder, slow, polling=polling)
        await ear.next()
        await ear.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    async def test_by_cancelling(self, folder: Path) -> None:
        ear = Ear(folder)
        await ear.next()
        ear.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(ear.task, NEVER)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    async def test_by_leaving_the_loop(self, folder: Path) -> None:
        async with aclosing(watch(folder, stop=asyncio.Event())) as changes:
            async for _ in changes:
                break
        assert asyncio.all_tasks() == {asyncio.current_task()}

    async def test_a_stop_before_the_start(self, folder: Path) -> None:
        stop = asyncio.Event()
        stop.set()
        assert [change async for change in watch(folder, stop=stop)] == []

    def test_no_thread_stays(self, folder: Path) -> None:
        async def watch_once() -> None:
            ear = Ear(folder)
            await ear.rescan()
            await ear.close()

        before = set(threading.enumerate())
        asyncio.run(watch_once())
        for thread in set(threading.enumerate()) - before:
            thread.join(NEVER)
            assert not thread.is_alive()
