"""What is asked for before the prompts are read is done when they are there."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.tui.conftest import Desk
from tui.app import PenstockApp
from tui.core.engine.engine import Engine
from tui.core.engine.request import RunRequest
from tui.core.settings import parse_settings
from tui.core.workspace import Options, resolve
from tui.screens.plan import Plan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.e2e.conftest import Home


@asynccontextmanager
async def just_started(home: Home) -> AsyncIterator[Desk]:
    """An app whose prompts are still to be read."""
    options = Options(home.prompts, home.root / "data", home.root / "settings.toml", demo=True)
    app = PenstockApp(Engine(resolve(options, None, {}), parse_settings("", home.root / "settings.toml")))
    async with app.run_test(size=(120, 40)) as pilot:
        yield Desk(app, pilot, home)


async def test_a_run_asked_for_too_early_begins_when_there_is_something_to_run(home: Home) -> None:
    async with just_started(home) as desk:
        await desk.press("r")
        await desk.until(lambda: desk.bench.desk.answer.run, "a run")
        assert desk.bench.desk.row is not None
        desk.bench.ask_for([RunRequest(desk.bench.desk.row, "nobody")])
        await desk.until(lambda: "no provider 'nobody'" in desk.bench.key_line.message, "why it is refused")


async def test_a_plan_asked_for_too_early_opens_when_there_is_something_to_run(home: Home) -> None:
    async with just_started(home) as desk:
        await desk.press("R")
        await desk.until(lambda: isinstance(desk.app.screen, Plan), "the plan")
