"""The gauge: what a panel says for a state and a moment."""

from __future__ import annotations

import asyncio
import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.engine.accounts import DAY_USED
from tui.core.engine.events import ProviderState
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Kind, Limits
from tui.core.quota.observation import Observation
from tui.widgets.ink import width_of
from tui.widgets.quota.detail import page
from tui.widgets.quota.gauge import PanelView, bar, folded_view, panel_view, seconds

SECOND = 1_000_000_000
WIDTH = 22


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limiter(clock: Clock) -> Limiter:
    return Limiter("openai", Limits(50), clock=clock)


def state(of: Limiter, **changes: object) -> ProviderState:
    base = ProviderState(name="openai", title="OpenAI", model="some-model", quota=of.snapshot())
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def text(view: PanelView, line: int) -> str:
    return "".join(words for words, _ in view.lines[line])


def ink_of(view: PanelView, line: int, wanted: str) -> str:
    return next(ink for words, ink in view.lines[line] if wanted in words)


def rows(of: ProviderState, clock: Clock, width: int = 100) -> str:
    """Return what the provider's page says."""
    return "\n".join(
        "".join(words for words, _ in line) for line in page(of, None, (), clock(), width, 0).lines
    )


def drain(of: Limiter, calls: int) -> None:
    for _ in range(calls):
        grant = of.try_acquire()
        assert grant is not None
        grant.release()


def test_full(clock: Clock) -> None:
    view = panel_view(state(limiter(clock)), clock(), WIDTH, selected=False)
    assert [text(view, line).rstrip() for line in range(4)] == [
        "openai           50/50",
        "███████████████ 50/min",
        "some-model",
        "ready",
    ]
    assert view.at_rest


def test_the_selected_one_is_marked_by_a_sign(clock: Clock) -> None:
    assert text(panel_view(state(limiter(clock)), clock(), WIDTH, selected=True), 0).startswith("▸ openai")


def test_after_some_calls_it_says_when_it_is_full_again(clock: Clock) -> None:
    of = limiter(clock)
    drain(of, 12)
    view = panel_view(state(of), clock(), WIDTH, selected=False)
    assert "38/50" in text(view, 0)
    assert text(view, 3).strip() == f"full {math.ceil(12 * 60 / 50)} s"
    assert not view.at_rest


@pytest.mark.parametrize(("calls", "ink"), [(29, "accent"), (30, "warning"), (44, "warning"), (45, "error")])
def test_the_colour_tells_plenty_from_low_from_nearly_empty(clock: Clock, calls: int, ink: str) -> None:
    of = limiter(clock)
    drain(of, calls)
    assert ink_of(panel_view(state(of), clock(), WIDTH, selected=False), 0, "/50") == ink


def test_empty_says_when_the_next_call_may_go(clock: Clock) -> None:
    of = limiter(clock)
    drain(of, 50)
    view = panel_view(state(of), clock(), WIDTH, selected=False)
    assert " 0/50" in text(view, 0)
    assert text(view, 3).strip() == "next 1.2 s"
    clock.now += SECOND
    assert text(panel_view(state(of), clock(), WIDTH, selected=False), 3).strip() == "next 0.2 s"


async def test_who_waits_and_for_how_long(clock: Clock) -> None:
    of = limiter(clock)
    drain(of, 50)
    waiters = [asyncio.create_task(of.acquire()) for _ in range(3)]
    await asyncio.sleep(0)
    view = panel_view(state(of), clock(), WIDTH, selected=False)
    assert text(view, 3).strip() == "3 waiting · 3.6 s"
    assert text(folded_view(state(of), clock(), 9, 3, selected=False), 0) == " openai ◌3 4s "
    for waiter in waiters:
        waiter.cancel()
    await asyncio.gather(*waiters, return_exceptions=True)


async def test_when_the_calls_in_flight_are_at_their_limit_it_says_so(clock: Clock) -> None:
    of = Limiter("yandex", Limits(20, max_in_flight=2), clock=clock)
    grants = [of.try_acquire(), of.try_acquire()]
    assert all(grants)
    waiter = asyncio.create_task(of.acquire())
    await asyncio.sleep(0)
    assert text(panel_view(state(of), clock(), WIDTH, selected=False), 3).strip() == "1 waiting · 2 running"
    assert text(folded_view(state(of), clock(), 9, 3, selected=False), 0) == " openai ◌1    "
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)


def test_what_may_go_at_once_stands_first_in_the_bar(clock: Clock) -> None:
    of = Limiter("google", Limits(60, shape="strict", burst=12), clock=clock)
    line = panel_view(state(of), clock(), 27, selected=False).lines[1]
    assert [(len(words), ink) for words, ink in line][:2] == [(4, "bar"), (16, "bar-later")]


def test_a_server_that_states_another_limit_is_marked(clock: Clock) -> None:
    quota = dataclasses.replace(limiter(clock).snapshot(), stated={Kind.REQUESTS: 30})
    view = panel_view(state(limiter(clock), quota=quota), clock(), WIDTH, selected=False)
    assert text(view, 1).endswith(" ≠30/min")


def test_a_rate_that_refusals_have_lowered_is_marked(clock: Clock) -> None:
    quota = limiter(clock).snapshot()
    lowered = dataclasses.replace(quota, factor=0.5)
    view = panel_view(state(limiter(clock), quota=lowered), clock(), WIDTH, selected=False)
    assert text(view, 1).endswith(f" ↓{quota.capacity / 2:.0f}/min")


def test_calls_that_wait_elsewhere_are_in_sight_where_none_wait_here(clock: Clock) -> None:
    quota = dataclasses.replace(limiter(clock).snapshot(), others_waiting=(2, 3))
    view = panel_view(state(limiter(clock), quota=quota), clock(), WIDTH, selected=False)
    assert any("0 +5 waiting" in text(view, number) for number in range(len(view.lines)))


def test_a_quota_that_should_be_shared_and_is_not_says_so(clock: Clock) -> None:
    quota = dataclasses.replace(limiter(clock).snapshot(), problem="The file is on a network disk.")
    assert "not shared" in text(
        panel_view(state(limiter(clock), quota=quota), clock(), WIDTH, selected=False), 2
    )


async def test_a_hold_and_its_reason(clock: Clock) -> None:
    of = limiter(clock)
    of.hold(48, "429")
    view = panel_view(state(of, last="429"), clock(), 30, selected=False)
    assert text(view, 3).strip().startswith("hold 0:")
    assert "429" in text(view, 3)
    assert ink_of(view, 3, "hold") == "error"
    of.resume()
    assert "hold" not in text(panel_view(state(of), clock(), WIDTH, selected=False), 3)


async def test_a_hold_says_how_long_and_why_and_how_many_wait_for_its_end(clock: Clock) -> None:
    of = limiter(clock)
    of.hold(48, "429")
    waiters = [asyncio.create_task(of.acquire()) for _ in range(3)]
    await asyncio.sleep(0)
    status = text(panel_view(state(of), clock(), WIDTH, selected=False), 3)
    assert status.startswith("hold 0:48  429 ")
    assert status.endswith("◌3")
    for waiter in waiters:
        waiter.cancel()
    await asyncio.gather(*waiters, return_exceptions=True)


def test_a_day_that_the_provider_calls_used_up_is_said_in_its_panel_and_on_its_page(clock: Clock) -> None:
    of = limiter(clock)
    of.hold(3 * 3600 + 4 * 60 + 1, DAY_USED)
    view = panel_view(state(of), clock(), WIDTH, selected=False)
    assert text(view, 3).strip() == "day used up · 3 h 05"
    assert text(folded_view(state(of), clock(), 8, 3, selected=False), 0).endswith("!4h   ")
    said = rows(state(of), clock)
    assert "hold 3 h 05: the day's quota is used up; O ends it sooner" in said
    assert "nobody; the next call goes in 3 h 05" in said
    free = limiter(clock)
    only = state(free, models={"some-model": of.snapshot()})
    assert said.count("hold 3 h 05") == rows(only, clock).count("hold 3 h 05") == 1
    assert "nobody; the next call goes in 3 h 05" in rows(only, clock)


def test_a_panel_names_how_many_run_where_there_is_room(clock: Clock) -> None:
    of = limiter(clock)
    drain(of, 50)
    for running, shown in ((5, "5 running · next 1.2 s"), (50, "next 1.2 s")):
        busy = state(of, running=running)
        assert text(panel_view(busy, clock(), WIDTH, selected=False), 3).strip() == shown


def test_without_a_key_it_says_which_variable(clock: Clock) -> None:
    view = panel_view(state(limiter(clock), missing=("DEEPSEEK_API_KEY",)), clock(), WIDTH, selected=False)
    assert "–/50" in text(view, 0)
    assert text(view, 1) == "no key ········ 50/min"
    assert text(view, 3).strip() == "set DEEPSEEK_API_KEY"
    assert view.at_rest


@given(st.integers(0, 50), st.integers(0, 90), st.integers(8, 60), st.booleans())
def test_every_line_fills_its_width_exactly(calls: int, later: int, width: int, selected: bool) -> None:
    clock = Clock()
    of = limiter(clock)
    drain(of, calls)
    clock.now += later * SECOND
    view = panel_view(state(of, last="ok", running=2), clock(), width, selected=selected)
    assert [width_of(line) for line in view.lines] == [width] * 4


def test_folded_to_one_line_the_selected_one_has_a_sign(clock: Clock) -> None:
    of = limiter(clock)
    drain(of, 12)
    assert text(folded_view(state(of), clock(), 9, 4, selected=True), 0) == "▸openai ███  38"
    assert text(folded_view(state(of, missing=("X",)), clock(), 9, 4, selected=False), 0) == " openai ····  –"


@given(st.floats(-1, 2), st.integers(1, 60))
def test_a_bar_is_the_floor_of_its_eighths(share: float, width: int) -> None:
    drawn = bar(share, width)
    eighths = 8 * drawn.count("█") + (" ▏▎▍▌▋▊▉".index(drawn[-1]) if drawn and drawn[-1] != "█" else 0)
    assert eighths == math.floor(min(1, max(0, share)) * width * 8)
    assert len(drawn) <= width


@given(st.floats(0, 200_000))
def test_a_duration_is_never_shown_too_short(value: float) -> None:
    shown = seconds(value)
    if shown.endswith(" s"):
        assert float(shown[:-2]) >= value - 1e-9
    elif " h " in shown:
        hours, minutes = shown.split(" h ")
        assert (int(hours) * 60 + int(minutes)) * 60 >= value
    else:
        minutes, rest = shown.split(":")
        assert int(minutes) * 60 + int(rest) >= value


def test_without_a_rate_the_places_for_calls_are_shown(clock: Clock) -> None:
    of = Limiter("ollama", Limits(max_in_flight=4), clock=clock)
    grant = of.try_acquire()
    clock.now += SECOND
    view = panel_view(state(of), clock(), WIDTH, selected=False)
    assert text(view, 0).endswith(" 3/4")
    assert text(view, 1) == "█" * 10 + "▌" + " " * 3 + " at once"
    assert text(view, 3).strip() == "ready"
    assert view.at_rest
    assert text(folded_view(state(of), clock(), 6, 5, selected=False), 0).endswith("  3")
    assert grant is not None


def test_without_any_limit_there_is_nothing_to_count(clock: Clock) -> None:
    of = Limiter("ollama", Limits(), clock=clock)
    drain(of, 7)
    clock.now += SECOND
    view = panel_view(state(of), clock(), WIDTH, selected=False)
    assert text(view, 0).endswith(" no limit")
    assert text(view, 1) == "█" * WIDTH
    assert ink_of(view, 1, "█") == "bar"
    assert text(folded_view(state(of), clock(), 6, 5, selected=False), 0).endswith("  ∞")


def test_a_limit_that_the_server_states_is_one(clock: Clock) -> None:
    of = Limiter("groq", Limits(max_in_flight=4), clock=clock)
    grant = of.try_acquire()
    assert grant is not None
    grant.observe(Observation(Kind.REQUESTS, 30, 29, None))
    view = panel_view(state(of), clock(), WIDTH, selected=False)
    assert text(view, 0).endswith(" 29/30")
    assert text(view, 1).endswith(" ≠30/min")


def test_what_is_left_of_the_day_is_shown_when_it_is_less_than_the_minute_has(clock: Clock) -> None:
    limits = Limits(50, requests_per_day=53)
    of = Limiter("groq", limits, clock=clock, wall=lambda: 86_400.0 * 9 + 3_600 + clock() / 1e9)

    def status() -> str:
        return text(panel_view(state(of), clock(), WIDTH, selected=False), 3).strip()

    assert status() == "ready"
    drain(of, 20)
    assert status().startswith("full")
    clock.now += 60 * 10**9
    assert status() == "33 left today"
    rows = ["".join(words for words, _ in line) for line in page(state(of), None, (), clock(), 100, 0).lines]
    assert any("requests a day" in row and "33/53" in row and "ends in 22 h" in row for row in rows)
    drain(of, 33)
    assert status().startswith("day used up · 22 h")
    assert not panel_view(state(of), clock(), WIDTH, selected=False).at_rest, "the hours pass"
    assert text(folded_view(state(of), clock(), 8, 3, selected=False), 0).endswith("✗ day ")
    assert of.snapshot().next_in(clock()) == pytest.approx(of.snapshot().day_ends_in(clock()))
    clock.now += 23 * 3_600 * 10**9
    assert status() == "ready"
    assert of.snapshot().day_left(clock()) == 53


def test_a_page_of_60_cells_has_the_whole_time_and_does_not_promise_it_while_all_places_are_taken(
    clock: Clock,
) -> None:
    of = Limiter("groq", Limits(50, max_in_flight=2), clock=clock)
    assert "the next call goes at once" in rows(state(of), clock, 60)
    drain(of, 1)
    assert "full 1.2 s" in rows(state(of), clock, 60)
    assert "full in 1.2 s" in rows(state(of), clock, 80)
    assert of.try_acquire() and of.try_acquire()  # both go on
    assert "the next call goes when a running one ends" in rows(state(of), clock, 60)


def test_the_quota_of_a_model_is_shown_where_it_has_its_own(clock: Clock) -> None:
    own = Limiter("openai/small", Limits(3), clock=clock)
    shown = state(limiter(clock), models={"small": own.snapshot()})
    for model, level in (("small", " 3/3"), ("large", " 50/50")):
        view = panel_view(shown.about(model), clock(), WIDTH, selected=False)
        assert text(view, 0).endswith(level)
        assert text(view, 2).startswith(model)
