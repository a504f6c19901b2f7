"""Waiting: what vendors ask for in headers, bodies and words, and what the retry policy makes of it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.providers.errors import PASSING, Kind, ProviderError
from tui.core.providers.failure import Failure
from tui.core.providers.presets import load_presets
from tui.core.providers.rate import Observation, observations
from tui.core.providers.retry import LONGEST_WAIT_S, RETRIES, next_delay
from tui.core.providers.spent_day import spent_day
from tui.core.providers.waits import duration, told_wait

NOW = 1_790_000_000.0  # 2026-09-21T14:13:20Z
NOW_DATE = "Mon, 21 Sep 2026 14:13:20 GMT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12ms", 0.012),
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("0s", 0.0),
        ("17.563999999s", 17.563999999),
        ("250µs", 0.00025),
        ("", None),
        ("5", None),
        ("soon", None),
        ("1s!", None),
        ("-1s", None),
    ],
)
def test_durations_as_go_writes_them(text: str, seconds: float | None) -> None:
    assert duration(text) == (None if seconds is None else pytest.approx(seconds))


IN_WORDS = Failure(message="Limit reached. Please try again in 6m0s. Visit the docs.")


@pytest.mark.parametrize(
    ("headers", "failure", "seconds"),
    [
        ({"retry-after-ms": "1200", "retry-after": "9"}, Failure(delay="48s"), 1.2),
        ({"retry-after": "9"}, Failure(delay="48s"), 9.0),
        ({"retry-after": "0.5"}, IN_WORDS, 0.5),
        ({"retry-after": "0"}, IN_WORDS, 0.0),
        ({"retry-after": "Mon, 21 Sep 2026 14:14:20 GMT"}, Failure(), 60.0),
        ({"retry-after": "Mon, 21 Sep 2026 14:00:00 GMT"}, Failure(), 0.0),
        # The server's clock is an hour ahead of ours: what counts is its own difference.
        (
            {"retry-after": "Mon, 21 Sep 2026 15:13:30 GMT", "date": "Mon, 21 Sep 2026 15:13:20 GMT"},
            Failure(),
            10.0,
        ),
        ({}, Failure(delay="48s", message="Please retry in 48.939935699s."), 48.939935699),
        ({}, Failure(delay="48s", message="Please retry in 12s."), 48.0),
        ({}, IN_WORDS, 360.0),
        ({}, Failure(message="Please try again in 1.2s."), 1.2),
        ({}, Failure(message="Please retry in 48.939935699s."), 48.939935699),
        ({}, Failure(message="Please try again later."), None),
        ({"retry-after": "soon", "retry-after-ms": "NaN"}, Failure(), None),
        ({"retry-after": "-5"}, Failure(), None),
        ({"retry-after": "1e9"}, Failure(), None),
        ({"retry-after": "Mon, 99 Sep 2026 14:14:20 GMT"}, Failure(), None),
        ({"retry-after": NOW_DATE, "date": "yesterday"}, Failure(), 0.0),
    ],
)
def test_the_most_exact_wait_wins(headers: dict[str, str], failure: Failure, seconds: float | None) -> None:
    assert told_wait(headers, failure, NOW) == (None if seconds is None else pytest.approx(seconds))


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=60))
def test_no_wait_however_garbled_raises(header: str, date: str, message: str) -> None:
    headers = {"retry-after-ms": date, "retry-after": header, "date": date}
    seconds = told_wait(headers, Failure(message=message, delay=header), NOW)
    assert seconds is None or 0 <= seconds < float("inf")


KINDS: tuple[Kind, ...] = ("auth", "billing", "bad_request", "interrupted", "filtered")


@pytest.mark.parametrize("kind", KINDS)
def test_what_does_not_pass_is_not_tried_again(kind: Kind) -> None:
    assert next_delay(ProviderError(kind, "x", retry_after_s=1), 1, Random(1)) is None


@given(
    st.sampled_from(sorted(PASSING)),
    st.integers(1, 5),
    st.none() | st.floats(0, LONGEST_WAIT_S),
    st.integers(0, 10_000),
)
def test_a_retry_is_never_earlier_than_told_and_never_far_later(
    kind: Kind, attempt: int, told: float | None, seed: int
) -> None:
    error = ProviderError(kind, "x", retry_after_s=told)
    delay = next_delay(error, attempt, Random(seed), retries=5)
    assert delay is not None
    if told is None:
        assert 0 < delay <= 30
    else:
        assert told <= delay <= told * 1.2 + 0.5


def test_without_a_hint_waits_grow_and_never_coincide() -> None:
    error = ProviderError("server", "x")
    delays = [[next_delay(error, n, Random(seed), retries=5) or 0 for n in range(1, 6)] for seed in (1, 2)]
    for waits in delays:
        ceilings = [0.5 * 2**n for n in range(5)]
        assert all(top / 2 <= wait <= top for wait, top in zip(waits, ceilings, strict=True))
    assert delays[0] != delays[1]


@pytest.mark.parametrize("kind", ["rate_limit", "overloaded"])
def test_whoever_is_asked_too_much_is_left_alone_for_longer(kind: Kind) -> None:
    delays = [next_delay(ProviderError(kind, "x"), 1, Random(seed)) or 0.0 for seed in range(50)]
    assert all(1.0 <= delay <= 2.0 for delay in delays)


def test_there_is_an_end_to_retrying() -> None:
    error = ProviderError("overloaded", "x")
    assert next_delay(error, RETRIES, Random(1)) is not None
    assert next_delay(error, RETRIES + 1, Random(1)) is None


def test_a_wait_of_hours_is_reported_rather_than_slept() -> None:
    told = ProviderError("rate_limit", "x", retry_after_s=121)
    assert next_delay(told, 1, Random(1)) is None
    assert next_delay(told, 1, Random(1), longest_s=3600) is not None


def test_what_was_paid_for_is_not_asked_for_again() -> None:
    assert next_delay(ProviderError("network", "x", partial="Ten"), 1, Random(1)) is None


OPENAI = {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-limit-tokens": "30000",
    "x-ratelimit-remaining-tokens": "29000",
    "x-ratelimit-reset-tokens": "6m0s",
}


@pytest.mark.parametrize(
    ("headers", "seen"),
    [
        (OPENAI, [("requests", 500, 499, 0.12), ("tokens", 30000, 29000, 360.0)]),
        # Anthropic: absolute times
        (
            {
                "anthropic-ratelimit-requests-limit": "50",
                "anthropic-ratelimit-requests-remaining": "49",
                "anthropic-ratelimit-requests-reset": "2026-09-21T14:13:22Z",
                "anthropic-ratelimit-input-tokens-limit": "30000",
                "anthropic-ratelimit-input-tokens-remaining": "29000",
                "anthropic-ratelimit-output-tokens-remaining": "0",
                "anthropic-ratelimit-output-tokens-reset": "2026-09-21T14:13:00Z",
            },
            [
                ("requests", 50, 49, 2.0),
                ("input_tokens", 30000, 29000, None),
                ("output_tokens", None, 0, 0.0),
            ],
        ),
        # Mistral: no reset
        (
            {"x-ratelimit-limit-req-minute": "60", "x-ratelimit-remaining-req-minute": "3"},
            [("requests", 60, 3, None)],
        ),
        # OpenRouter: epoch milliseconds
        (
            {"x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1790000030000"},
            [("requests", 20, 0, 30.0)],
        ),
        # Azure: a bare integer of unknown unit
        (
            {"x-ratelimit-remaining-tokens": "7", "x-ratelimit-reset-tokens": "60"},
            [("tokens", None, 7, None)],
        ),
        # What does not parse is left out, and what is left may be nothing.
        (
            {"x-ratelimit-limit-requests": "lots", "x-ratelimit-remaining-requests": "1"},
            [("requests", None, 1, None)],
        ),
        ({"x-ratelimit-limit-requests": "-1", "x-ratelimit-reset-requests": "1s"}, []),
        (
            {
                "anthropic-ratelimit-tokens-remaining": "5",
                "anthropic-ratelimit-tokens-reset": "2026-13-01T00:00:00Z",
            },
            [("tokens", None, 5, None)],
        ),
        ({}, []),
    ],
)
def test_rate_limit_headers(
    headers: dict[str, str], seen: list[tuple[str, int | None, int | None, float | None]]
) -> None:
    found = observations(headers, NOW)
    assert [(one.dimension, one.limit, one.remaining) for one in found] == [one[:3] for one in seen]
    assert [one.reset_s for one in found] == [
        None if one[3] is None else pytest.approx(one[3]) for one in seen
    ]


def test_a_vendor_may_count_requests_per_day_under_the_usual_name() -> None:
    (requests, tokens) = observations(OPENAI, NOW, requests="requests_per_day")
    assert requests == Observation("requests_per_day", 500, 499, 0.12)
    assert tokens.dimension == "tokens"


@given(st.dictionaries(st.sampled_from([*OPENAI, "x-ratelimit-reset"]), st.text(max_size=30)))
def test_no_header_however_garbled_raises(headers: dict[str, str]) -> None:
    for seen in observations(headers, NOW):
        assert seen.limit is None or seen.limit >= 0
        assert seen.reset_s is None or 0 <= seen.reset_s < float("inf")


@given(st.floats(0, 1e300))
def test_a_day_that_is_spent_ends_within_a_month_whatever_is_told(told_s: float) -> None:
    found = spent_day(Failure(message="limit per day"), load_presets()["openai"], "gpt", told_s, NOW)
    assert found is not None
    assert found.rest_s <= 32 * 86_400
    assert found.rest_s == told_s or told_s > found.rest_s
