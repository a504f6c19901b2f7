"""The screen of the local history."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tui.screens.revisions import Revisions

if TYPE_CHECKING:
    from tests.e2e.conftest import Home
    from tests.tui.conftest import Desk, Opener


async def history(desk: Desk) -> Revisions:
    """Open the local history of what is at hand and wait for its rows."""
    await desk.press("v")
    return await opened(desk)


async def opened(desk: Desk) -> Revisions:
    """Wait for the screen and its rows."""
    await desk.until(lambda: isinstance(desk.app.screen, Revisions), "the screen")
    screen = desk.app.screen
    assert isinstance(screen, Revisions)
    await desk.until(lambda: screen.list.length, "its rows")
    await desk.until(lambda: screen.text.text, "its text")
    return screen


def rows(screen: Revisions) -> list[str]:
    return ["".join(text for text, _ in screen.list.row_words(n)) for n in range(screen.list.length)]


async def saved(desk: Desk, home: Home, *texts: str) -> None:
    """Save the file some times, each once the one before was seen."""
    for text in texts:
        home.noir(1, active=True, more=text)
        await desk.until(partial(_shows, desk, text), text)


def _shows(desk: Desk, text: str) -> bool:
    return text in desk.bench.desk.text.text


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_saves_are_listed_and_compared(open_app: Opener, home: Home, size: tuple[int, int]) -> None:
    async with open_app(size) as desk:
        await saved(desk, home, "It [b]rains[/b].", "It snows.")
        screen = await history(desk)
        shown = rows(screen)
        assert len(shown) == 3
        assert "+1" in shown[0]
        assert "−1" in shown[0]
        assert shown[0].rstrip().endswith("file")
        assert "against the one before" in screen.about.text
        assert "[b]rains[/b]" in screen.text.text
        assert "+1" in screen.about.text
        await desk.press("d")
        assert screen.text.text.startswith("---\nname: noir")
        await desk.press("d", "G")
        await desk.until(lambda: "the first one" in screen.about.text, "the first")
        await desk.press("space", "g")
        await desk.until(lambda: "▸" in screen.about.text, "the marked one as the base")
        assert "rains" not in screen.text.text
        assert rows(screen)[2].startswith("▸")
        seen = []
        for _ in range(3):
            await desk.press("c")
            await desk.pilot.pause()
            seen.append(screen.about.text)
        assert [any(word in text for text in seen) for word in ("the file", "v2", "before")] == [True] * 3
        await desk.press("escape")
        assert desk.app.screen is desk.bench


async def test_a_save_while_it_is_open_comes_in_and_the_cursor_stays(open_app: Opener, home: Home) -> None:
    async with open_app() as desk:
        await saved(desk, home, "It rains.")
        screen = await history(desk)
        await desk.press("j")
        before = screen.list.revision
        home.noir(1, active=True, more="\x1b[31mIt hails.")
        await desk.until(lambda: screen.list.length == 3, "the new one")
        assert screen.list.revision is not None
        assert before is not None
        assert screen.list.revision.data == before.data
        await desk.press("g")
        await desk.until(lambda: "␛[31mIt hails." in screen.text.text, "harmless escape bytes")


async def test_restoring_shows_what_changes_asks_and_can_be_undone(open_app: Opener, home: Home) -> None:
    async with open_app() as desk:
        first = (home.prompts / "noir-v1.md").read_bytes()
        await saved(desk, home, "It rains.")
        second = (home.prompts / "noir-v1.md").read_bytes()
        screen = await history(desk)
        await desk.press("R")
        await desk.until(lambda: "already" in screen.key_line.message, "nothing to do")
        await desk.press("j", "R")
        await desk.until(lambda: screen.ask_line.open, "the question")
        assert "against the file" in screen.about.text
        assert "- Write the first line" in screen.text.text
        await desk.press("escape")
        assert (home.prompts / "noir-v1.md").read_bytes() == second
        await desk.press("R")
        await desk.until(lambda: screen.ask_line.open, "the question")
        await desk.press("enter")
        await desk.until(lambda: desk.app.screen is desk.bench, "the workbench")
        assert (home.prompts / "noir-v1.md").read_bytes() == first
        await desk.until(lambda: "rains" not in desk.bench.desk.text.text, "the restored text")
        await desk.press("u")
        await desk.until(lambda: "rains" in desk.bench.desk.text.text, "the text before")
        assert (home.prompts / "noir-v1.md").read_bytes() == second


async def test_enter_shows_the_runs_with_their_verdicts(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.until(lambda: desk.app.engine.demo and desk.app.engine.demo.running, "the simulator")
        await desk.press("r")
        await desk.until(lambda: desk.bench.desk.answer.run and desk.bench.desk.answer.run.over, "an answer")
        await desk.press("plus")
        screen = await history(desk)
        await desk.until(lambda: "✓1" in rows(screen)[0] and "1.00" in rows(screen)[0], "the verdict")
        await desk.press("enter")
        await desk.until(lambda: "openai" in screen.text.text, "the run")
        assert "✓" in screen.text.text
        await desk.press("enter")
        await desk.until(lambda: "runs" not in screen.about.text, "the text again")


def _second_is(desk: Desk, active: bool) -> bool:
    library = desk.app.engine.library
    return library is not None and library.versions[1].active is active


async def test_a_retired_version_is_brought_back_from_its_history(open_app: Opener, home: Home) -> None:
    async with open_app() as desk:
        said = (home.prompts / "noir-v2.md").read_bytes()
        for active in (True, False):
            home.noir(2, active=active, more="Make it rain.")
            await desk.until(partial(_second_is, desk, active), "the save")
        desk.bench.action_retired()
        await desk.until(lambda: "No version was retired" in desk.bench.key_line.message, "none yet")
        await desk.press("j")
        desk.bench.action_retire()
        await desk.until(lambda: len(desk.bench.browser.nodes) == 2, "one version")
        screen = await history(desk)
        await desk.press("right_square_bracket")
        await desk.until(lambda: "retired" in screen.heading.text, "the retired one beside it")
        await desk.press("escape")
        desk.bench.action_retired()
        await desk.until(lambda: desk.bench.ask_line.open, "the question")
        await desk.press("enter")
        screen = await opened(desk)
        assert screen.list.revision is not None and screen.list.revision.data == said
        assert screen.list.revision is not screen.list._revisions[0], "it was said before, and last"
        await desk.press("R")
        await desk.until(lambda: screen.ask_line.open, "the question")
        await desk.press("enter")
        await desk.until(lambda: len(desk.bench.browser.nodes) == 3, "it is back")
        assert (home.prompts / "noir-v2.md").read_bytes() == said
