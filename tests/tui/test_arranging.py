"""The panes: one alone, wider and narrower, beside each other, and found again at the next start."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tui.conftest import Desk, Opener


def in_sight(desk: Desk) -> set[str]:
    """Return the ids of the panes that have some room."""
    panes = ("browser", "template", "values", "answer", "quota", "keys")
    return {name for name in panes if desk.bench.query_one(f"#{name}").region.area}


ALL = {"browser", "template", "values", "answer", "quota", "keys"}


async def test_each_pane_can_have_all_the_room(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.until(lambda: in_sight(desk) == ALL, "all panes")
        await desk.press("z")
        assert in_sight(desk) == {"browser", "quota", "keys"}
        assert desk.bench.browser.size.width > 100
        await desk.press("z")
        assert in_sight(desk) == ALL
        desk.bench.desk.text.focus()
        await desk.press("z")
        assert in_sight(desk) == {"template", "quota", "keys"}
        await desk.press("t")
        assert desk.bench.desk.view == "preview"
        await desk.press("escape")
        assert in_sight(desk) == ALL
        desk.bench.desk.answer.text.focus()
        await desk.press("z")
        assert in_sight(desk) == {"answer", "quota", "keys"}
        assert desk.bench.focused is desk.bench.desk.answer.text


async def test_what_needs_another_pane_ends_the_zoom(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("z", "enter")
        await desk.until(lambda: in_sight(desk) == ALL, "all panes")
        await desk.press("escape", "z", "r")
        await desk.until(lambda: in_sight(desk) == ALL, "all panes again")
        desk.bench.desk.text.focus()
        await desk.press("z", "slash", "escape")
        assert "template" in in_sight(desk), "the search of the text is on the bottom row"
        await desk.press("b")
        assert in_sight(desk) == ALL
        assert desk.bench.focused is desk.bench.browser


async def test_writing_may_have_all_the_room(open_app: Opener) -> None:
    async with open_app() as desk:
        desk.bench.desk.text.focus()
        await desk.press("z", "i")
        await desk.until(lambda: desk.bench.desk.writing, "the editor pane")
        await desk.pilot.pause()
        assert in_sight(desk) == {"quota", "keys"}
        assert desk.bench.desk.pane is not None
        assert desk.bench.desk.pane.region.height >= 30


async def test_on_a_short_screen_the_zoom_hides_the_browser(open_app: Opener) -> None:
    async with open_app((80, 24)) as desk:
        desk.bench.desk.text.focus()
        await desk.press("z")
        assert in_sight(desk) == {"template", "quota", "keys"}
        assert desk.bench.desk.text.size.width > 70
        await desk.press("r")
        assert in_sight(desk) == {"answer", "quota", "keys"}
        await desk.press("z")
        assert in_sight(desk) == {"browser", "answer", "quota", "keys"}


async def test_the_focused_pane_can_be_made_wider_and_narrower(open_app: Opener) -> None:
    async with open_app() as desk:
        bench = desk.bench
        side, text, answer = (bench.query_one(name) for name in ("#side", "#upper", "#answer"))
        before = side.outer_size.width
        await desk.press("greater_than_sign")
        assert side.outer_size.width == before + 4
        await desk.press(*["greater_than_sign"] * 4)
        await desk.pilot.resize_terminal(60, 40)
        await desk.until(lambda: side.outer_size.width == 20, "what leaves the desk its part")
        await desk.pilot.resize_terminal(120, 40)
        await desk.until(lambda: side.outer_size.width == 40, "the width that was chosen")
        await desk.press(*["less_than_sign"] * 20)
        await desk.until(lambda: side.outer_size.width == 16, "what leaves the browser its part")
        bench.desk.text.focus()
        await desk.press(*["greater_than_sign"] * 3)
        assert text.size.height > 1.5 * answer.size.height
        bench.desk.answer.text.focus()
        await desk.press(*["greater_than_sign"] * 20)
        assert answer.size.height > 2 * text.size.height


@pytest.mark.parametrize("size", [(160, 24), (160, 40), (200, 60)])
async def test_on_a_broad_screen_the_answer_stands_beside_the_text(
    open_app: Opener, size: tuple[int, int]
) -> None:
    async with open_app(size) as desk:
        text, answer = desk.bench.desk.text, desk.bench.desk.answer
        await desk.until(lambda: in_sight(desk) == ALL, "all panes")
        assert text.region.right < answer.text.region.x
        answer.text.focus()
        before = answer.region.width
        await desk.press("greater_than_sign")
        assert answer.region.width > before
        await desk.press("z")
        assert answer.region.width > size[0] - 5
        await desk.pilot.resize_terminal(100, 40)
        await desk.press("z")
        await desk.pilot.pause()
        assert answer.region.y > text.region.y


async def test_the_screen_begins_as_it_was_left(open_app: Opener) -> None:
    async with open_app() as desk:
        desk.home.write("ode-v1.md", "---\nvariables: [a]\n---\nAn ode to {{a}}.\n")
        await desk.until(lambda: len(desk.bench.browser.nodes) == 5, "the new prompt")
        await desk.press("greater_than_sign", "G", "t", "p", "p")
        chosen = desk.bench.provider
        assert chosen is not None
        desk.bench.desk.text.focus()
        await desk.press("greater_than_sign")
    async with open_app() as desk:
        await desk.until(lambda: desk.bench.desk.row and desk.bench.desk.row.name == "ode", "the version")
        assert desk.bench.browser.node
        assert desk.bench.browser.node.key == ("ode", 1)
        assert desk.bench.desk.view == "preview"
        await desk.until(lambda: desk.bench.query_one("#side").outer_size.width == 40, "the width")
        assert desk.bench.desk.share == 55
        await desk.until(lambda: desk.bench.provider == chosen, "the provider")
        await desk.press("b")
    async with open_app() as desk:
        await desk.until(lambda: desk.bench.browser_hidden, "the layout")
        desk.bench.desk.answer.text.focus()
        await desk.press("z")
    async with open_app(settings='provider = "deepseek"') as desk:
        await desk.until(lambda: desk.bench.desk.zoomed == "answer", "the zoom")
        assert desk.bench.provider == "deepseek", "the settings say where it goes first"


async def test_what_another_release_remembered_does_no_harm(open_app: Opener) -> None:
    async with open_app() as desk:
        memory = desk.app.engine.memory
        while "screen:layout" not in await asyncio.wrap_future(memory.find("screen:")):
            await desk.pilot.pause(0.01)
        memory.keep(
            {
                "screen:layout": {"side": "wide", "share": 500, "zoomed": "moon"},
                "screen:selection": {"name": "gone", "version": 1},
                "screen:view": ["x"],
                "screen:provider": {"a": 1},
            }
        )
    async with open_app() as desk:
        await desk.until(lambda: desk.bench.desk.share == 80, "the layout, as far as it makes sense")
        assert desk.bench.desk.row is not None
        assert desk.bench.desk.row.name == "noir"
        await desk.until(lambda: in_sight(desk) == ALL, "all panes")
