"""A provider's page: it shows what is so, and changes limits in the settings file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui.bridge import EngineNews
from tui.core.engine.events import RunChanged
from tui.screens.provider import ProviderPage

if TYPE_CHECKING:
    from tests.tui.conftest import Desk, Opener


async def _opened(desk: Desk) -> ProviderPage:
    await desk.press("o")
    await desk.until(lambda: isinstance(desk.app.screen, ProviderPage), "the page")
    page = desk.app.screen
    assert isinstance(page, ProviderPage)
    await desk.until(lambda: "reading" not in page.lines.text, "the last hour")
    return page


async def test_it_shows_limits_levels_and_the_last_hour(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("r")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run and answer.run.status == "done", "an answer")
        page = await _opened(desk)
        run = answer.run
        assert run is not None
        page.post_message(EngineNews([RunChanged(replace(run, status="waiting"))]))
        await desk.until(lambda: page._waiting, "one who waits")
        page.post_message(EngineNews([RunChanged(run)]))
        await desk.until(lambda: not page._waiting, "what has ended is not kept")
        page.show_lines()
        await desk.until(lambda: "calls" in page.lines.text, "the call")
        text = page.lines.text
        assert "requests a minute" in text
        assert "/50" in text
        assert "nobody; the next call goes at once" in text


async def test_a_hold_stops_calls_and_can_be_ended(open_app: Opener) -> None:
    async with open_app() as desk:
        page = await _opened(desk)
        await desk.press("h")
        await desk.until(lambda: page.ask_line.open, "the question")
        await desk.press("enter")
        await desk.until(lambda: "by hand" in page.lines.text, "the hold")
        await desk.press("O")
        await desk.until(lambda: "by hand" not in page.lines.text, "the end of the hold")
        await desk.press("h")
        await desk.until(lambda: page.ask_line.open, "the question")
        page.ask_line.field.value = "soon"
        await desk.press("enter")
        await desk.until(lambda: "number of seconds" in page.key_line.message, "why not")


async def test_a_limit_is_changed_in_the_settings_with_comments_kept(open_app: Opener) -> None:
    async with open_app(demo=True) as desk:
        path = desk.app.engine.workspace.settings
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# mine\n[providers.openai.limits]\nrequests_per_minute = 50  # tier 1\n")
        page = await _opened(desk)
        for typed, words in (("0", "requests_per_minute must be"), ("25", "/25")):
            await desk.press("enter")
            await desk.until(lambda: page.ask_line.open, "the question")
            page.ask_line.field.value = typed
            await desk.press("enter")
            await desk.until(
                lambda words=words: words in page.key_line.message + page.lines.text,  # type: ignore[misc]
                words,
            )
        assert path.read_text() == ("# mine\n[providers.openai.limits]\nrequests_per_minute = 25  # tier 1\n")


async def test_it_goes_from_provider_to_provider_and_back(open_app: Opener) -> None:
    async with open_app((80, 24)) as desk:
        page = await _opened(desk)
        await desk.press("p")
        await desk.until(lambda: page.provider == "anthropic", "the next")
        await desk.press("P", "P")
        await desk.until(lambda: page.provider == "yandex", "round to the last")
        await desk.press("escape")
        await desk.until(lambda: desk.app.screen is desk.bench, "the workbench")
