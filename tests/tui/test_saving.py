"""Saves that take their time: what is typed, saved and run meanwhile is neither lost nor mixed up."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.writing import drafts, noir, write
from tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.tui.conftest import Desk, Opener

    OpenSlow = Callable[[], AbstractAsyncContextManager[tuple[Desk, threading.Event]]]


def slow_disk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let no save be answered before the event is set."""
    writing, go_on = desk.app.engine.writing, threading.Event()
    save = writing.save

    def slow(*arguments: Any) -> Future[Any]:
        answer: Future[Any] = Future()

        def wait() -> None:
            go_on.wait(20)
            answer.set_result(save(*arguments).result(20))

        threading.Thread(target=wait, daemon=True).start()
        return answer

    monkeypatch.setattr(writing, "save", slow)
    return go_on


@pytest.fixture
def open_slow(open_app: Opener, monkeypatch: pytest.MonkeyPatch) -> OpenSlow:
    """Opens the app and a file in the editor, and an event: before it is set, no save is answered."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[tuple[Desk, threading.Event]]:
        async with open_app() as desk:
            await write(desk)
            yield desk, slow_disk(desk, monkeypatch)

    return opened


async def test_what_is_typed_during_a_save_is_in_the_next_one(open_slow: OpenSlow) -> None:
    async with open_slow() as (desk, go_on):
        await desk.press("end", *" one", "ctrl+s", *" two", "ctrl+s")
        go_on.set()
        await desk.until(lambda: "# A scene one two\n" in noir(desk).read_text(), "both")
        assert not drafts(desk)


async def test_saving_and_then_running_runs_what_was_saved(open_slow: OpenSlow) -> None:
    async with open_slow() as (desk, go_on):
        await desk.press("end", *" one", "ctrl+s", "ctrl+r")
        go_on.set()
        await desk.until(lambda: desk.bench.desk.answer.run, "the run")
        assert "# A scene one\n" in noir(desk).read_text()


async def test_a_save_that_ends_in_front_of_another_file_is_told_and_runs_nothing(
    open_slow: OpenSlow,
) -> None:
    async with open_slow() as (desk, go_on):
        pane = desk.bench.desk.pane
        assert pane is not None
        await desk.press("end", *" one", "ctrl+r", "escape")
        await desk.bench.go_to("noir", 2)
        await write(desk)
        await desk.until(lambda: pane.path == "noir-v2.md", "the other file")
        go_on.set()
        await desk.until(lambda: "It was not run" in desk.bench.key_line.message, "the sentence")
        assert "Saved noir-v1.md." in desk.bench.key_line.message
        assert pane.base == (desk.home.prompts / "noir-v2.md").read_bytes()
        assert not pane.dirty
        assert not drafts(desk)
        assert not desk.bench.desk.answer.run


async def test_what_was_asked_for_is_done_though_the_next_key_comes_at_once(open_app: Opener) -> None:
    async with open_app() as desk:
        await write(desk)
        await desk.press("end", *" one", "ctrl+s")
        await desk.until(lambda: "# A scene one\n" in noir(desk).read_text(), "the save")
        await desk.press("escape", "C", *"rain", "enter", "c")
        await desk.until(lambda: desk.bench.book.cases.find("noir", "rain"), "the case")


async def test_an_act_that_outlives_the_screen_is_no_failure(
    open_app: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = asyncio.Event()
    late: list[object] = []
    monkeypatch.setattr(KeyLine, "on_unmount", lambda _: gone.set(), raising=False)
    async with open_app() as desk:
        bench = desk.bench

        async def act() -> None:
            await gone.wait()
            while bench.query(KeyLine):  # noqa: ASYNC110 - nothing tells when it has gone
                await asyncio.sleep(0)
            late.append(bench.in_use)
            bench.key_line.tell("Saved.")

        bench.run_worker(act())
        await desk.pilot.pause()
    assert late == [False]
