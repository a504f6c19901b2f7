"""The headers of an answer, as the quota understands them."""

from __future__ import annotations

from tui.core.engine.headers import observed
from tui.core.quota.limits import Kind
from tui.core.quota.observation import Observation


def test_each_kind_is_read() -> None:
    headers = {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-input-tokens-limit": "30000",
        "anthropic-ratelimit-input-tokens-remaining": "29000",
        "anthropic-ratelimit-output-tokens-limit": "8000",
        "anthropic-ratelimit-output-tokens-remaining": "7000",
    }
    assert set(observed(headers, 0.0)) == {
        Observation(Kind.REQUESTS, 50, 49),
        Observation(Kind.INPUT_TOKENS, 30_000, 29_000),
        Observation(Kind.OUTPUT_TOKENS, 8_000, 7_000),
    }


def test_of_two_limits_of_a_kind_the_least_counts() -> None:
    headers = {
        "x-ratelimit-limit-tokens": "200000",
        "x-ratelimit-remaining-tokens": "1000",
        "x-ratelimit-reset-tokens": "1s",
        "x-ratelimit-limit-project-tokens": "90000",
        "x-ratelimit-remaining-project-tokens": "80000",
        "x-ratelimit-reset-project-tokens": "6m0s",
    }
    assert observed(headers, 0.0) == (Observation(Kind.TOKENS, 90_000, 1_000, 360.0),)
    del headers["x-ratelimit-limit-tokens"], headers["x-ratelimit-remaining-project-tokens"]
    assert observed(headers, 0.0) == (Observation(Kind.TOKENS, 90_000, 1_000, 360.0),)


def test_what_is_no_figure_says_nothing() -> None:
    assert observed({"x-ratelimit-limit-requests": "many", "x-ratelimit-remaining-requests": "-3"}, 0.0) == ()
    assert observed({}, 0.0) == ()
