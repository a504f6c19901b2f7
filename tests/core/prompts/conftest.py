"""What the tests of the library and of the watcher begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.core.prompts.desk import Desk
from tests.core.prompts.listening import QUICK, Ear
from tui.core.prompts.watcher import Changes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two prompts, for watching."""
    folder = tmp_path / "prompts"
    (folder / "team").mkdir(parents=True)
    (folder / "a.md").write_text("old")
    (folder / "team" / "b.md").write_text("old")
    return folder


@pytest.fixture
async def ear(folder: Path, request: pytest.FixtureRequest) -> AsyncGenerator[Ear, None]:
    """Return an ear that has heard the first rescan."""
    ear = Ear(folder, getattr(request, "param", QUICK))
    assert await ear.next() == Changes(rescan=True)
    yield ear
    await ear.close()
