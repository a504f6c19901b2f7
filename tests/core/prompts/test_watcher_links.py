"""The watcher: what prompt files and folders link to is watched where it really lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.core.prompts.listening import PATIENT, SAVES, Ear, patiently

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class TestLinks:
    """What prompt files and folders link to is watched where it really lies."""

    @pytest.fixture
    def target(self, folder: Path, tmp_path: Path) -> Path:
        target = tmp_path / "elsewhere" / "real.txt"
        target.parent.mkdir()
        target.write_text("old")
        (folder / "linked.md").symlink_to(target)
        (folder / "team" / "again.md").symlink_to(folder / "linked.md")
        return target

    @patiently
    @pytest.mark.parametrize("save", SAVES)
    async def test_the_target_of_a_link_is_saved(
        self, target: Path, ear: Ear, save: Callable[[Path], None]
    ) -> None:
        save(target)
        assert await ear.paths("linked.md", "team/again.md") == {"linked.md", "team/again.md"}

    async def test_the_neighbours_of_a_target_are_not_told(self, target: Path, ear: Ear) -> None:
        (target.parent / "neighbour.md").write_text("text")
        (target.parent / "deep").mkdir()
        target.write_text("new")
        assert await ear.paths("linked.md", "team/again.md") == {"linked.md", "team/again.md"}

    async def test_a_target_that_goes_is_told(self, target: Path, ear: Ear) -> None:
        target.unlink()
        assert await ear.paths("linked.md", "team/again.md") == {"linked.md", "team/again.md"}

    async def test_a_link_within_the_folder(self, folder: Path) -> None:
        (folder / "twin.md").symlink_to("a.md")
        ear = Ear(folder, PATIENT)
        await ear.rescan()
        (folder / "a.md").write_text("new")
        assert await ear.paths("a.md", "twin.md") == {"a.md", "twin.md"}
        await ear.close()

    async def test_a_link_made_or_turned_while_watching(self, target: Path, ear: Ear) -> None:
        other = target.with_name("other.txt")
        other.write_text("other")
        (ear.folder / "new.md").symlink_to(other)
        await ear.rescan()
        other.write_text("other, new")
        assert await ear.paths("new.md") == {"new.md"}
        (ear.folder / "linked.md").unlink()
        (ear.folder / "linked.md").symlink_to(other)
        await ear.rescan()
        while not ear.heard.empty():
            await ear.next()
        other.write_text("other, newer")
        assert {"linked.md", "new.md"} <= await ear.paths("linked.md", "new.md")

    async def test_a_linked_folder(self, folder: Path, tmp_path: Path) -> None:
        shared = tmp_path / "shared"
        (shared / "deep").mkdir(parents=True)
        (folder / "team" / "shared").symlink_to(shared)
        (folder / "team" / "loop").symlink_to(folder)
        ear = Ear(folder, PATIENT)
        await ear.rescan()
        (shared / "deep" / "c.md").write_text("text")
        assert await ear.paths("team/shared/deep/c.md") == {"team/shared/deep/c.md"}
        (folder / "team" / "b.md").write_text("new")
        assert await ear.paths("team/b.md") == {"team/b.md"}
        (folder / "team" / "shared").unlink()
        await ear.rescan()
        await ear.close()

    async def test_a_folder_linked_while_watching(self, ear: Ear, tmp_path: Path) -> None:
        shared = tmp_path / "shared"
        shared.mkdir()
        (ear.folder / "shared").symlink_to(shared)
        await ear.rescan()
        (shared / "c.md").write_text("text")
        assert await ear.paths("shared/c.md") == {"shared/c.md"}

    async def test_the_folder_is_a_link_that_turns(self, folder: Path, tmp_path: Path) -> None:
        link = tmp_path / "current"
        link.symlink_to(folder)
        ear = Ear(link)
        await ear.rescan()
        (folder / "a.md").write_text("new")
        assert await ear.paths("a.md") == {"a.md"}
        other = tmp_path / "release-2"
        other.mkdir()
        turned = tmp_path / "turned"
        turned.symlink_to(other)
        turned.replace(link)
        await ear.rescan()
        (other / "c.md").write_text("text")
        assert await ear.paths("c.md") == {"c.md"}
        await ear.close()
