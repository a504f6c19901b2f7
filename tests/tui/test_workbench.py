"""The workbench, driven by its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import Key
from textual.widgets import Input

from tui.screens.help import Help
from tui.widgets.browser.browser import Browser
from tui.widgets.browser.rows import FileNode, PromptNode, VersionNode
from tui.widgets.desk.value_field import ValueField
from tui.widgets.heading import Heading
from tui.widgets.ink import width_of
from tui.widgets.quota.panel import ProviderPanel

if TYPE_CHECKING:
    from tests.tui.conftest import Opener


async def test_it_opens_on_the_active_version(open_app: Opener) -> None:
    async with open_app() as desk:
        row = desk.bench.desk.row
        assert row is not None
        assert (row.name, row.version, row.active) == ("noir", 1, True)
        assert "first line of a noir story about {{hero}}" in desk.bench.desk.text.text
        assert desk.bench.focused is desk.bench.browser


async def test_the_cursor_moves_by_arrows_and_by_hjkl(open_app: Opener) -> None:
    async with open_app() as desk:
        browser = desk.bench.browser

        def at() -> object:
            return browser.node.key if browser.node else None

        await desk.press("j")
        assert at() == ("noir", 2)
        await desk.press("k", "up")
        assert at() == ("noir", -1)
        await desk.press("h")
        assert [type(node) for node in browser.nodes] == [PromptNode]
        await desk.press("l", "l")
        assert at() == ("noir", 1)
        await desk.press("G")
        assert at() == ("noir", 2)
        await desk.press("g")
        assert at() == ("noir", -1)
        await desk.press("enter")
        assert len(browser.nodes) == 1


async def test_a_save_changes_row_template_and_preview_and_keeps_what_was_typed(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("enter", "end", *" II", "escape", "t")
        assert desk.bench.desk.view == "preview"
        assert "about Mara Voss II." in desk.bench.desk.text.text
        desk.home.noir(1, active=True, more="It rains.")
        await desk.until(lambda: "It rains." in desk.bench.desk.text.text, "the new text")
        assert "about Mara Voss II." in desk.bench.desk.text.text


async def test_a_default_that_changes_in_the_file_is_shown_unless_typed_over(open_app: Opener) -> None:
    async with open_app() as desk:
        good = (desk.home.prompts / "noir-v1.md").read_text()
        await desk.press("t")
        desk.home.write("noir-v1.md", good.replace("Mara Voss", "Ilya"))
        await desk.until(lambda: "about Ilya." in desk.bench.desk.text.text, "the new default")
        await desk.press("enter", "end", *" II", "escape")
        desk.home.write("noir-v1.md", good.replace("Mara Voss", "Joss") + "\nIt rains.")
        await desk.until(lambda: "It rains." in desk.bench.desk.text.text, "the new text")
        assert "about Ilya II." in desk.bench.desk.text.text


async def test_the_preview_shows_each_turn_below_its_role(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("t")
        assert desk.bench.desk.text.text.startswith("# A scene"), "no heading for the only turn"
        good = (desk.home.prompts / "noir-v1.md").read_text()
        body = "<!-- user -->\nHi {{hero}}\n\n<!-- assistant -->\nYes?\n\n<!-- user -->\nGo on."
        desk.home.write("noir-v1.md", good[: good.index("# A scene")] + body)
        await desk.until(lambda: "Go on." in desk.bench.desk.text.text, "the new text")
        text = desk.bench.desk.text.text
        assert text == "user\nHi Mara Voss\n\nassistant\nYes?\n\nuser\nGo on."


async def test_a_broken_file_is_marked_and_mended(open_app: Opener) -> None:
    async with open_app() as desk:
        good = (desk.home.prompts / "noir-v1.md").read_text()
        desk.home.write("noir-v1.md", good.replace("version: 1", "version: [1"))
        await desk.until(lambda: desk.bench.desk.row and desk.bench.desk.row.broken, "the mark")
        assert "first line" in desk.bench.desk.text.text
        assert "noir-v1.md:3:" in desk.bench.desk.text.text
        desk.home.write("noir-v1.md", good)
        await desk.until(lambda: desk.bench.desk.row and not desk.bench.desk.row.problems, "no mark")
        assert "noir-v1.md:3:" not in desk.bench.desk.text.text


async def test_a_file_that_never_was_good_shows_what_is_wrong(open_app: Opener) -> None:
    async with open_app() as desk:
        desk.home.write("bad.md", "---\nname: [x\n---\nText\n")
        browser = desk.bench.browser
        await desk.until(lambda: any(isinstance(node, FileNode) for node in browser.nodes), "the file")
        await desk.press("G")
        await desk.until(lambda: "bad.md is not served" in desk.bench.desk.text.text, "the report")
        await desk.press("r")
        assert "no version to run" in desk.bench.key_line.message


async def test_a_run_streams_into_the_answer_and_is_counted(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("r")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run and answer.run.status == "done", "an answer")
        assert answer.run is not None
        assert answer.text.text == str(answer.run.transcript)
        await desk.until(lambda: desk.bench.desk.row and desk.bench.desk.row.usage_count == 1, "the count")
        await desk.until(lambda: (today := desk.bench.title_bar.today) and today.calls == 1, "today's calls")
        heading = desk.bench.query_one("#answer-heading", Heading).text
        assert "tok" in heading
        assert "✓" in heading


async def test_rating_an_answer_gives_a_success_rate(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("plus")
        assert "no finished answer" in desk.bench.key_line.message
        await desk.press("r")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run and answer.run.status == "done", "an answer")
        await desk.press("minus")
        await desk.until(lambda: desk.bench.desk.row and desk.bench.desk.row.success_rate == 0.0, "the rate")
        await desk.press("plus")
        await desk.until(lambda: desk.bench.desk.row and desk.bench.desk.row.success_rate == 1.0, "the rate")


async def test_runs_beyond_the_bucket_wait_and_escape_drops_them(open_app: Opener) -> None:
    settings = "[providers.openai.limits]\nrequests_per_minute = 2\n"
    async with open_app(settings=settings) as desk:
        await desk.press(*"rrrrr")
        state = desk.app.engine.providers
        await desk.until(lambda: desk.app.engine.providers["openai"].quota.waiting == 3, "three that wait")
        heading = desk.bench.query_one("#answer-heading", Heading)
        await desk.until(lambda: "3 waiting" in heading.text, "the heading says so")
        await desk.press("escape")
        await desk.until(lambda: desk.app.engine.providers["openai"].quota.waiting == 0, "none waits")
        assert state["openai"].title == "OpenAI"


async def test_keys_typed_in_a_burst_mean_the_row_they_were_typed_on(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("j", "r")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run is not None, "a run")
        assert answer.run is not None
        assert answer.run.version == 2


async def test_a_missing_value_is_asked_for(open_app: Opener) -> None:
    async with open_app() as desk:
        desk.home.write("ask-v1.md", "---\nvariables: [where, who]\n---\n{{who}} in {{where}}\n")
        await desk.until(lambda: len(desk.bench.browser.nodes) == 5, "the new prompt")
        await desk.press("g", "j", "r")
        assert "where, who" in desk.bench.key_line.message
        field = desk.bench.focused
        assert isinstance(field, ValueField)
        assert field.variable.name == "where"
        await desk.press(*"Oslo", "enter", *"Ida", "ctrl+r")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run and answer.run.name == "ask", "a run")


async def test_activating_goes_through_the_file(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("j", "a")
        await desk.until(lambda: desk.bench.desk.row and desk.bench.desk.row.active, "v2 active")
        assert "active: true" in (desk.home.prompts / "noir-v2.md").read_text()
        assert "active: false" in (desk.home.prompts / "noir-v1.md").read_text()
        await desk.press("a")
        await desk.until(lambda: "already" in desk.bench.key_line.message, "a word on it")


async def test_the_filter_narrows_keeps_and_drops(open_app: Opener) -> None:
    async with open_app() as desk:
        desk.home.write("zebra-v1.md", "---\ntags: [animal]\n---\nDraw a zebra.\n")
        browser = desk.bench.browser
        await desk.until(lambda: len(browser.nodes) == 5, "the new prompt")
        await desk.press("slash", *"ani")
        assert [node.key for node in browser.nodes] == [("zebra", -1), ("zebra", 1)]
        assert browser.counted == "1 of 2"
        await desk.press("enter")
        assert desk.bench.focused is browser
        assert len(browser.nodes) == 2
        await desk.press("escape")
        assert len(browser.nodes) == 5
        assert browser.node == browser.nodes[4], "the row that was kept"
        await desk.press("g", "j", "j", "slash", *"zebra like nothing")
        assert browser.nodes == []
        await desk.press("escape")
        assert len(browser.nodes) == 5
        assert browser.node == browser.nodes[2], "the row from before"


async def test_the_provider_is_chosen_and_shown_by_a_sign(open_app: Opener) -> None:
    async with open_app() as desk:
        assert desk.bench.provider == "openai"
        await desk.press("p")
        assert desk.bench.provider == "anthropic"
        await desk.press("P", "P")
        assert desk.bench.provider == "yandex"
        await desk.pilot.click("#panel-google")
        assert desk.bench.provider == "google"
        await desk.press("r")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run and answer.run.status == "done", "an answer")
        assert answer.run is not None
        assert answer.run.provider == "google"


async def test_without_keys_it_is_a_browser_that_says_what_is_missing(open_app: Opener) -> None:
    async with open_app(demo=False) as desk:
        await desk.press("r")
        assert "OPENAI_API_KEY" in desk.bench.key_line.message
        assert "OPENAI_API_KEY" in desk.bench.desk.answer.text.text
        assert not desk.app.engine.providers["openai"].usable


async def test_help_lists_the_keys_and_closes(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("question_mark")
        assert isinstance(desk.app.screen, Help)
        await desk.press("j", "G", "escape")
        assert not isinstance(desk.app.screen, Help)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (100, 30), (120, 40), (200, 60)])
async def test_at_every_size_nothing_overflows(open_app: Opener, size: tuple[int, int]) -> None:
    async with open_app(size) as desk:
        await desk.press("r", "t", "t")
        for widget in desk.bench.query("Painted, TextView, Browser"):
            region = widget.region
            if widget.display and region.area:
                assert region.right <= size[0]
                assert region.bottom <= size[1]


@pytest.mark.parametrize("width", [60, 80, 100, 160])
async def test_the_folded_strip_fills_its_line_with_five_gauges(open_app: Opener, width: int) -> None:
    async with open_app((width, 20)) as desk:
        await desk.pilot.pause()
        panels = list(desk.bench.query(ProviderPanel))
        assert [panel.region.width - width_of(panel.words(0)) for panel in panels] == [1, 1, 1, 1, 0]
        assert panels[-1].region.right == width - 1, "as all above and below"


async def test_on_a_short_screen_the_answer_is_a_view_of_its_own(open_app: Opener) -> None:
    async with open_app((80, 24)) as desk:
        assert (desk.bench.desk.view, bool(desk.bench.desk.answer.display)) == ("template", False)
        await desk.press("r")
        assert (desk.bench.desk.view, bool(desk.bench.desk.answer.display)) == ("answer", True)
        await desk.press("t")
        assert desk.bench.desk.view == "template"


async def test_back_from_another_screen_no_hidden_field_takes_the_keys(open_app: Opener) -> None:
    async with open_app((80, 24)) as desk:
        desk.bench.desk.text.focus()
        await desk.press("r")
        await desk.until(lambda: desk.bench.desk.view == "answer", "the answer in the template's place")
        await desk.press("H")
        await desk.until(lambda: desk.app.screen is not desk.bench, "the history")
        await desk.press("escape")
        await desk.until(lambda: desk.app.screen is desk.bench, "the workbench")
        await desk.until(lambda: desk.bench.focused is desk.bench.browser, "a pane in sight")


async def test_the_browser_can_be_hidden(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("b")
        assert desk.bench.query_one(Browser).region.area == 0
        await desk.press("b")
        assert desk.bench.focused is desk.bench.browser


async def test_an_empty_folder_teaches_how_to_begin(open_app: Opener) -> None:
    async with open_app() as desk:
        for path in desk.home.prompts.iterdir():
            path.unlink()
        await desk.until(lambda: "penstock init" in desk.bench.desk.text.text, "what to do")


async def test_text_from_files_is_never_markup(open_app: Opener) -> None:
    async with open_app() as desk:
        hostile = "[bold]x[/bold] [/] [link=javascript:] \x1b]0;title\x07 \x1b[31m"
        front = "---\ndescription: '[b]'\nvariables: {a: {default: '[/]'}}\n---\n"
        desk.home.write("[red]odd-v1.md", front + "{{a}} " + hostile + "\n")
        await desk.until(lambda: len(desk.bench.browser.nodes) == 5, "the new prompt")
        await desk.press("g", "j")
        await desk.until(lambda: "[bold]x[/bold]" in desk.bench.desk.text.text, "the text as it is")
        assert "\x1b" not in desk.bench.desk.text.text
        await desk.press("t", "enter", *"[/b]", "escape", "slash", *"[red", "enter", "r")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run and answer.run.status == "done", "an answer")


async def test_pasted_lines_stay_lines(open_app: Opener) -> None:
    from textual.events import Paste

    async with open_app() as desk:
        await desk.press("enter")
        field = desk.bench.focused
        assert isinstance(field, Input)
        field.value = ""
        field.post_message(Paste("one\r\ntwo\n"))
        await desk.until(lambda: desk.bench.desk.form.values == {"hero": "one\ntwo"}, "both lines")


async def test_a_version_row_says_its_share_of_a_split(open_app: Opener) -> None:
    async with open_app() as desk:

        def shares() -> list[float | None]:
            return [node.share for node in desk.bench.browser.nodes if isinstance(node, VersionNode)]

        assert shares() == [None, None]
        for version, weight in ((1, 1), (2, 3)):
            path = desk.home.noir(version, active=True)
            path.write_text(path.read_text().replace("active: true", f"active: true\nweight: {weight}"))
        await desk.until(lambda: shares() == [0.25, 0.75], "the shares")
        desk.home.noir(1, active=False)
        await desk.until(lambda: shares() == [None, None], "one version alone, whatever its weight")


async def test_the_answer_is_followed_to_its_end_unless_the_reader_goes_up(open_app: Opener) -> None:
    async with open_app((80, 24)) as desk:
        desk.home.write(
            "long-v1.md", "Tell a long story in six chapters.\n\n" + "## Chapter\n\nA page.\n\n" * 6
        )
        await desk.until(lambda: len(desk.bench.browser.nodes) == 5, "the new prompt")
        await desk.press("g", "j", "r")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run and answer.run.status == "done", "an answer")
        text = answer.text
        assert text.max_scroll_y > 0
        assert text.at_end
        assert text.place in desk.bench.query_one("#answer-heading", Heading).text
        text.focus()
        await desk.press("g")
        assert text.scroll_offset.y == 0
        text.append("\nmore")
        assert text.scroll_offset.y == 0


async def test_the_last_answer_is_there_after_a_restart(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("r")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run and answer.run.status == "done", "an answer")
        await desk.press("plus")
        await desk.until(lambda: desk.bench.desk.row and desk.bench.desk.row.success_rate == 1.0, "the rate")
        before = answer.text.text
    async with open_app() as desk:
        again = desk.bench.desk.answer
        await desk.until(lambda: again.run is not None, "the answer of before")
        assert again.text.text == before
        assert "good" in desk.bench.query_one("#answer-heading", Heading).text


@pytest.mark.parametrize("theme", ["nord", "textual-light", "ansi-dark", "no-such-theme"])
async def test_it_works_in_every_theme_and_without(open_app: Opener, theme: str) -> None:
    async with open_app(settings=f'theme = "{theme}"') as desk:
        assert desk.bench.desk.row is not None
        assert ("no-such-theme" in desk.bench.key_line.message) == (theme == "no-such-theme")
        for other in (
            "textual-light",
            "penstock-light",
            theme if theme in desk.app.available_themes else "nord",
        ):
            desk.app.theme = other
            await desk.pilot.pause()


async def test_a_resized_strip_is_painted_anew(open_app: Opener) -> None:
    async with open_app((120, 40)) as desk:
        await desk.pilot.resize_terminal(200, 40)
        await desk.pilot.pause()
        panels = list(desk.bench.query(ProviderPanel))
        assert [width_of(panel.words(0)) for panel in panels] == [panel.size.width for panel in panels]


async def test_keys_typed_fast_reach_the_field_they_were_meant_for(open_app: Opener) -> None:
    async with open_app() as desk:
        desk.home.write("three-v1.md", "---\nvariables: [a, b, c]\n---\n{{a}}{{b}}{{c}}\n")
        await desk.until(lambda: len(desk.bench.browser.nodes) == 5, "the new prompt")
        await desk.press("g", "j", "j", "j", "j", "enter")
        await desk.until(lambda: isinstance(desk.bench.focused, ValueField), "a field")
        for key in ("x", "enter", "y", "enter", "z"):
            desk.app.post_message(Key(key, key if len(key) == 1 else None))
        await desk.until(
            lambda: desk.bench.desk.form.values == {"a": "x", "b": "y", "c": "z"}, "each its own"
        )
