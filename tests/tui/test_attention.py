"""What is told to a user who looks at another window when the last run has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import AppBlur, AppFocus

from tui.attention import EndOfWork, desktop_notice
from tui.bridge import EngineNews
from tui.core.engine.events import RunChanged, RunState, RunStatus

if TYPE_CHECKING:
    from tests.tui.conftest import Opener


def run(name: str, status: RunStatus, prompt: str = "noir") -> RunState:
    return RunState(name, prompt, 1, "openai", "gpt", status)


def test_one_run_is_told_by_its_name_and_several_by_their_number_once_all_have_ended() -> None:
    work = EndOfWork()
    assert work.take_in(run("a", "running")) is None
    assert work.take_in(run("a", "done")) == "Penstock: noir v1 at openai: done"
    assert work.take_in(run("a", "done")) is None, "a second screen hears the same news"
    for name in "bc":
        assert work.take_in(run(name, "running")) is None
    assert work.take_in(run("b", "failed")) is None, "one is still going on"
    assert work.take_in(run("c", "done")) == "Penstock: 2 runs have ended, 1 of them failed"
    assert work.take_in(run("d", "running")) is None
    assert work.take_in(run("d", "done")) == "Penstock: noir v1 at openai: done", "the others were told"


@pytest.mark.parametrize(
    ("environ", "before", "after"),
    [
        ({"TERM": "xterm-256color"}, "\x1b]9;", "\x07"),
        ({"TMUX": "/tmp/t,1,0"}, "\x1bPtmux;\x1b\x1b]9;", "\x07\x1b\\"),
        ({"TERM": "screen"}, "\x1bP\x1b]9;", "\x07\x1b\\"),
    ],
)
def test_what_a_file_is_called_cannot_steer_the_terminal(
    environ: dict[str, str], before: str, after: str
) -> None:
    sequence = desktop_notice("no\x07ir \x1b]0;owned\x9c [b]", environ)
    inner = sequence.removeprefix(before).removesuffix(after)
    assert len(inner) == len(sequence) - len(before) - len(after)
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in inner)
    assert "[b]" in inner


async def test_the_bell_rings_once_when_the_last_run_ends_in_another_window(
    open_app: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def news(status: RunStatus, *ids: str) -> EngineNews:
        return EngineNews([RunChanged(RunState(name, "noir", 1, "openai", "gpt", status)) for name in ids])

    rung: list[str] = []
    async with open_app() as desk:
        app = desk.bench.app
        monkeypatch.setattr(app, "bell", lambda: rung.append("bell"))
        for focus, heard in ((True, []), (False, ["bell"])):
            app.app_focus = focus
            app.post_message(news("running", "a", "b"))
            app.post_message(news("done", "a"))
            await desk.pilot.pause()
            assert not rung, "one is still going on"
            app.post_message(news("failed", "b"))
            app.post_message(news("failed", "b"))  # as a second screen hears it
            await desk.pilot.pause()
            assert rung == heard


async def test_who_comes_back_from_another_window_types_on_where_he_was(open_app: Opener) -> None:
    async with open_app() as desk:

        async def away_and_back() -> None:
            desk.app.post_message(AppBlur())
            await desk.until(lambda: desk.app.focused is None, "the focus is elsewhere")
            desk.app.post_message(AppFocus())
            await desk.until(lambda: desk.app.focused is not None, "the focus is back")

        await desk.press("N")
        await desk.until(lambda: desk.bench.ask_line.open, "the question")
        await desk.press(*"od")
        await away_and_back()
        await desk.press("e")
        assert desk.bench.ask_line.field.value == "ode"
        await desk.press("escape", "z")
        zoomed = desk.bench.desk.zoomed
        await away_and_back()
        assert desk.bench.desk.zoomed == zoomed == "browser"
        await desk.press("j")
        assert desk.bench.focused is desk.bench.browser
