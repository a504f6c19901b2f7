"""What the state of a run means in words."""

from __future__ import annotations

import dataclasses

import pytest

from tui.core.engine.events import Pause, ProviderState, RunState
from tui.core.engine.transcript import Transcript
from tui.core.engine.words import about_empty, pause_words, waiting_words
from tui.core.providers.base import Usage
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Limits

SECOND = 1_000_000_000
NOW = 1_000 * SECOND
RUN = RunState("r", "noir", 1, "openai", "m", "waiting")


def provider(*, taken: int = 0, hold_s: float = 0.0) -> ProviderState:
    limiter = Limiter("openai", Limits(5, shape="bucket"), clock=lambda: NOW)
    for _ in range(taken):
        assert limiter.try_acquire()
    if hold_s:
        limiter.hold(hold_s, "429")
    return ProviderState("openai", "OpenAI", "m", limiter.snapshot())


@pytest.mark.parametrize(
    ("state", "pause", "words"),
    [
        (provider(taken=5), None, "waiting 12 s for OpenAI's quota"),
        (provider(hold_s=600), None, "waiting 10 min for OpenAI's quota"),
        (provider(), Pause("overloaded", 2, 3, NOW + 3_200_000_000), "retry 2 of 3 in 4 s: overloaded"),
        (provider(), Pause("server", 1, 2, NOW - 1), "retry 1 of 2 in 0 s: server"),
        (provider(hold_s=7), Pause("rate_limit", 1, 2, None), "retry 1 of 2 in 7 s: rate limit"),
        (provider(hold_s=7), Pause("server", 1, 2, NOW), "retry 1 of 2 in 7 s: server"),
    ],
)
def test_a_wait_says_how_long_and_for_what(state: ProviderState, pause: Pause | None, words: str) -> None:
    assert waiting_words(dataclasses.replace(RUN, pause=pause), state, NOW) == words


def test_a_pause_alone_says_when_unless_that_is_for_the_provider_to_say() -> None:
    assert pause_words(Pause("network", 1, 2, NOW + 400_000_000), NOW) == "retry 1 of 2 in 1 s: network"
    assert pause_words(Pause("rate_limit", 1, 2, None), NOW) == "retry 1 of 2: rate limit"


def test_only_a_complete_answer_without_text_is_empty() -> None:
    done = dataclasses.replace(RUN, status="done", finish="stop", raw_finish="end_turn")
    assert "empty answer" in about_empty(done, "OpenAI")
    assert "'end_turn'" not in about_empty(done, "OpenAI")
    assert "'weird'" in about_empty(dataclasses.replace(done, finish="other", raw_finish="weird"), "OpenAI")
    spent = dataclasses.replace(done, finish="length", usage=Usage(reasoning=1200))
    assert "max_tokens" in about_empty(spent, "OpenAI")
    assert "1,200 tokens of reasoning" in about_empty(spent, "OpenAI")
    assert about_empty(RUN, "OpenAI") == ""
    assert about_empty(dataclasses.replace(done, transcript=Transcript("Hi")), "OpenAI") == ""
    assert about_empty(dataclasses.replace(done, error_class="filtered"), "OpenAI") == ""
