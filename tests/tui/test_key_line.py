"""The bottom row: a message is there to be read to its end, however narrow the screen is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tui.writing import write
from tui.widgets.key_line import KeyLine
from tui.widgets.message_rows import MessageRows

if TYPE_CHECKING:
    from tests.tui.conftest import Desk, Opener

SENTENCE = "notes-v1.md:4:7: there is a [bracket] too many here; " * 4 + "mend it."


def said(desk: Desk) -> str:
    rows = desk.bench.query(MessageRows)
    above = [row for each in rows if each.display for row in each._rows]
    return "".join([*above, desk.bench.key_line.words(0)[0][0]])


async def test_a_long_message_takes_the_rows_above_and_gives_them_back(open_app: Opener) -> None:
    async with open_app(size=(60, 20)) as desk:
        line = desk.bench.key_line
        size = desk.bench.desk.size
        line.tell(SENTENCE)
        await desk.until(lambda: said(desk) == SENTENCE, "all of it")
        assert desk.bench.query_one(MessageRows).region.height == 4
        assert desk.bench.desk.size == size, "nothing has moved"
        line.tell("word " * 500)
        assert said(desk).endswith("…"), "what is left out shows"
        line.tell("Short.")
        await desk.until(lambda: not desk.bench.query_one(MessageRows).display, "the rows gone")
        assert said(desk) == "Short."


async def test_what_went_wrong_is_not_hidden_by_what_is_told_right_after_it(open_app: Opener) -> None:
    async with open_app() as desk:
        line = desk.bench.key_line
        line.tell("Refused.", "error")
        line.tell_also("New limits are in force.")
        assert (line.message, line._severity) == ("Refused. New limits are in force.", "error")
        line.tell_also("Worse.", "error")
        assert line.message == "Worse."
        line.tell("What a key has asked for.")
        assert line.message == "What a key has asked for."
        line.tell_also("And so on.")
        assert line.message == "And so on."


async def test_in_vims_modes_no_key_is_named_that_means_something_else_there(open_app: Opener) -> None:
    for vim, said in (("true", False), ("false", True)):
        async with open_app(settings=f"vim = {vim}") as desk:
            await write(desk)
            words = "".join(text for text, _ in desk.bench.key_line.words(0))
            assert ("esc leave" in words) == ("ctrl+r save, run" in words) == said
            assert "ctrl+s save" in words


async def test_on_a_small_screen_the_way_back_stays_in_the_line(open_app: Opener) -> None:
    async with open_app((60, 20)) as desk:
        for key in ("H", "o", "comma", "v"):
            await desk.press(key)
            await desk.until(lambda: desk.app.screen is not desk.bench, "the page")
            said = "".join(text for text, _ in desk.app.screen.query_one(KeyLine).words(0))
            assert said.endswith("esc back   ? help   q quit"), key
            await desk.press("escape")
            await desk.until(lambda: desk.app.screen is desk.bench, "the workbench")
