"""The watcher where the system does not notify; and a library that follows it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.core.prompts.desk import BROKEN, Desk
from tests.core.prompts.listening import NEVER, SAVES, Ear, by_renaming
from tui.core.prompts import watcher
from tui.core.prompts.library import Library

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable


class TestPolling:
    """Without notifications, the folder is looked at again and again."""

    @pytest.mark.parametrize("save", SAVES)
    async def test_a_save_is_told(self, folder: Path, save: Callable[[Path], None]) -> None:
        ear = Ear(folder, polling=True)
        first = await ear.next()
        assert (first.rescan, first.mode, first.reason) == (True, "polling", "Polling was asked for.")
        save(folder / "a.md")
        while Path("a.md") not in (change := await ear.next()).paths:
            assert change.mode == "polling"
        await ear.close()

    async def test_quick_saves_are_all_told(self, folder: Path) -> None:
        ear = Ear(folder, polling=True)
        await ear.rescan("polling")
        for number in range(5):
            (folder / "a.md").write_text(f"same size {number}")
            assert await ear.paths("a.md") == {"a.md"}
        await ear.close()

    async def test_new_folders_and_targets_of_links(self, folder: Path, tmp_path: Path) -> None:
        target = tmp_path / "real.txt"
        target.write_text("old")
        (folder / "linked.md").symlink_to(target)
        ear = Ear(folder, polling=True)
        await ear.rescan("polling")
        target.write_text("new text")
        assert await ear.paths("linked.md") == {"linked.md"}
        (folder / "new").mkdir()
        (folder / "new" / "c.md").write_text("text")
        assert await ear.paths("new/c.md") == {"new/c.md"}
        await ear.close()

    @pytest.mark.parametrize(
        "error", [OSError("OS file watch limit reached."), RuntimeError("Too many open files")]
    )
    async def test_it_is_what_is_left_when_the_system_refuses(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        def refuse(*_: object, **__: object) -> object:
            raise error

        monkeypatch.setattr(watcher, "awatch", refuse)
        ear = Ear(folder)
        change = await ear.rescan("polling")
        assert str(error).rstrip(".") in change.reason
        (folder / "a.md").write_text("new text")
        assert (await ear.next()).paths == {Path("a.md")}
        await ear.close()

    async def test_it_is_what_is_left_when_the_system_fails_later(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        failing = asyncio.Event()

        async def fail_later(*_: object, **__: object) -> AsyncGenerator[set[object], None]:
            await failing.wait()
            yield set()
            raise ExceptionGroup("as a task group raises it", [RuntimeError("error in underlying watcher")])

        monkeypatch.setattr(watcher, "awatch", fail_later)
        ear = Ear(folder)
        await ear.rescan("inotify")
        failing.set()
        assert "error in underlying watcher" in (await ear.rescan("polling")).reason
        await ear.close()

    def test_when_the_real_limit_is_reached(self, folder: Path) -> None:
        """A user namespace of its own has a limit of its own, which costs nobody else a watch."""
        limit = 'echo 1 > /proc/sys/user/max_inotify_watches || exit 77; exec "$@"'
        command = ["unshare", "--user", "--map-root-user", "sh", "-c", limit, "sh"]
        try:
            done = subprocess.run(
                [*command, sys.executable, "-c", WATCH_UNTIL_POLLING, folder],
                capture_output=True,
                text=True,
                timeout=NEVER,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            )
        except FileNotFoundError:
            pytest.skip("there is no unshare here")
        if done.returncode == 77 or "unshare" in done.stderr:
            pytest.skip("nobody but the administrator may have a limit of his own here")
        assert done.stderr == ""
        assert f"cannot watch {folder} (OS file watch limit reached), so" in done.stdout


WATCH_UNTIL_POLLING = """
import asyncio, sys
from contextlib import aclosing
from pathlib import Path
from tui.core.prompts.watcher import watch

async def main():
    async with aclosing(watch(Path(sys.argv[1]), stop=asyncio.Event())) as changes:
        async for change in changes:
            if change.mode == "polling":
                return print(change.reason)

asyncio.run(main())
"""


async def test_a_library_that_follows_the_watcher_is_up_to_date(desk: Desk, tmp_path: Path) -> None:
    ear = Ear(desk.folder)
    await ear.rescan()
    for number in range(12):
        desk.prompt(f"{number}.md", f"p{number}")
    desk.write("broken.md", BROKEN)
    desk.prompt("team/new.md", "team")
    (desk.folder / "0.md").unlink()
    (desk.folder / "1.md").rename(desk.folder / "team" / "moved.md")
    by_renaming(desk.folder / "2.md")
    desk.prompt("../real.md", "linked")
    (desk.folder / "3.md").unlink()
    (desk.folder / "3.md").symlink_to(tmp_path / "real.md")
    (desk.folder / "team").rename(desk.folder / "group")
    (desk.folder / "4.md").write_text("")
    fresh = Library(desk.folder, desk.database, desk.clock).scan()
    snapshot = desk.library.snapshot
    while (snapshot.versions, snapshot.reports) != (fresh.versions, fresh.reports):
        change = await ear.next()
        snapshot = desk.library.scan() if change.rescan else desk.library.update(change.paths)
        fresh = Library(desk.folder, desk.database, desk.clock).scan()
    assert "group/moved.md" in {row.path for row in snapshot.versions}
    await ear.close()
