"""Pictures of the history and of an opened run, in the manner of test_pictures."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.past import store
from tests.tui.pictures import engine_of, new_home
from tui.app import PenstockApp
from tui.screens.history import History
from tui.screens.opened_run import OpenedRunScreen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from tests.tui.pictures import Compare


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine stands in Greenwich."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("state", "theme", "size"),
    [
        ("list", "penstock-dark", (120, 40)),
        ("list", "penstock-light", (60, 20)),
        ("opened", "penstock-dark", (80, 24)),
    ],
    ids=lambda value: value if isinstance(value, str) else "x".join(map(str, value)),
)
def test_picture(
    snap_compare: Compare,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    utc: None,
    state: str,
    theme: str,
    size: tuple[int, int],
) -> None:
    engine = engine_of(new_home(tmp_path, monkeypatch), theme)
    store(engine.workspace.database, 60)

    async def arrange(pilot: Pilot[Any]) -> None:
        await asyncio.to_thread(engine.loaded)
        await pilot.press("H")
        while not isinstance(pilot.app.screen, History):
            await pilot.pause(0.01)
        history = pilot.app.screen
        history.look("harbour")
        while "of 60" not in history.heading.text:
            await pilot.pause(0.01)
        await pilot.press("j")
        if state == "opened":
            await pilot.press("j", "enter")
            while not isinstance(pilot.app.screen, OpenedRunScreen):
                await pilot.pause(0.01)
            opened = pilot.app.screen
            while "run 3 of" not in opened.heading.text:
                await pilot.pause(0.01)
        await pilot.pause()

    assert snap_compare(PenstockApp(engine), terminal_size=size, run_before=arrange)
