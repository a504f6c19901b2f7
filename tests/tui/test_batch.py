"""Several runs at once: the plan, the answers side by side, and how they differ."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from textual.geometry import Offset

from tests.core.engine.matrix.rehearsal import version_row
from tui.core.engine.planning import Forecast
from tui.core.prompts.variables import Variable
from tui.screens.help import Help
from tui.screens.plan import Plan
from tui.widgets.batch.board import PlanBoard
from tui.widgets.batch.choice import Choice, Item, ValueSet, board, left_out, span
from tui.widgets.desk.batch_line import BatchLine
from tui.widgets.desk.column import AnswerColumn
from tui.widgets.heading import Heading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.tui.conftest import Desk, Opener
    from tui.core.engine.events import RunState

WIDE = (158, 50)


async def plan(desk: Desk, *keys: str) -> PlanBoard:
    await desk.press(*keys, "R")
    await desk.until(lambda: isinstance(desk.app.screen, Plan), "the plan")
    found = desk.app.screen.query_one(PlanBoard)
    await desk.until(lambda: found.choice.forecasts, "the forecast")
    return found


def forecasts(board: PlanBoard) -> Mapping[str, Forecast]:
    return board.choice.forecasts or {}


async def all_five(desk: Desk) -> None:
    await plan(desk)
    await desk.press("enter")
    await desk.until(lambda: len(shown(desk)) == 5, "five runs")
    await desk.until(lambda: all(run.over for run in shown(desk)), "five answers")


def shown(desk: Desk) -> tuple[RunState, ...]:
    return desk.bench.runs.shown("noir")


def columns(desk: Desk) -> list[AnswerColumn]:
    return [column for column in desk.bench.query(AnswerColumn) if column.display]


def gaps(desk: Desk) -> list[int]:
    """Return the cells between the columns, and behind the last."""
    regions = [column.region for column in columns(desk)]
    end = desk.bench.query_one("#answer-columns").content_region.right
    return [*(later.x - earlier.right for earlier, later in pairwise(regions)), end - regions[-1].right]


def text(lines: list[tuple[int | None, list[tuple[str, str]]]]) -> str:
    return "\n".join("".join(word for word, _ in words) for _, words in lines)


def test_a_wait_is_said_as_people_say_it() -> None:
    assert [span(s) for s in (0, 0.4, 0.6, 12, 99, 100, 239, 7200)] == [
        "now", "now", "1 s", "12 s", "99 s", "2 min", "4 min", "2 h",
    ]  # fmt: skip
    assert span(10**6) == "278 h"


def test_the_plan_sums_up_and_a_price_that_is_not_known_is_not_0() -> None:
    items = tuple(Item(("provider", name), name, f"{name}-model") for name in ("openai", "yandex"))
    items += (Item(("provider", "google"), "google", "", "no key GOOGLE_API_KEY"),)
    choice = Choice(
        items,
        frozenset(item.key for item in items[:2]),
        forecasts={
            "openai": Forecast(2, 200, 1000, Decimal("0.5"), 0),
            "yandex": Forecast(2, 200, 1000, None, 230),
        },
    )
    said = text(board(choice, 96))
    assert re.search(r"openai .*2 calls +~1,200 tok +~\$0\.50 +now", said)
    assert re.search(r"yandex .*2 calls +~1,200 tok +\$ n/a +4 min", said)
    assert re.search(r"all +4 calls +~2,400 tok +~\$0\.50 \+ n/a +4 min", said)
    assert "no key GOOGLE_API_KEY" in said
    assert choice.toggled(2).chosen == choice.chosen, "what cannot be called cannot be chosen"
    assert choice.all_toggled().chosen == frozenset()
    assert choice.all_toggled().all_toggled().chosen == choice.chosen


def test_calls_that_wait_for_a_place_have_no_sure_time() -> None:
    items = tuple(Item(("provider", name), name) for name in ("openai", "yandex"))
    choice = Choice(items, frozenset(item.key for item in items))

    def said(wait_s: float, places: int | None) -> str:
        asked = {"openai": Forecast(3, 0, 0, None, 0), "yandex": Forecast(20, 0, 0, None, wait_s, places)}
        return text(board(replace(choice, forecasts=asked), 96))

    assert re.search(r"yandex .* 8 now\n(.|\n)*all .* 11 now", said(0, 8))
    assert re.search(r"yandex .* queued\n(.|\n)*all .* 3 now", said(0, 0))
    assert re.search(r"yandex .* ≥ 31 s\n(.|\n)*all .* ≥ 31 s", said(31, 8))
    assert re.search(r"yandex .* 31 s\n(.|\n)*all .*[^≥] 31 s", said(31, None))
    assert "Nothing" not in text(board(choice, 96)), "nobody has said yet"
    nothing = replace(choice, chosen=frozenset(), forecasts={})
    assert "Nothing is chosen of the providers: space takes one in." in text(board(nothing, 96))


def test_what_is_left_out_for_want_of_a_value_is_said() -> None:
    row = replace(version_row("noir", 1), variables=(Variable("hero"), Variable("town")))
    sets = [
        ValueSet("", {}),
        ValueSet("sea", {"hero": "Ines", "town": "Sète"}),
        ValueSet("dry", {"hero": "Mo"}),
    ]
    items = (Item(("version", "1"), "v1"), *(Item(("values", each.name), each.name) for each in sets))
    choice = Choice(items, frozenset({items[0].key, ("values", "sea")}))
    assert left_out(choice, [row], sets) == ""
    all_of_them = replace(choice, chosen=frozenset(item.key for item in items))
    assert left_out(all_of_them, [row], sets) == (
        "Left out: v1 with what is typed, which has no value for hero, town, and 1 more."
    )


async def test_one_run_goes_without_a_question_and_a_plan_sends_nothing_until_enter(open_app: Opener) -> None:
    async with open_app() as desk:
        await plan(desk)
        await desk.press("escape")
        await desk.until(lambda: not isinstance(desk.app.screen, Plan), "the workbench")
        assert shown(desk) == ()
        await desk.press("r")
        await desk.until(lambda: shown(desk), "a run")
        assert shown(desk)[0].batch == ""


async def test_versions_are_marked_and_run_on_the_provider_at_hand(open_app: Opener) -> None:
    async with open_app() as desk:
        found = await plan(desk, "g", "j", "space", "space")
        assert found.choice.names("version") == ["1", "2"]
        assert found.choice.names("provider") == ["openai"]
        await desk.press("enter")
        await desk.until(lambda: len(shown(desk)) == 2, "two runs")
        assert [run.version for run in shown(desk)] == [1, 2]
        assert len({run.batch for run in shown(desk)}) == 1
        await desk.until(lambda: all(run.over for run in shown(desk)), "two answers")
        assert "v1 ✓" in desk.bench.query_one(BatchLine).text


async def test_a_plan_says_how_long_the_present_buckets_take(open_app: Opener) -> None:
    settings = "[providers.yandex.limits]\nrequests_per_minute = 1\nburst = 1\n"
    async with open_app(settings=settings) as desk:
        found = await plan(desk, "g", "j", "space", "space")
        assert found.choice.moved(99).at == len(found.choice.items) - 1
        await desk.press("question_mark")
        await desk.until(lambda: isinstance(desk.app.screen, Help), "the keys of the plan")
        await desk.press("escape", "G")
        assert found.choice.at == len(found.choice.items) - 1
        await desk.press("a")
        await desk.until(lambda: len(forecasts(found)) == 5, "five providers")
        assert forecasts(found)["openai"].wait_s == 0
        assert 50 < forecasts(found)["yandex"].wait_s <= 60
        await desk.press("a")
        await desk.until(lambda: not forecasts(found), "nothing chosen")
        await desk.press("enter")
        assert isinstance(desk.app.screen, Plan), "there is nothing to run"


async def test_the_cases_of_a_prompt_are_run_beside_what_is_typed(open_app: Opener) -> None:
    async with open_app() as desk:
        (desk.home.prompts / "cases").mkdir()
        desk.home.write("cases/noir.yaml", "- name: sea\n  vars: {hero: Ines}\n")
        await desk.until(lambda: desk.app.engine.cases.of("noir"), "the case")
        found = await plan(desk)
        await desk.press(*"jjjjjjjj", "a")
        assert found.choice.names("values") == ["", "sea"]
        assert sum(each.calls for each in forecasts(found).values()) >= 5
        await desk.press("enter")
        await desk.until(lambda: len(shown(desk)) == 10, "ten runs")
        assert {run.case for run in shown(desk)} == {"", "sea"}
        await desk.until(lambda: all(run.over for run in shown(desk)), "ten answers")
        assert "openai sea ✓" in desk.bench.query_one(BatchLine).text


async def test_five_answers_stream_side_by_side_and_each_can_be_judged(open_app: Opener) -> None:
    async with open_app(WIDE) as desk:
        await desk.press("b")
        await all_five(desk)
        assert len(columns(desk)) == 5
        assert [column.run.provider for column in columns(desk) if column.run] == list(
            desk.app.engine.providers
        )
        assert "5/5" in desk.bench.query_one(BatchLine).text
        columns(desk)[2].text.focus()
        await desk.pilot.pause()
        assert desk.bench.desk.answer.run is shown(desk)[2]
        await desk.press("plus")
        await desk.until(lambda: shown(desk)[2].outcome == "success", "the rating")
        assert [run.outcome for run in shown(desk)].count("success") == 1
        await desk.press("l")
        assert desk.bench.focused is columns(desk)[3].text
        assert desk.bench.desk.answer.run is shown(desk)[3]
        assert gaps(desk) == [2, 2, 2, 2, 0]
        await desk.pilot.resize_terminal(100, 40)
        await desk.until(lambda: len(columns(desk)) == 3, "fewer beside each other")
        await desk.until(lambda: gaps(desk) == [2, 2, 0], "the same gaps")


async def test_where_there_is_no_room_the_names_are_tabs(open_app: Opener) -> None:
    async with open_app((80, 24)) as desk:
        await all_five(desk)
        assert len(columns(desk)) == 1
        columns(desk)[0].text.focus()
        await desk.press("l", "l")
        assert desk.bench.desk.answer.run is shown(desk)[2]
        assert columns(desk)[0].run is shown(desk)[2]
        line = desk.bench.query_one(BatchLine)
        place = "".join(word for word, _ in line.words(0)).index("openai")
        await desk.pilot.click(BatchLine, offset=Offset(place + 1, 0))
        assert columns(desk)[0].run is shown(desk)[0]


async def test_escape_cancels_the_answer_at_hand_then_what_waits_then_the_rest(open_app: Opener) -> None:
    settings = "".join(
        f"[providers.{name}.limits]\nrequests_per_minute = 1\nburst = 1\n" for name in ("google", "yandex")
    )
    async with open_app(WIDE, settings=settings) as desk:
        await all_five(desk)
        await plan(desk)
        await desk.press("enter")
        await desk.until(lambda: not all(run.over for run in shown(desk)), "the second time")
        await desk.until(lambda: sum(run.status == "waiting" for run in shown(desk)) == 2, "two that wait")
        assert "2 waiting" in desk.bench.query_one(BatchLine).text
        columns(desk)[2].text.focus()
        await desk.press("escape")
        await desk.until(lambda: shown(desk)[2].status == "cancelled", "google's")
        assert shown(desk)[4].status == "waiting"
        desk.bench.browser.focus()
        await desk.press("escape")
        await desk.until(lambda: shown(desk)[4].status == "cancelled", "yandex's")


async def test_earlier_answers_come_back_also_after_a_restart(open_app: Opener) -> None:
    async with open_app() as desk:
        await all_five(desk)
        first = [run.id for run in shown(desk)]
        await desk.press("r")
        await desk.until(lambda: len(shown(desk)) == 1 and shown(desk)[0].over, "one more")
        last = shown(desk)[0].id
        await desk.press("left_square_bracket")
        assert [run.id for run in shown(desk)] == first
        assert "from " in desk.bench.query_one(BatchLine).text
    async with open_app() as desk:
        await desk.until(lambda: shown(desk), "the last answer")
        assert [run.id for run in shown(desk)] == [last]
        await desk.press("left_square_bracket")
        assert [run.id for run in shown(desk)] == first
        assert len(columns(desk)) == 3
        await desk.until(lambda: all(column.text.text for column in columns(desk)), "all three texts")
        await desk.press("left_square_bracket")
        assert "earliest answer" in desk.bench.key_line.message
        await desk.press("right_square_bracket", "right_square_bracket")
        assert [run.id for run in shown(desk)] == [last]
        assert "latest answer" in desk.bench.key_line.message


async def test_the_difference_is_that_to_the_neighbour_or_to_the_answer_before(open_app: Opener) -> None:
    async with open_app(WIDE) as desk:
        await desk.press("d")
        assert "no answer yet" in desk.bench.key_line.message
        await desk.press("r")
        await desk.until(lambda: shown(desk) and shown(desk)[0].over, "an answer")
        await desk.press("d")
        assert "no other answer" in desk.bench.key_line.message
        await desk.press("j", "r")
        await desk.until(lambda: shown(desk)[0].version == 2 and shown(desk)[0].over, "another")
        plain = desk.bench.desk.answer.text.text
        await desk.press("d")
        assert desk.bench.desk.answer.text.text.startswith(("- ", "+ ", "  "))
        heading = desk.bench.query_one("#answer-heading", Heading)
        assert "≠ v1 openai" in heading.text
        await desk.press("d")
        assert desk.bench.desk.answer.text.text == plain
        assert "≠" not in heading.text
        await all_five(desk)
        columns(desk)[1].text.focus()
        await desk.press("d")
        assert "≠ v2 openai" in columns(desk)[1].query_one(Heading).text
