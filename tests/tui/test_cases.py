"""Cases on the desk: chosen from a list, followed in their files, saved from the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.widgets.heading import Heading
from tui.widgets.pick_list import PickList

if TYPE_CHECKING:
    from tests.e2e.conftest import Home
    from tests.tui.conftest import Desk, Opener

CASES = """# Who it is about
- name: young
  description: A heroine
  vars: {hero: Ines}  # of the other book
- name: old
  vars:
    hero: Tobar, who is old
"""


def write(home: Home, text: str = CASES) -> None:
    (home.prompts / "cases").mkdir(exist_ok=True)
    (home.prompts / "cases" / "noir.yaml").write_text(text)


def heading(desk: Desk) -> str:
    found = desk.bench.query_one("#values-heading", Heading)
    return "".join(text for text, _ in found.words(0))


def hero(desk: Desk) -> str:
    return desk.bench.desk.form.values["hero"]


async def choose(desk: Desk, *keys: str) -> None:
    await desk.press("c")
    await desk.until(lambda: desk.bench.ask_line.open, "the list")
    await desk.press(*keys, "enter")
    await desk.until(lambda: not desk.bench.ask_line.open, "the choice")


async def test_a_case_fills_the_form_and_its_run_is_recorded_with_it(open_app: Opener, home: Home) -> None:
    write(home)
    async with open_app() as desk:
        await desk.until(lambda: "cases ▾" in heading(desk), "the word that there are some")
        await choose(desk, "down")
        await desk.until(lambda: hero(desk) == "Ines", "the case's value")
        assert "case: young ▾" in heading(desk)
        answer = desk.bench.desk.answer
        await desk.press("r")
        await desk.until(lambda: answer.run and answer.run.status == "done", "an answer")
        assert answer.run is not None
        assert answer.run.case == "young"
        await desk.press("enter", "end", *" II", "escape")
        await desk.until(lambda: "young, edited" in heading(desk), "the word")
        assert desk.bench.desk.request("openai").case == "", "values of its own"
        await choose(desk, *"tob")
        await desk.until(lambda: hero(desk) == "Tobar, who is old", "the other case, found by its value")
        of_answer = desk.bench.query_one("#answer-heading", Heading)
        await desk.until(lambda: "case young" in of_answer.text, "whose answer it is")
        await choose(desk, *"heroine")
        await desk.until(lambda: hero(desk) == "Ines II", "what was typed over it")
        await choose(desk)
        await desk.until(lambda: hero(desk) == "Ines", "the case as it is in the file")
        await desk.until(lambda: "case young" not in of_answer.text, "that goes without saying")
        await choose(desk, "up")
        await desk.until(lambda: hero(desk) == "Mara Voss", "the default, without a case")
        await choose(desk, "up")
    async with open_app() as desk:
        await desk.until(lambda: hero(desk) == "Tobar, who is old", "the case, after a restart")


async def test_the_form_follows_the_file_except_where_it_was_typed_over(open_app: Opener, home: Home) -> None:
    write(home)
    async with open_app() as desk:
        await choose(desk, "down")
        write(home, CASES.replace("Ines", "Nadia"))
        await desk.until(lambda: hero(desk) == "Nadia", "what the file says now")
        write(home, "- name: a\n- name: a\n")
        await desk.until(lambda: "✖ cases 2:3" in heading(desk), "the mark of a broken file")
        assert "cases/noir.yaml:2:3: error: The case `a`" in desk.bench.key_line.message
        assert hero(desk) == "Nadia"
        write(home, CASES.replace("Ines", "Ilya"))
        await desk.until(lambda: hero(desk) == "Ilya", "what the mended file says")
        await desk.press("enter", "end", *" II", "escape")
        write(home, CASES)
        await desk.until(lambda: desk.bench.book.base("noir")["hero"] == "Ines", "the file")
        assert hero(desk) == "Ilya II"


async def test_values_are_saved_as_a_case_and_comments_stay(open_app: Opener, home: Home) -> None:
    write(home)
    path = home.prompts / "cases" / "noir.yaml"
    async with open_app() as desk:
        await choose(desk, "down")
        await desk.press("enter", "end", *" II", "escape", "C")
        await desk.until(lambda: desk.bench.ask_line.open, "the question")
        await desk.press("enter")
        await desk.until(lambda: "Saved as the case" in desk.bench.key_line.message, "the word")
        assert path.read_text() == CASES.replace("{hero: Ines}", "{hero: Ines II}")
        assert "edited" not in heading(desk)
        await desk.press("C")
        await desk.until(lambda: desk.bench.ask_line.open, "the question")
        await desk.press("ctrl+u", *"old", "enter")
        await desk.until(lambda: "choose it with c first" in desk.bench.key_line.message, "the refusal")
        await desk.press("C")
        await desk.until(lambda: desk.bench.ask_line.open, "the question")
        await desk.press("ctrl+u", *"third", "enter")
        await desk.until(lambda: "case: third" in heading(desk), "the new case")
        assert path.read_text().endswith("who is old\n- name: third\n  vars:\n    hero: Ines II\n")
        await desk.press("u")
        await desk.until(lambda: "case: third" not in heading(desk), "none any more")
        assert path.read_text() == CASES.replace("{hero: Ines}", "{hero: Ines II}")


async def test_a_row_is_chosen_with_the_mouse_and_names_are_no_markup(open_app: Opener, home: Home) -> None:
    write(home, '- name: "[b]x"\n  description: "a\\x1b[31m[/b]"\n  vars: {hero: Ines}\n')
    async with open_app() as desk:
        await desk.until(lambda: desk.bench.book.cases.of("noir"), "the case")
        heading_at = desk.bench.query_one("#values-heading")
        await desk.pilot.click(heading_at, offset=(heading_at.size.width - 2, 0))
        await desk.until(lambda: desk.bench.ask_line.open, "the list")
        picks = desk.bench.query_one(PickList)
        shown = "".join(segment.text for y in range(2) for segment in picks.render_line(y))
        assert "[b]x" in shown
        assert "\x1b" not in shown
        await desk.pilot.click(PickList, offset=(6, 1))
        await desk.until(lambda: hero(desk) == "Ines", "the case")
        await desk.press("c", "escape")
        assert not picks.display
        await desk.press("c")
        await desk.until(lambda: picks.display, "the list again")
        desk.bench.action_save_case()  # as from the palette, while the list is there
        await desk.until(lambda: not picks.display and desk.bench.ask_line.open, "only the other question")


async def test_without_cases_it_teaches_how_to_save_one(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("c")
        await desk.until(lambda: "C saves these values as one" in desk.bench.key_line.message, "the sentence")
