"""What a screen took goes when it is left."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from textual._styles_cache import StylesCache

if TYPE_CHECKING:
    from tests.tui.conftest import Desk, Opener


async def visit(desk: Desk, key: str) -> None:
    await desk.press(key)
    await desk.until(lambda: desk.app.screen is not desk.bench, "the screen")
    await desk.press("escape")
    await desk.until(lambda: desk.app.screen is desk.bench, "the workbench")


async def kept(desk: Desk) -> int:
    """How many looks of widgets are kept, once all that can go has gone."""
    await desk.pilot.pause()
    await asyncio.sleep(0)
    gc.collect()
    return sum(isinstance(each, StylesCache) for each in gc.get_objects())


async def test_screens_that_are_left_leave_nothing_behind(open_app: Opener) -> None:
    async with open_app() as desk:
        for key in ("H", "comma", "question_mark"):
            await visit(desk, key)  # what is made once is there now
        before = await kept(desk)
        for key in ("H", "comma", "question_mark") * 2:
            await visit(desk, key)
        assert await kept(desk) <= before + 1
