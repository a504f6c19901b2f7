"""Searching in a text, from the key to the marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.reading.find import find
from tui.widgets.reading.text_view import TextView

if TYPE_CHECKING:
    from tests.tui.conftest import Opener


@given(st.lists(st.text("aAb.* [", max_size=12), max_size=5), st.text("aAb.* [", min_size=1, max_size=3))
def test_what_is_found_is_there_and_nothing_else_is(lines: list[str], query: str) -> None:
    plain = query == query.lower()
    matches = find(lines, query)
    for match in matches:
        found = lines[match.line][match.start : match.end]
        assert (found.lower() if plain else found) == query
    for number, line in enumerate(lines):
        assert ((line.lower() if plain else line).find(query) >= 0) == any(m.line == number for m in matches)


def test_an_empty_query_finds_nothing() -> None:
    assert find(["a", ""], "") == []


async def test_a_search_marks_goes_round_and_is_dropped(open_app: Opener) -> None:
    async with open_app() as desk:
        view = desk.bench.desk.text
        view.focus()
        await desk.press("slash", *"story")
        await desk.until(lambda: "of" in view.place, "a match")
        total = int(view.place.split(" of ")[1].split(" ")[0])
        await desk.press("enter")
        assert desk.bench.focused is view
        assert view.place.startswith(f"1 of {total}")
        await desk.press(*"n" * total)
        await desk.until(lambda: view.place.startswith(f"1 of {total}"), "the first match again")
        await desk.press("N")
        await desk.until(lambda: view.place.startswith(f"{total} of"), "the last match")
        await desk.press("slash", "escape")
        await desk.until(lambda: " of " not in view.place, "no match any more")
        assert desk.bench.key_line.display
        await desk.press("question_mark", "slash", *"full-text")
        box = desk.app.screen
        await desk.until(
            lambda: "not found" in box.query_one(TextView).place, "that nothing is found in the help"
        )
        await desk.press(*["backspace"] * 9, *"version", "enter", "n")
        await desk.until(lambda: "2 of" in box.query_one(TextView).place, "the second match")
