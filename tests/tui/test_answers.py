"""How answers are read: without marks or with them, reasoning folded or not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui.bridge import EngineNews
from tui.core.engine.events import RunChanged
from tui.core.engine.transcript import Transcript
from tui.widgets.desk.fold_line import FoldLine
from tui.widgets.reading.text_view import TextView

if TYPE_CHECKING:
    from tests.tui.conftest import Desk, Opener

DEEPSEEK = 'provider = "deepseek"\n'


async def answered(desk: Desk) -> None:
    await desk.press("r")
    answer = desk.bench.desk.answer
    await desk.until(lambda: answer.run and answer.run.status == "done", "an answer")


async def test_marks_are_hidden_until_asked_for(open_app: Opener) -> None:
    async with open_app() as desk:
        desk.home.write("noir-v1.md", "---\nname: noir\n---\nBrainstorm five ideas about rain.\n")
        await desk.until(lambda: "Brainstorm" in desk.bench.desk.text.text, "the new text")
        await answered(desk)
        answer = desk.bench.desk.answer
        assert answer.run is not None
        raw = str(answer.run.transcript)
        assert "**" in raw or "# " in raw, "the simulator writes markdown"
        assert "**" not in answer.text.text
        assert "# " not in answer.text.text
        await desk.press("m")
        assert answer.text.text == raw
        await desk.press("m")
        assert "**" not in answer.text.text


async def test_reasoning_is_one_line_until_it_is_unfolded(open_app: Opener) -> None:
    async with open_app((80, 24), settings=DEEPSEEK) as desk:
        await answered(desk)
        answer = desk.bench.desk.answer
        assert answer.run is not None
        thoughts = str(answer.run.thoughts)
        assert thoughts
        line = desk.bench.query_one(FoldLine)
        view = desk.bench.query_one("#answer-thoughts", TextView)

        def unfolded() -> bool:
            return view.display

        assert line.display
        assert not unfolded()
        assert f"reasoning {len(thoughts):,} characters ▸" in "".join(text for text, _ in line.words(0))
        await desk.press("t")
        assert not answer.display
        await desk.press("f")
        await desk.until(lambda: answer.display, "what a key changes is in sight")
        assert unfolded()
        assert view.text == thoughts
        await desk.pilot.click(FoldLine)
        assert not unfolded()


async def test_reasoning_unfolds_while_it_streams(open_app: Opener) -> None:
    async with open_app(settings=DEEPSEEK) as desk:
        answer = desk.bench.desk.answer
        await desk.press("f", "r")
        await desk.until(lambda: answer.run and answer.run.thoughts.length, "the first thought")
        await desk.until(lambda: answer.run and answer.run.over, "the end")
        assert answer.run is not None
        view = desk.bench.query_one("#answer-thoughts", TextView)
        assert view.text == str(answer.run.thoughts)


async def test_a_text_that_the_provider_replaces_stands_in_place_of_the_one_before(
    open_app: Opener,
) -> None:
    async with open_app() as desk:
        await answered(desk)
        answer = desk.bench.desk.answer
        assert answer.run is not None
        anew = replace(answer.run, status="running", transcript=Transcript("I cannot say."))
        desk.bench.post_message(EngineNews([RunChanged(anew)]))
        await desk.until(lambda: answer.text.text.strip() == "I cannot say.", "the new text")
        anew.transcript.append(" No.")
        desk.bench.post_message(EngineNews([RunChanged(replace(anew, status="done"))]))
        await desk.until(lambda: answer.text.text.strip() == "I cannot say. No.", "what came behind it")
