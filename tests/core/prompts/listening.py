"""An ear for the watcher, and the ways in which editors save, for the tests of watching."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tui.core.prompts.watcher import Changes, Timing, watch

if TYPE_CHECKING:
    from pathlib import Path

    pass

QUICK = Timing(settle_s=0.02, check_s=0.1, poll_s=0.02)
PATIENT = replace(QUICK, settle_s=3600.0)
"""A file that is missing or empty is never believed, so that a test cannot pass by waiting for it."""

NEVER = 30.0


class Ear:
    """Listens to a watcher, and keeps what it heard."""

    def __init__(self, folder: Path, timing: Timing = QUICK, *, polling: bool = False) -> None:
        self.folder = folder
        self.stop = asyncio.Event()
        self.heard: asyncio.Queue[Changes] = asyncio.Queue()
        self.task = asyncio.create_task(self._listen(timing, polling))

    async def _listen(self, timing: Timing, polling: bool) -> None:
        async with aclosing(watch(self.folder, stop=self.stop, timing=timing, polling=polling)) as changes:
            async for change in changes:
                self.heard.put_nowait(change)

    async def next(self) -> Changes:
        return await asyncio.wait_for(self.heard.get(), NEVER)

    async def rescan(self, mode: str = "inotify") -> Changes:
        """Return the next request for a rescan in this mode."""
        while not ((change := await self.next()).rescan and change.mode == mode):
            pass
        return change

    async def paths(self, *expected: str) -> set[str]:
        """Return all paths told until the expected ones are among them."""
        told: set[str] = set()
        while not told >= set(expected):
            change = await self.next()
            assert not change.rescan
            told |= {path.as_posix() for path in change.paths}
        return told

    async def close(self) -> None:
        self.stop.set()
        await asyncio.wait_for(self.task, NEVER)


def in_place(path: Path) -> None:
    path.write_text("new")


def by_renaming(path: Path) -> None:
    other = path.with_suffix(".tmp")
    other.write_text("new")
    other.replace(path)


def like_vim(path: Path) -> None:
    probe = path.with_name("4913")
    probe.touch()
    probe.unlink()
    backup = path.with_name(path.name + "~")
    path.rename(backup)
    path.write_text("new")
    backup.unlink()


def with_backup_and_swap(path: Path) -> None:
    path.with_name(f".{path.name}.swp").write_text("swap")
    path.with_name(f".#{path.name}").symlink_to("user@host.1:2")
    shutil.copyfile(path, path.with_name(path.name + "~"))
    path.with_name(f"#{path.name}#").write_text("autosave")
    path.write_text("new")


def by_vim_renaming(path: Path) -> None:
    vim(path, "backupcopy=no")


def by_vim_in_place(path: Path) -> None:
    vim(path, "backupcopy=yes")


def vim(path: Path, option: str) -> None:
    if not shutil.which("vim"):
        pytest.skip("there is no vim here")
    change = ["-c", f"set writebackup backup {option}", "-c", "s/old/new/", "-c", "wq"]
    subprocess.run(["vim", "-N", "-u", "NONE", "-es", path, *change], check=True, timeout=NEVER)


SAVES = [in_place, by_renaming, like_vim, with_backup_and_swap, by_vim_renaming, by_vim_in_place]

patiently = pytest.mark.parametrize("ear", [PATIENT], indirect=True)
"""For tests with a watcher that never believes a missing or empty file."""
