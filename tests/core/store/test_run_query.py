"""The line of filters and words: what it means, and that nothing typed breaks it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.store.run_query import FILTERS, Clock, QueryError, complete_query, filter_term, parse_query
from tui.core.store.search import RunFilter

ZONE = timezone(timedelta(hours=3))
CLOCK = Clock(datetime(2026, 11, 25, 22, 30, tzinfo=UTC), ZONE)
"""Already the 26th where the user is."""


def day(number: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, number, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", RunFilter()),
        ('mara  "red rain" *oir', RunFilter('mara "red rain" *oir')),
        ("prompt:noir rain", RunFilter("rain", name="noir")),
        ('rain prompt:"two words" hail', RunFilter("rain hail", name="two words")),
        ('PROMPT:"say ""so"""', RunFilter(name='say "so"')),
        ("version:v12 provider:openai model:gpt-6", RunFilter(version=12, provider="openai", model="gpt-6")),
        ("outcome:bad status:failed", RunFilter(outcome="failure", status="failed")),
        ("status:Filtered", RunFilter(status="filtered")),
        ("outcome:UNRATED", RunFilter(outcome="unrated")),
        ("since:2026-11-20 until:2026-11-21", RunFilter(since=day(20), until=day(22))),
        ("since:2026-11-20T14:30", RunFilter(since=day(20, 14, 30))),
        ("until:2026-11-20T14:30+00:00", RunFilter(until=day(20, 17, 30))),
        ("since:today", RunFilter(since=day(26))),
        ("until:yesterday", RunFilter(until=day(26))),
        ("since:90m", RunFilter(since=CLOCK.now - timedelta(minutes=90))),
        ("since:2w until:1d", RunFilter(since=day(12, 1, 30), until=day(25, 1, 30))),
        ('"outcome:" "a:b" 12:30 {{x:y}} http://x/y', RunFilter('"outcome:" "a:b" 12:30 {{x:y}} http://x/y')),
    ],
)
def test_what_a_line_means(text: str, wanted: RunFilter) -> None:
    assert parse_query(text, CLOCK) == wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("promt:noir", "did you mean prompt:"),
        ("colour:red", "There is prompt, version"),
        ("outcome:fine", "good, bad, excluded or unrated"),
        ("outcome:", "outcome: takes good"),
        ("version:two", "a number"),
        ("version:-1", "a number"),
        ("status:broken", "done, failed"),
        ("since:2026-13-01", "2026-11-20"),
        ("since:0001-01-01", "since: cannot be"),
        ("until:9999-12-31", "until: cannot be"),
        ("since:999999w", "since: cannot be"),
        ("prompt:a prompt:b", "twice"),
        ("since:today until:yesterday", "earlier"),
    ],
)
def test_a_mistake_is_one_sentence_that_says_how_it_should_be(text: str, words: str) -> None:
    with pytest.raises(QueryError, match=words) as raised:
        parse_query(text, CLOCK)
    assert str(raised.value).endswith(".")
    assert "\n" not in str(raised.value)


@given(st.text())
def test_whatever_is_typed_is_a_filter_or_a_sentence(text: str) -> None:
    try:
        parse_query(text, CLOCK)
    except QueryError as error:
        assert str(error)
    assert complete_query(text, {"prompt": ("noir",)}).startswith(text)


@given(st.text(min_size=1), st.text(alphabet='ab :"/\t', min_size=1))
def test_any_name_can_be_asked_for(name: str, odd: str) -> None:
    for each in (name, odd):
        line = f"rain {filter_term('prompt', each)} {filter_term('model', each)}"
        assert parse_query(line, CLOCK) == RunFilter("rain", name=each, model=each)


@pytest.mark.parametrize(
    ("text", "completed"),
    [
        ("rain pro", "rain prompt:"),
        ("prov", "provider:"),
        ("prompt:no", "prompt:noir"),
        ("prompt:t", "prompt:t"),
        ('prompt:"t', 'prompt:"two words"'),
        ("outcome:b", "outcome:bad"),
        ("since:y", "since:yesterday"),
        ("outcome:", "outcome:"),
        ('"words pro', '"words pro'),
        ("prompt:noir ", "prompt:noir "),
        ("", ""),
    ],
)
def test_what_is_offered(text: str, completed: str) -> None:
    assert complete_query(text, {"prompt": ("noir", "two words")}) == completed


def test_every_filter_says_what_it_takes() -> None:
    for name, takes in FILTERS.items():
        with pytest.raises(QueryError) as raised:
            parse_query(f"{name}:", CLOCK)
        assert takes in str(raised.value)
