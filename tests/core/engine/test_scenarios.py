"""Whatever goes wrong at a provider: the class it is put in, how often it is tried, how long is waited.

In virtual time against the simulator, for each dialect; `play` fails if a connection, a task or an answer
that is still being written is left over.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.stage import DIALECTS, UNLIMITED, Stage, play
from tui.core.engine.request import FreeText, RunRequest
from tui.core.providers.base import Answer, Message, Request, Timeouts
from tui.core.providers.client import Client
from tui.core.providers.errors import ProviderError
from tui.core.quota.limits import Limits
from tui.simulator import AT_ONCE, SimulatorSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.engine.events import RunState

HINTED = ("openai", "responses", "anthropic", "google")
"""Those who say how long to wait."""
LIVELY = ("anthropic", "deepseek")
"""Those who give signs of life while nothing happens, so that only the clock of the content ends a call."""

every_dialect = pytest.mark.parametrize("name", DIALECTS)


@dataclass(frozen=True)
class End:
    """How a run should end; `kinds` are the classes of dialects that differ."""

    kind: str
    attempts: int = 1
    kinds: Mapping[str, str] = field(default_factory=dict)
    text: bool = False
    """Whether a part of the answer had arrived, and is kept."""
    says: str = ""


ENDS = {
    "billing": End("billing", says="credit"),
    "overloaded": End("overloaded", 3),
    "server_error": End("server", 3, says="500"),
    "bad_gateway": End("server", 3, says="502"),
    "error_in_stream": End("overloaded", kinds={"openai": "server", "responses": "server"}, text=True),
    "cut": End("interrupted", text=True, says="kept"),
    "early_end": End("interrupted", text=True, says="ended too early after"),
    "stall": End("interrupted", text=True, says="kept"),
    "slow_first_token=700": End("network", 3, says="timeout"),
    "malformed_chunk": End("server", text=True, says="not JSON"),
}


def gaps(stage: Stage, name: str) -> list[float]:
    """The seconds between one attempt and the next."""
    return [later - earlier for earlier, later in itertools.pairwise(stage.arrivals(name))]


def run_in(
    name: str, scenario: str, times: int | None = None, settings: SimulatorSettings = UNLIMITED
) -> tuple[RunState, list[float], float]:
    """The end of a run, the seconds between its attempts, and those until its end."""

    async def act(stage: Stage) -> tuple[RunState, list[float], float]:
        stage.simulate("*", scenario, times)
        began = stage.loop.time()
        state = await stage.ask(name)
        return state, gaps(stage, name), stage.loop.time() - began

    return play(act, settings)


@every_dialect
@pytest.mark.parametrize("scenario", ENDS)
def test_how_each_scenario_ends(name: str, scenario: str) -> None:
    state, waits, _ = run_in(name, scenario)
    end = ENDS[scenario]
    assert (state.status, state.error_class) == ("failed", end.kinds.get(name, end.kind))
    assert (state.attempts, len(waits)) == (end.attempts, end.attempts - 1)
    assert bool(state.received) == bool(str(state.transcript)) == end.text
    assert end.says in state.error
    assert state.error.endswith(".")


@every_dialect
def test_waits_between_attempts_grow_and_are_not_long(name: str) -> None:
    _, (first, second), _ = run_in(name, "server_error")
    assert 0.25 <= first <= 0.5 <= second <= 1.0
    _, (first, second), _ = run_in(name, "overloaded")
    assert 1.0 <= first <= 2.0 <= second <= 4.0


@every_dialect
@pytest.mark.parametrize("wait_s", [7, 0.25, 100])
def test_a_rate_limit_is_waited_out_and_never_cut_short(name: str, wait_s: float) -> None:
    state, waits, _ = run_in(name, f"rate_limit={wait_s}")
    assert (state.status, state.error_class, state.attempts) == ("failed", "rate_limit", 3)
    if name not in HINTED:
        assert 1.0 <= waits[0] <= 2.0 <= waits[1] <= 4.0
        return
    told = max(1.0, wait_s) if name == "anthropic" else wait_s  # its header has whole seconds
    assert all(told <= wait <= told * 1.2 + 0.5 for wait in waits)
    assert state.waited_s == pytest.approx(sum(waits))
    once, waits, _ = run_in(name, f"rate_limit={wait_s}", times=1)
    assert (once.status, once.attempts, once.error) == ("done", 2, "")
    assert told <= waits[0]


@every_dialect
def test_a_wait_of_hours_is_told_and_not_slept(name: str) -> None:
    state, waits, took = run_in(name, "rate_limit=7200")
    if name in HINTED:
        assert (state.error_class, waits, took) == ("rate_limit", [], 0.0)
        assert "2 h" in state.error


@every_dialect
def test_a_limit_per_day_is_told_and_not_slept(name: str) -> None:
    if name == "deepseek":
        pytest.skip("DeepSeek knows no limit per day, and its 429 does not say which limit it is")
    state, waits, took = run_in(name, "per_day")
    assert (state.status, state.error_class, state.attempts) == ("failed", "rate_limit", 1)
    assert (waits, took) == ([], 0.0)
    assert "quota per day" in state.error
    ends = {"google": "(midnight in Los Angeles)"} | dict.fromkeys(
        ("yandex", "yandex-native"), "midnight UTC"
    )
    assert ends.get(name, "in 3 h, at ") in state.error


@every_dialect
def test_after_that_nobody_asks_again_until_the_day_has_ended_or_somebody_says_so(name: str) -> None:
    async def act(stage: Stage) -> None:
        stage.simulate("*", "per_day", 1)
        first = await stage.ask(name)
        again = await stage.ask(name)
        assert first.stopped and again.stopped, "it is said how to go on"
        of_model = name in ("openai", "responses", "google")
        assert (again.attempts, len(stage.arrivals(name))) == (0, 1)
        assert again.error_class == ("rate_limit" if of_model else "limit")
        account = stage.accounts[name]
        about = account.state.about(account.provider.model)
        assert about.quota.hold_reason == "the day's quota is used up"
        another = await stage.ask(name, model="another-model")
        assert another.attempts == int(of_model), "of a model's quota others know nothing"
        account.resume()
        account.limiter.resume()  # on a stage it is not one that the account has opened
        last = await stage.ask(name)
        assert last.status == "done" and not last.stopped, last.error
        assert account.state.about(account.provider.model).quota.hold_reason == ""

    if name != "deepseek":
        play(act, UNLIMITED)


@every_dialect
def test_silence_is_ended_by_the_right_clock(name: str) -> None:
    state, _, took = run_in(name, "stall")
    silence_s = 300.0 if name in LIVELY else 180.0
    assert silence_s < took < silence_s + 10
    assert state.total_s == pytest.approx(took)


@every_dialect
def test_a_slow_first_token_is_no_failure(name: str) -> None:
    state, waits, took = run_in(name, "slow_first_token")
    assert (state.status, state.attempts, waits) == ("done", 1, [])
    assert state.first_token_s is not None
    assert 20.0 <= state.first_token_s <= took


@every_dialect
@pytest.mark.parametrize("scenario", ["filtered", "blocked_prompt"])
def test_what_is_withheld_is_an_answer_that_counts_for_nothing(name: str, scenario: str) -> None:
    state, waits, _ = run_in(name, scenario)
    assert (state.status, state.finish, state.error_class) == ("done", "filtered", "filtered")
    assert (waits, state.received) == ([], 0)
    assert "withheld the answer (" in state.error


@every_dialect
def test_answers_of_any_length_and_any_letters_arrive_whole(name: str) -> None:
    odd, _, _ = run_in(name, "unicode")
    assert str(odd.transcript).endswith("— naïve façade, Привет, 你好, 👩\u200d🚀, and a NUL-free end.")
    huge, _, _ = run_in(name, "huge", settings=dataclasses.replace(UNLIMITED, pace=AT_ONCE))
    assert huge.status == "done"
    assert huge.received > 15_000
    assert huge.finish == ("length" if name == "anthropic" else "stop")  # that one insists on a limit


WHOLE = {
    "rate_limit=7": "rate_limit",
    "billing": "billing",
    "overloaded": "overloaded",
    "server_error": "server",
    "bad_gateway": "server",
    "cut": "network",
    "early_end": "interrupted",
    "malformed_chunk": "interrupted",
    "stall": "network",
    "filtered": "",
    "slow_first_token": "",
    "huge": "",
}


@every_dialect
@pytest.mark.parametrize("scenario", WHOLE)
def test_without_streaming(name: str, scenario: str) -> None:
    """A body that breaks off brought nothing, so that it may be asked for again; a stall ends in total."""

    async def act(stage: Stage) -> tuple[Answer | ProviderError, float]:
        stage.simulate("*", scenario)
        account, began = stage.accounts[name], stage.loop.time()
        request = Request("", (Message("user", "Describe the harbour."),))
        try:
            answer = await Client(stage.http).complete(account.provider, account.credentials, request)
        except ProviderError as error:
            return error, stage.loop.time() - began
        return answer, stage.loop.time() - began

    ended, took = play(act)
    if isinstance(ended, Answer):
        assert WHOLE[scenario] == ""
        assert (ended.finish == "filtered") == (scenario == "filtered")
    else:
        assert ended.kind == WHOLE[scenario]
        assert took <= 600.0
        assert (took == 600.0) == (scenario == "stall")


@every_dialect
@pytest.mark.parametrize("scenario", ["stall", "slow_first_token=3000", "normal", "rate_limit=60"])
def test_cancelling_hangs_up_at_once(name: str, scenario: str) -> None:
    async def act(stage: Stage) -> RunState:
        stage.simulate("*", scenario)
        running = asyncio.create_task(stage.ask(name))
        await asyncio.sleep(1.2)
        assert stage.wire.open == (0 if scenario == "rate_limit=60" else 1)
        running.cancel()
        before = stage.loop.time()
        state = await running
        assert stage.wire.open == 0
        assert stage.loop.time() == before
        return state

    assert play(act).status == "cancelled"


def test_shorter_clocks_are_the_callers_choice() -> None:
    async def act(stage: Stage) -> tuple[ProviderError, float]:
        stage.simulate("*", "stall")
        account, began = stage.accounts["deepseek"], stage.loop.time()
        client = Client(stage.http, timeouts=Timeouts(content_s=12.0))
        with pytest.raises(ProviderError) as caught:
            async for _ in client.stream(
                account.provider, account.credentials, Request("", (Message("user", "Hello."),))
            ):
                began = stage.loop.time()
        return caught.value, stage.loop.time() - began

    error, silent = play(act)
    assert error.kind == "interrupted"
    assert silent == pytest.approx(12.0)


def test_a_timeout_bounds_all_the_waiting_of_a_run_together() -> None:
    async def act(stage: Stage) -> tuple[RunState, float]:
        await stage.ask("openai")
        stage.simulate("openai", "rate_limit=0", 1)
        began = stage.loop.time()
        _, task = stage.start(RunRequest(FreeText("Describe the rain."), "openai", timeout=15))
        return await task, stage.loop.time() - began

    slow = {"openai": Limits(requests_per_minute=6, burst=1)}
    state, took = play(act, limits=slow)
    assert state.error_class == "limit", "10 s for the first attempt, and as much again for the second"
    assert took < 15, "it does not wait for what it cannot have"
