"""The form of values: what is typed is kept, each type has its field, long texts have room."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.events import AppBlur, AppFocus, Paste

from tui.widgets.desk.value_area import MAX_ROWS, ValueArea
from tui.widgets.desk.value_book import ValueBook
from tui.widgets.desk.value_field import ChoiceField, ValueField
from tui.widgets.heading import Heading

if TYPE_CHECKING:
    from tests.e2e.conftest import Home
    from tests.tui.conftest import Desk, Opener

HERO = "  hero: {default: Mara Voss, description: Who it is about}\n"
FORM = """---
name: form
variables:
  hero: {default: Mara Voss, description: Who it is about}
  words: {type: integer, default: 900}
  mood: {choices: [bitter, calm, tender], default: calm}
  notes: {default: "one\\ntwo\\nthree"}
  rain: {type: boolean, default: "true"}
---
{{hero}} {{words}} {{mood}} {{notes}} {{rain}}
"""


@pytest.fixture
def home(home: Home) -> Home:
    for path in home.prompts.iterdir():
        path.unlink()
    home.write("form.md", FORM)
    return home


def field(desk: Desk, name: str) -> ValueField:
    return next(each for each in desk.bench.desk.form.fields if each.variable.name == name)


def heading(desk: Desk) -> str:
    return desk.bench.query_one("#values-heading", Heading).text


async def test_what_was_typed_is_there_after_a_restart_and_a_new_default_too(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("enter", "end", *" II", "escape")
    async with open_app() as desk:
        await desk.until(lambda: desk.bench.desk.form.values.get("hero") == "Mara Voss II", "what was typed")
        assert desk.bench.desk.book.take_changes() == {}
        desk.home.write("form.md", FORM.replace("900", "500").replace("Mara Voss", "Ilya"))
        await desk.until(lambda: desk.bench.desk.form.values.get("words") == "500", "the new default")
        assert field(desk, "hero").text == "Mara Voss II"
        await desk.press("enter", "end", *["backspace"] * 15, *"Ilya", "escape")
    async with open_app() as desk:
        desk.home.write("form.md", FORM.replace("Mara Voss", "Joss"))
        await desk.until(lambda: desk.bench.desk.form.values.get("hero") == "Joss", "the default")


async def test_two_who_fill_the_form_at_once_do_not_meet(open_app: Opener) -> None:
    async with open_app() as desk:
        desk.home.write("other.md", "---\nvariables: [sea, wind]\n---\n{{sea}} {{wind}}")
        await desk.until(lambda: len(desk.bench.browser.nodes) == 4, "the other prompt")
        await desk.press("enter", "end", *" II", "escape")
        values, library = desk.bench.desk.values, desk.app.engine.library
        assert library is not None
        rows = {row.name: row for row in library.versions}

        async def fill(name: str) -> None:
            values.note()
            await values.fill(rows[name])

        # As a start with the memory's values, a change of the cases, and the cursor's first move do.
        await asyncio.gather(*(fill(name) for name in ("other", "form", "form", "other", "other", "form")))
        assert values.form.values["hero"] == "Mara Voss II"
        assert "other" not in "".join(values.book.take_changes()), "nothing was noted there"


async def test_values_that_only_another_version_has_are_kept(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("enter", "end", *" II", "escape")
        await desk.until(lambda: desk.bench.desk.book.typed("form"), "the page")
        desk.home.write("form.md", FORM.replace(HERO, ""))
        await desk.until(lambda: len(desk.bench.desk.form.fields) == 4, "the form without it")
        desk.home.write("form.md", FORM)
        await desk.until(lambda: len(desk.bench.desk.form.fields) == 5, "the form with it")
        assert field(desk, "hero").text == "Mara Voss II"


async def test_a_figure_that_is_none_is_told_beside_its_field(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("enter", "down", "end", "x")
        assert field(desk, "words").problem == "not a whole number"
        await desk.until(lambda: "not a whole number" in rendered(desk), "the words beside the field")
        await desk.press("backspace")
        await desk.until(lambda: "not a whole number" not in rendered(desk), "none")


async def test_choices_are_gone_through_found_by_letters_and_free(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("enter", "down", "down")
        mood = desk.bench.focused
        assert isinstance(mood, ChoiceField)
        await desk.until(lambda: "one of bitter, calm, tender" in heading(desk), "the choices")
        await desk.press("right")
        assert mood.text == "tender"
        await desk.press("right", "left", "left")
        assert mood.text == "calm"
        await desk.press("home", "ctrl+k", *"BI", "enter")
        assert mood.text == "bitter"
        await desk.press("shift+tab", "end", "ctrl+u", *"wild", "enter")
        assert mood.text == "wild"
        assert "not bitter or calm or tender" in rendered(desk)


async def test_the_heading_says_what_the_value_at_hand_is_for(open_app: Opener) -> None:
    async with open_app() as desk:
        assert "Who it is about" not in heading(desk)
        await desk.press("enter")
        await desk.until(lambda: "Who it is about" in heading(desk), "the description")
        await desk.press("escape")
        await desk.until(lambda: "Who it is about" not in heading(desk), "none")


async def test_a_value_of_several_lines_has_room_while_it_is_typed(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("enter", "down", "down", "down")
        await desk.until(lambda: isinstance(desk.bench.focused, ValueArea), "the area")
        area = desk.bench.focused
        assert isinstance(area, ValueArea)
        assert area.size.height == 3
        desk.app.post_message(AppBlur())  # a look into another window
        await desk.until(lambda: not desk.app.app_focus, "it")
        desk.app.post_message(AppFocus())
        await desk.until(lambda: desk.bench.focused is area and area.display, "the area again")
        await desk.press("enter", *"four", "escape")
        assert desk.bench.desk.form.values["notes"] == "one\ntwo\nthree\nfour"
        assert not area.display
        assert desk.bench.focused is desk.bench.browser
        await desk.press("enter", *["down"] * 3)
        await desk.until(lambda: desk.bench.focused is area, "the area")
        await desk.press(*["down"] * 5)
        await desk.until(lambda: desk.bench.focused is field(desk, "rain"), "the next field")
        await desk.press("up")
        await desk.until(lambda: desk.bench.focused is area, "the area")
        await desk.press("up")
        await desk.until(lambda: desk.bench.focused is field(desk, "mood"), "the field before")


async def test_a_line_break_makes_a_field_grow_and_no_key_is_lost(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("enter", "end", "ctrl+j", *"and Ilya, by night")
        await desk.until(lambda: isinstance(desk.bench.focused, ValueArea), "the area")
        assert desk.bench.desk.form.values["hero"] == "Mara Voss\nand Ilya, by night"


async def test_100_kb_with_hostile_characters_can_be_pasted(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("enter", "ctrl+u")
        text = "\x1b[2J [b]wide\u202e漢字[/b]\x0c line\n" * 3000
        focused = desk.bench.focused
        assert focused is not None
        focused.post_message(Paste(text))
        await desk.until(lambda: isinstance(desk.bench.focused, ValueArea), "the area")
        area = desk.bench.focused
        assert isinstance(area, ValueArea)
        await desk.until(lambda: area.size.height == MAX_ROWS, "some rows")
        await desk.press("ctrl+end", "z", "escape")
        assert desk.bench.desk.form.values["hero"] == text.strip("\n") + "z"
        assert "\x1b" not in rendered(desk)


async def test_a_value_is_taken_from_a_file_or_a_sentence_says_why_not(open_app: Opener) -> None:
    async with open_app() as desk:
        path = desk.home.root / "hero.txt"
        path.write_bytes(b"Ilya\r\nthe second\n")
        await desk.press("ctrl+f")
        await desk.press("enter", "ctrl+f", *f"{desk.home.root}/her")
        field = desk.bench.ask_line.field
        await desk.until(lambda: field._suggestion == str(path), "the whole path, offered")
        await desk.press("tab", "enter")
        await desk.until(lambda: desk.bench.desk.form.values["hero"] == "Ilya\nthe second", "the text")
        path.write_bytes(b"\xff\xfe")
        await desk.press("ctrl+f", "enter")  # the same one
        await desk.until(lambda: "is not UTF-8 text (byte 1)" in desk.bench.key_line.message, "the reason")
        assert desk.bench.desk.form.values["hero"] == "Ilya\nthe second"
        await desk.press("end", "!")  # goes on in the value that it was asked for
        await desk.until(lambda: "!" in desk.bench.desk.form.values["hero"], "what is typed on")


def rendered(desk: Desk) -> str:
    """Return the rows of the form as they are on the screen."""
    region = desk.bench.desk.form.region
    strips = desk.bench._compositor.render_strips()
    return "\n".join(
        "".join(segment.text for segment in strips[y]) for y in range(region.y, region.y + region.height)
    )


async def test_a_variable_that_is_renamed_under_the_hands_keeps_them_in_the_form(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("enter", *"by")
        field = desk.bench.focused
        assert isinstance(field, ValueField)
        name = field.variable.name
        assert desk.bench.desk.row is not None
        path = desk.home.prompts / desk.bench.desk.row.path
        path.write_text(path.read_text().replace(name, f"other_{name}"))
        await desk.until(
            lambda: any(one.variable.name == f"other_{name}" for one in desk.bench.desk.form.fields), "it"
        )
        await desk.until(
            lambda: f"no {name} any more; what you typed is kept" in desk.bench.key_line.message, "why"
        )
        await desk.press("r", "a")
        await desk.until(
            lambda: desk.bench.desk.form.values[f"other_{name}"].endswith("ra"), "what was typed"
        )
        assert not desk.bench.desk.answer.run


def test_what_was_typed_goes_with_a_new_name_and_only_what_is_not_kept_yet_is_written() -> None:
    book = ValueBook()
    book.restore({"values/noir": {"case": "", "typed": {"": {"hero": "Ilya"}}}})
    book.rename("noir", "night")
    assert book.typed("night") == {"hero": "Ilya"}
    assert book.take_changes() == {}, "the memory has the new name already, and may have newer words"
    book.note("night", ["hero"], {"hero": "Joss"})
    book.rename("night", "dusk")
    assert book.take_changes() == {
        "values/dusk": {"case": "", "typed": {"": {"hero": "Joss"}}},
        "values/night": None,
    }
