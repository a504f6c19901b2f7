"""Keys typed in a burst act one after another, also across a field that one of them opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key, Paste

from tui.screens.experiment import ExperimentPage

if TYPE_CHECKING:
    from tests.tui.conftest import Desk, Opener


def burst(desk: Desk, *keys: str) -> None:
    """Hand over keys at once, as a terminal does with what it read in one piece."""
    for key in keys:
        desk.app.post_message(Key(key, key if len(key) == 1 else None))


async def test_a_question_gets_all_that_is_typed_behind_its_key(open_app: Opener) -> None:
    async with open_app() as desk:
        burst(desk, "s", "w", *["backspace"] * 11, *"v1=7 v2=", "3")
        desk.app.post_message(Paste("0"))
        burst(desk, *"x", "backspace")
        page = await _page(desk)
        await desk.until(
            lambda: page.ask_line.open and page.ask_line.field.value == "v1=7 v2=30", "the answer"
        )
        assert not page.key_line.message, "no key has acted on the page below"
        burst(desk, "escape", "escape", "slash", *"noir")
        await desk.until(lambda: desk.bench.filter_field.value == "noir", "the filter of the workbench")


async def _page(desk: Desk) -> ExperimentPage:
    await desk.until(lambda: isinstance(desk.app.screen, ExperimentPage), "the page")
    page = desk.app.screen
    assert isinstance(page, ExperimentPage)
    return page
