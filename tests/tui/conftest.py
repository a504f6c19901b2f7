"""An app on a real engine and the simulator, in a folder of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from textual.css.query import NoMatches

from tests.e2e.conftest import Home
from tui.app import PenstockApp
from tui.core.engine.engine import Engine
from tui.core.settings import parse_settings
from tui.core.workspace import Options, resolve
from tui.screens.workbench import Workbench
from tui.simulator import Pace
from tui.simulator import settings as simulated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from textual.pilot import Pilot

PATIENCE_S = 20.0
LOOKS = 500
"""How often it is looked whether keys still wait for another: some do so for what a test does next."""
HASTE = 6.0
"""How much faster than real providers the simulated ones write here."""


class Desk:
    """A running app, its pilot, and ways to wait for what should come."""

    def __init__(self, app: PenstockApp, pilot: Pilot[None], home: Home) -> None:
        self.app = app
        self.pilot = pilot
        self.home = home

    @property
    def bench(self) -> Workbench:
        """The workbench."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, Workbench)
        return screen

    async def press(self, *keys: str) -> None:
        """Press keys one after another."""
        await self.pilot.press(*keys)
        for _ in range(LOOKS):  # on a busy machine a key waits longer for the one before
            if not self.app._held and self.app._under_way is None:
                break
            await asyncio.sleep(0.002)
        await self.pilot.pause()  # lays out and paints what is due

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Let the app work until the condition holds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE_S
        while not _holds(condition):
            assert loop.time() < end, f"not within {PATIENCE_S:g} s: {what}"
            await asyncio.sleep(0.01)  # the pilot's own pause costs a message to every widget
        await self.pilot.pause()


def _holds(condition: Callable[[], object]) -> bool:
    """Whether it holds already; what it looks at may not have been built yet, or be built anew just now."""
    try:
        return bool(condition())
    except NoMatches:
        return False


Opener = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one prompt of two versions."""
    home = Home(tmp_path)
    home.prompts.mkdir()
    home.noir(1, active=True)
    home.noir(2, active=False, more="Make it rain.")
    return home


async def _settled(_min_sleep: float = 0, _max_sleep: float = 0) -> None:
    """Let the loop work until nothing is ready to run.

    Textual's own wait is for an idle process, 20 ms and more a key, and a second while an answer streams.
    """
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    for _ in range(1000):
        await asyncio.sleep(0)
        if not ready:
            await asyncio.sleep(0.002)  # what another thread says a moment later
            if not ready:
                return


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the loop, not for the processor."""
    monkeypatch.setattr("textual.app.wait_for_idle", _settled)
    monkeypatch.setattr("textual.pilot.wait_for_idle", _settled)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the simulated providers write faster than real ones do; what a test waits for is the same."""
    paces = {
        name: Pace(pace.tokens_per_second * HASTE, pace.first_token / HASTE)
        for name, pace in simulated.PACES.items()
    }
    monkeypatch.setattr(simulated, "PACES", paces)


@pytest.fixture
def open_app(home: Home) -> Iterator[Opener]:
    """Opens the app; the prompts are loaded when the block begins."""

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = (120, 40), *, settings: str = "", demo: bool = True, **environ: str
    ) -> AsyncIterator[Desk]:
        places = home.prompts, home.root / "data", home.root / "settings.toml"
        options = Options(*places, demo=demo)
        loaded = parse_settings(settings, home.root / "settings.toml")
        app = PenstockApp(Engine(resolve(options, None, {}), loaded, environ=environ))
        async with app.run_test(size=size) as pilot:
            await asyncio.to_thread(app.engine.loaded)
            desk = Desk(app, pilot, home)
            library = app.engine.library
            if library is not None and library.versions:
                await desk.until(lambda: desk.bench.desk.text.text, "a version on the desk")
            yield desk

    yield opened
