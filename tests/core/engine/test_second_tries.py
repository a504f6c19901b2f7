"""What a run does about an error: it waits in sight, gives way, or names the nearest models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.workshop import PATIENCE_S, Workshop, eventually
from tui.core.engine.events import Notice, Pause, ProviderChanged, RunChanged
from tui.core.providers.retry import RETRIES
from tui.core.quota.clock import now_ns

if TYPE_CHECKING:
    import httpx

    from tests.core.engine.workshop import Bench


def pauses(bench: Bench) -> list[Pause]:
    """The pauses of all runs, each once, in the order in which they came."""
    found = (event.state.pause for event in bench.ears.of(RunChanged))
    return list(dict.fromkeys(pause for pause in found if pause))


def test_a_pause_says_why_and_until_when(workshop: Workshop) -> None:
    workshop.simulator.simulate("anthropic", "overloaded")
    bench = workshop.open()
    began = now_ns()
    final = bench.run("anthropic")
    assert (final.error_class, final.attempts, final.pause) == ("overloaded", 1 + RETRIES, None)
    found = pauses(bench)
    assert [(pause.kind, pause.retry, pause.retries) for pause in found] == [
        ("overloaded", number, RETRIES) for number in range(1, RETRIES + 1)
    ]
    assert all(pause.until_ns is not None and began < pause.until_ns <= now_ns() for pause in found)
    assert workshop.simulator.stats()["anthropic"]["requests"] == 1 + RETRIES


def test_a_refusal_waits_for_the_hold_that_everybody_keeps(workshop: Workshop) -> None:
    workshop.simulator.simulate("openai", "rate_limit=0.05", times=1)
    bench = workshop.open()
    assert bench.run().status == "done"
    assert pauses(bench) == [Pause("rate_limit", 1, RETRIES, None)]
    assert any(event.state.quota.hold_reason for event in bench.ears.of(ProviderChanged))


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_parameter_that_the_model_refuses_is_left_out_and_told(
    workshop: Workshop, sent: list[httpx.Request], provider: str
) -> None:
    workshop.prompt("warm", parameters="{temperature: 0.2}")
    bench = workshop.open(workshop.settings(requests_per_minute=3, burst=3))
    model = {"openai": "luna-7", "anthropic": "claude-haiku-5-5"}[provider]
    final = bench.run(provider, name="warm", model=model)
    assert (final.status, final.attempts) == ("done", 2), final.error
    assert ["temperature" in json.loads(request.content) for request in sent] == [True, False]
    [note] = final.notes
    assert "temperature" in note
    assert bench.ears.notices == [note]
    assert bench.ears.of(Notice)[0].severity == "information"
    left = bench.engine.providers[provider].quota.left(now_ns())
    assert left == 1, "the second attempt has passed the bucket too"
    again = bench.run(provider, name="warm", model=model)
    assert (again.attempts, again.notes) == (1, ()), "it is remembered for the model"
    bench.settle()
    recorded = workshop.rows("SELECT parameters, note FROM attempts ORDER BY id")
    assert [json.loads(row["parameters"]) for row in recorded] == [{"temperature": 0.2}, {}, {}]
    assert [row["note"] for row in recorded] == [note, None, None]
    assert [json.loads(row["parameters"]) for row in workshop.runs()] == [{"temperature": 0.2}] * 2


def test_a_run_gives_way_once_only(workshop: Workshop) -> None:
    workshop.prompt("warm", parameters="{temperature: 0.2, top_p: 0.5}")
    bench = workshop.open()
    first = bench.run(name="warm", model="luna-7")
    assert (first.status, first.attempts, first.error_class) == ("failed", 2, "bad_request")


@pytest.mark.parametrize(
    ("provider", "wrong", "right"),
    [
        ("openai", "gpt-6-unknown-luna", "gpt-6-luna"),
        ("anthropic", "claude-haiku-5-unknown", "claude-haiku-5-5"),
        ("google", "gemini-3.8-unknown", "gemini-3.8-flash"),
        ("deepseek", "deepseek-unknown", "deepseek-flash"),
        ("yandex", "yandexgpt-unknown", "yandexgpt/latest"),
    ],
)
def test_an_unknown_model_brings_up_the_nearest_names(
    workshop: Workshop, sent: list[httpx.Request], provider: str, wrong: str, right: str
) -> None:
    bench = workshop.open()
    runs = [bench.begin(provider, model=wrong) for _ in range(3)]
    ended = [bench.ears.run(state.id, "failed") for state in runs]
    assert {state.error_class for state in ended} == {"bad_request"}
    for state in ended:
        assert f"does not know the model {json.dumps(wrong)}" in state.error
        assert "Did you mean" in state.error
        assert repr(right) in state.error.partition("Did you mean")[2]
    assert len([request for request in sent if request.method == "GET"]) == 1
    bench.settle()
    assert workshop.runs()[-1]["error"] == ended[-1].error


def test_no_list_leaves_the_error_as_it_is(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tui.core.providers.client.list_path", broken)
    final = workshop.open().run(model="gpt-6-unknown-luna")
    assert final.error_class == "bad_request"
    assert "Did you mean" not in final.error


def test_a_list_is_asked_for_anew_on_demand(workshop: Workshop, sent: list[httpx.Request]) -> None:
    bench = workshop.open()
    before = bench.engine.providers["anthropic"].quota.left(now_ns())
    for _ in range(2):
        assert "claude-haiku-5-5" in bench.engine.models("anthropic").result(PATIENCE_S)
    assert len(sent) == 2
    assert bench.engine.providers["anthropic"].quota.left(now_ns()) == before
    with pytest.raises(LookupError, match="antropic"):
        bench.engine.models("antropic").result(PATIENCE_S)


def test_a_rating_given_before_the_end_stays(workshop: Workshop) -> None:
    workshop.simulator.simulate("openai", "stall")
    bench = workshop.open()
    started = bench.begin()
    bench.ears.text_of(started.id)
    bench.engine.records.rate(started.id, "failure")
    eventually(lambda: workshop.runs()[0]["outcome"] == "failure")
    bench.engine.cancel(started.id)
    bench.ears.run(started.id, "cancelled")
    bench.settle()
    [run] = workshop.runs()
    assert (run["status"], run["outcome"], run["outcome_source"]) == ("cancelled", "failure", "human")
    bench.engine.records.rate(started.id, "success")
    bench.settle()
    assert (workshop.runs()[0]["outcome"], bench.row().name) == ("success", "noir")
