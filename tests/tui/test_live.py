"""Live mode: saves from outside are answered, one at a time, and only while there is quota for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tui.conftest import HASTE
from tui.simulator import Pace
from tui.simulator import settings as simulated
from tui.widgets.heading import Heading

if TYPE_CHECKING:
    import pytest

    from tests.tui.conftest import Desk, Opener
    from tui.core.engine.events import RunState


def runs(desk: Desk) -> list[RunState]:
    return [run for showing in desk.bench.runs.showings("noir") for run in showing]


def base(desk: Desk) -> str | None:
    found = desk.bench.desk.answer.base
    return found.id if found else None


def heading(desk: Desk) -> str:
    return desk.bench.query_one("#answer-heading", Heading).text


async def answered(desk: Desk, *keys: str) -> None:
    await desk.press("r")
    await desk.until(lambda: runs(desk) and runs(desk)[0].status == "done", "an answer")
    await desk.press(*keys)


async def test_a_save_is_answered_and_the_difference_shown(open_app: Opener) -> None:
    async with open_app() as desk:
        await answered(desk)
        desk.home.noir(1, active=True, more="It snows.")
        await desk.until(lambda: "It snows." in desk.bench.desk.text.text, "the save")
        await desk.press("L")
        desk.home.noir(1, active=True, more="It rains.")
        await desk.until(lambda: len(runs(desk)) == 2 and runs(desk)[1].over, "its answer")
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run is runs(desk)[1], "it is shown")
        assert base(desk) == runs(desk)[0].id
        assert answer.text.text.startswith(("- ", "+ ", "  "))
        assert "live" in heading(desk)
        await desk.press("d")
        desk.home.noir(1, active=True, more="It hails.")
        await desk.until(lambda: len(runs(desk)) == 3 and runs(desk)[2].over, "the next one")
        await desk.until(lambda: answer.run is runs(desk)[2], "it is shown")
        assert base(desk) is None, "the user wants it as it is"
        path = desk.home.prompts / "noir-v1.md"
        whole = path.read_text()
        path.write_text("---\nvariables: [\n---\n")
        await desk.until(lambda: "live paused: the file is broken" in heading(desk), "why nothing comes")
        path.write_text(whole)
        await desk.until(lambda: "paused" not in heading(desk), "the mended file")
        await desk.press("L")
        assert "live" not in heading(desk)


async def test_it_is_said_before_the_first_answer_and_keeps_to_the_values_of_the_last_run(
    open_app: Opener,
) -> None:
    async with open_app() as desk:
        await desk.press("L")
        assert "live" in heading(desk)
        form = desk.bench.desk.form
        form.focus_first()
        await desk.press(*"Ines", "escape")
        await answered(desk)
        sent = dict(form.values)
        form.focus_first()
        await desk.press("end", "s")
        assert form.values == {"hero": f"{sent['hero']}s"}
        desk.home.noir(1, active=True, more="It rains.")
        await desk.until(lambda: len(runs(desk)) == 2 and runs(desk)[1].over, "its answer")
        opened = desk.app.engine.history.open(runs(desk)[1].id).result(5)
        assert opened is not None
        assert opened.run.values == sent


async def test_saves_in_a_burst_are_one_and_what_no_model_sees_is_none(open_app: Opener) -> None:
    async with open_app() as desk:
        await answered(desk, "L")
        for word in ("snows", "rains", "hails"):
            desk.home.noir(1, active=True, more=f"It {word}.")
        await desk.until(lambda: len(runs(desk)) == 2 and runs(desk)[1].over, "its answer")
        good = (desk.home.prompts / "noir-v1.md").read_text()
        desk.home.write("noir-v1.md", good.replace("---\n", "---\ntags: [dark]\n", 1))
        await desk.until(lambda: desk.bench.desk.row and desk.bench.desk.row.tags, "the tags")
        await desk.until(lambda: desk.bench._library_before is desk.app.engine.library, "they were looked at")
        assert desk.bench._saved is None, "no save that would be answered"
        desk.home.noir(1, active=True, more="It thaws.")
        await desk.until(lambda: len(runs(desk)) == 3 and runs(desk)[2].over, "the answer to the text")
        assert len(runs(desk)) == 3


async def test_a_newer_save_cancels_the_answer_to_the_one_before(open_app: Opener) -> None:
    async with open_app() as desk:
        await answered(desk, "L")
        assert desk.app.engine.demo is not None
        desk.app.engine.demo.simulate("openai", "stall", 1)
        await desk.until(lambda: desk.app.engine.providers["openai"].scenario, "the scenario")
        desk.home.noir(1, active=True, more="It rains.")
        await desk.until(lambda: len(runs(desk)) == 2 and runs(desk)[1].status == "running", "the first")
        desk.home.noir(1, active=True, more="It hails.")
        await desk.until(lambda: len(runs(desk)) == 3 and runs(desk)[2].over, "the second")
        assert [run.status for run in runs(desk)] == ["done", "cancelled", "done"]
        answer = desk.bench.desk.answer
        await desk.until(lambda: answer.run is runs(desk)[2], "it is shown")
        assert base(desk) == runs(desk)[0].id, "a cancelled answer is none to compare with"


async def test_the_users_own_run_comes_to_its_end_and_is_what_the_next_is_compared_with(
    open_app: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = {name: Pace(pace.tokens_per_second / HASTE, 0.0) for name, pace in simulated.PACES.items()}
    monkeypatch.setattr(simulated, "PACES", slow)
    async with open_app() as desk:
        await desk.press("L")
        assert "press r once" in desk.bench.key_line.message
        await desk.press("r")
        await desk.until(lambda: runs(desk) and runs(desk)[0].status == "running", "the run")
        desk.home.noir(1, active=True, more="It rains.")
        await desk.until(lambda: len(runs(desk)) == 2 and runs(desk)[1].over, "the answer to the save")
        first, second = runs(desk)
        assert (first.status, second.status) == ("done", "done")
        assert first.total_s is not None
        assert second.asked_at >= first.asked_at + first.total_s
        await desk.until(lambda: base(desk) == first.id, "the difference")


async def test_nothing_is_sent_while_the_bucket_is_nearly_empty(open_app: Opener) -> None:
    settings = "[providers.openai.limits]\nrequests_per_minute = 1\n"
    async with open_app(settings=settings) as desk:
        await answered(desk, "L")
        desk.home.noir(1, active=True, more="It rains.")
        await desk.until(lambda: "live paused: openai nearly empty" in heading(desk), "the reason")
        assert len(runs(desk)) == 1
        await desk.press("L")
        assert "live" not in heading(desk)
