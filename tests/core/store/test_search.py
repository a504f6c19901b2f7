"""Runs found by words, kind and time: the same as a plain look at every run would find."""

from __future__ import annotations

import itertools
import re
import unicodedata
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.core.store import runs
from tui.core.store.database import Database
from tui.core.store.excerpt import MATCH_END, MATCH_START, excerpt
from tui.core.store.runs import NewRun, RunResult
from tui.core.store.search import FoundRun, RunFilter, count_runs, find_runs, look_again, read_runs
from tui.core.store.search_terms import SearchTerms, Words, parse_search
from tui.core.store.stretches import TAKES_S, Pace, cut, look_through, numbers, reads_texts
from tui.core.store.tables import RUNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RUN = NewRun(id="", provider="openai", model="gpt", prompt="", created_at=NOON, pid=1, host="desk")

ANSWERS = [
    "The noir hero, a détective, smokes.",
    "A heroine of genre fiction",
    "彼女は東京に住んでいる",
    "ne rien: {{genre}} -> 100 %",
    "Hero noir. HEROES!",
    "naïve under_score",
    "",
]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database.open(tmp_path / "penstock.db")) as database:
        yield database


def add(connection: Connection, run_id: str, answer: str, **changes: object) -> None:
    runs.start_run(connection, replace(RUN, id=run_id, **changes))  # type: ignore[arg-type]
    runs.finish_run(connection, run_id, RunResult(status="done", finished_at=NOON, answer=answer))


def found(connection: Connection, text: str = "", **facets: object) -> set[str]:
    wanted = RunFilter(text, **facets)  # type: ignore[arg-type]
    page = find_runs(connection, wanted, 100)
    assert count_runs(connection, wanted) == len(page)
    return {run.id for run in page}


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", SearchTerms()),
        ('  * " ', SearchTerms()),
        ("noir gen", SearchTerms((Words("noir", True), Words("gen", True)))),
        ('"noir hero" x', SearchTerms((Words("noir hero"), Words("x")))),
        ("*tion* 東京 {{", SearchTerms((), ("tion", "東京", "{{"))),
        ('"unclosed phrase', SearchTerms((Words("unclosed phrase"),))),
    ],
)
def test_reading_a_search(text: str, terms: SearchTerms) -> None:
    assert parse_search(text) == terms


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("hero", {0, 1, 4}),
        ("HERO noir", {0, 4}),
        ('"noir hero"', {0}),
        ('"hero"', {0, 4}),
        ("detective", {0}),
        ("naive", {5}),
        ("*eroin", {1}),
        ("*EROIN", {1}),
        ("東京", {2}),
        ("住", {2}),
        ("東京 hero", set()),
        ("-> genre", {3}),
        ("{{genre", {1, 3}),
        ("*{{genre", {3}),
        ("%", {3}),
        ("*r_s", {5}),
        ("*erXs", set()),
        ("OR AND NOT", set()),
    ],
)
def test_words_and_fragments(database: Database, text: str, numbers: set[int]) -> None:
    with database.begin() as connection:
        for number, answer in enumerate(ANSWERS):
            add(connection, str(number), answer)
        assert found(connection, text) == {str(number) for number in numbers}


@pytest.mark.parametrize("text", ['"', "((", "a:b", "NEAR(", "x*y", "^z", "\0", "-", "[b]", "\x1b[31m", "'"])
def test_nothing_that_is_typed_breaks_the_search(database: Database, text: str) -> None:
    with database.begin() as connection:
        add(connection, "1", f"before {text} after")
        find_runs(connection, RunFilter(text), 10)
        count_runs(connection, RunFilter(f"{text} {text}", name="x"))


def test_prompt_note_and_name_are_searched_too(database: Database) -> None:
    with database.begin() as connection:
        add(connection, "prompt", "", prompt="Describe a lighthouse")
        add(connection, "name", "", name="lighthouse-keeper", version=1)
        add(connection, "note", "")
        runs.rate_run(connection, "note", "failure", "human", "no lighthouse in it")
        assert found(connection, "lighthouse") == {"prompt", "name", "note"}
        runs.rate_run(connection, "note", "failure", "human", "dull")
        assert found(connection, "lighthouse") == {"prompt", "name"}
        connection.exec_driver_sql("DELETE FROM runs WHERE id = 'name'")
        assert found(connection, "lighthouse") == {"prompt"}
        connection.exec_driver_sql("INSERT INTO runs_fts (runs_fts) VALUES ('integrity-check')")


def test_every_facet_narrows(database: Database) -> None:
    with database.begin() as connection:
        add(connection, "a", "red", name="x", version=1, provider="openai", model="m")
        add(connection, "b", "red", name="x", version=2, provider="google", created_at=NOON + MINUTE)
        runs.start_run(connection, replace(RUN, id="c", prompt="red", created_at=NOON + 2 * MINUTE))
        runs.rate_run(connection, "b", "failure", "human")
        for text in ("", "red", "*ed"):
            assert found(connection, text) == {"a", "b", "c"}
            assert found(connection, text, name="x") == {"a", "b"}
            assert found(connection, text, name="x", version=2) == {"b"}
            assert found(connection, text, provider="openai", model="m") == {"a"}
            assert found(connection, text, outcome="failure") == {"b"}
            assert found(connection, text, outcome="unrated") == {"a", "c"}
            assert found(connection, text, status="running") == {"c"}
            assert found(connection, text, since=NOON + MINUTE) == {"b", "c"}
            assert found(connection, text, until=NOON + MINUTE) == {"a"}
            assert found(connection, text, since=NOON + MINUTE, until=NOON + 2 * MINUTE) == {"b"}


LONG = "start " + "filler " * 200 + "the Détectives’ house " + "filler " * 200


@pytest.mark.parametrize(
    ("search", "marked"),
    [
        ("detect", ["Détectives"]),
        ("*tectiv", ["tectiv"]),
        ("house the", ["the", "house"]),
        ('"detectives house"', ["Détectives’ house"]),
        ("東京", []),
        ("", []),
    ],
)
def test_excerpts_show_where(search: str, marked: list[str]) -> None:
    found = excerpt([LONG, "house"], parse_search(search), LONG)
    assert re.findall(f"{MATCH_START}(.*?){MATCH_END}", found) == marked
    assert len(found) < 200
    if not marked:
        assert found.startswith("start filler")


def test_an_excerpt_is_of_the_text_that_has_it_and_only_marks_what_was_found(database: Database) -> None:
    with database.begin() as connection:
        add(connection, "1", f"the {MATCH_START}answer", prompt="the {{prompt}}")
        [by_prompt] = find_runs(connection, RunFilter("prompt"), 1)
        [by_none] = find_runs(connection, RunFilter(), 1)
    assert by_prompt.excerpt == f"the {{{{{MATCH_START}prompt{MATCH_END}}}}}"
    assert by_none.excerpt == "the answer"


def test_without_an_answer_it_is_said_why_and_the_prompt_is_never_taken_for_one(database: Database) -> None:
    failed = RunResult("failed", NOON, error_class="rate_limit", error="Wait a minute.")
    with database.begin() as connection:
        for number in ("going on", "failed", "cancelled"):
            runs.start_run(connection, replace(RUN, id=number, prompt="the prompt"))
        runs.finish_run(connection, "failed", failed)
        runs.finish_run(connection, "cancelled", RunResult("cancelled", NOON, error="Cancelled."))
        shown = {run.id: run.excerpt for run in find_runs(connection, RunFilter(), 9)}
        [met, *_] = find_runs(connection, RunFilter("prompt", status="failed"), 9)
    assert shown == {"going on": "", "failed": "Wait a minute.", "cancelled": ""}
    assert met.excerpt == f"the {MATCH_START}prompt{MATCH_END}"


def test_what_a_filter_stopped_is_found_by_that_word_and_says_why(database: Database) -> None:
    filtered = RunResult("done", NOON, finish_kind="filtered", error_class="filtered", error="Withheld.")
    ends = {
        "fine": RunResult("done", NOON, answer="red", finish_kind="stop"),
        "withheld": filtered,
        "broken off": replace(filtered, answer="red and"),
        "refused": RunResult("failed", NOON, error_class="filtered", error="Refused."),
        "limited": RunResult("failed", NOON, error_class="rate_limit", error="Wait."),
    }
    with database.begin() as connection:
        for run_id, end in ends.items():
            runs.start_run(connection, replace(RUN, id=run_id, name="filtered", prompt="red"))
            runs.finish_run(connection, run_id, end)
        for text in ("", "red", "*ed"):
            assert found(connection, text, status="filtered") == {"withheld", "broken off", "refused"}
            assert found(connection, text, status="done") == {"fine"}
            assert found(connection, text, status="failed") == {"refused", "limited"}
            assert found(connection, text, name="filtered") == set(ends)
        shown = {run.id: run.excerpt for run in find_runs(connection, RunFilter(status="filtered"), 9)}
    assert shown == {"withheld": "Withheld.", "broken off": "red and", "refused": "Refused."}


def test_runs_are_looked_at_again(database: Database) -> None:
    with database.begin() as connection:
        for number in range(3):
            add(connection, str(number), f"answer {number}")
        seqs = {run.id: run.seq for run in find_runs(connection, RunFilter(), 3)}
        runs.rate_run(connection, "1", "success", "human")
        again = look_again(connection, [seqs["1"], seqs["2"]])
    assert {(run.id, run.outcome, run.excerpt) for run in again} == {
        ("1", "success", "answer 1"),
        ("2", None, "answer 2"),
    }


WORDS = ["red", "redder", "Rouge", "rougé", "blue", "x"]


def _folded(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return re.findall(r"\w+", plain)


def _expected(answer: str, text: str) -> bool:
    words = _folded(answer)
    return all(
        any(word == term if len(term) == 1 else word.startswith(term) for word in words)
        for term in _folded(text)
    )


@settings(max_examples=40, deadline=None)
@given(
    answers=st.lists(st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join), max_size=12),
    text=st.lists(st.sampled_from(["re", "red", "ROUGE", "b", "x", "é"]), max_size=2).map(" ".join),
    version=st.none() | st.integers(0, 2),
    size=st.integers(1, 5),
)
def test_pages_have_everything_once_and_newest_first(
    tmp_path_factory: pytest.TempPathFactory, answers: list[str], text: str, version: int | None, size: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "property.db"
    with closing(Database.open(path)) as database, database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM runs")
        for number, answer in enumerate(answers):
            add(connection, str(number), answer, version=number % 3)
        wanted = RunFilter(text, version=version)
        seen: list[str] = []
        after: int | None = None
        while page := find_runs(connection, wanted, size, after):
            assert len(page) <= size
            seen += [run.id for run in page]
            after = page[-1].seq
        expected = [
            str(number)
            for number, answer in enumerate(answers)
            if _expected(answer, text) and version in (None, number % 3)
        ]
        assert seen == expected[::-1]
        assert [run.id for run in read_runs(connection, wanted, 99)] == seen
        up: list[str] = []
        before = 0
        while page := find_runs(connection, wanted, size, before=before):
            up = [run.id for run in page] + up
            before = page[0].seq
        assert up == seen
        assert count_runs(connection, wanted) == len(expected)


@given(order=st.permutations(range(6)), since=st.integers(-1, 6), until=st.integers(-1, 6))
@settings(deadline=None, max_examples=25)
def test_a_time_selects_its_runs_in_whatever_order_they_were_sent(
    order: list[int], since: int, until: int
) -> None:
    with (
        TemporaryDirectory() as folder,
        closing(Database.open(Path(folder) / "penstock.db")) as database,
        database.begin() as connection,
    ):
        for number in order:
            add(connection, str(number), "noir", created_at=NOON + number * MINUTE)
        wanted = {str(number) for number in order if since <= number < until}
        for text in ("", "noir", "*oi"):
            times = (NOON + since * MINUTE, NOON + until * MINUTE)
            assert found(connection, text, since=times[0], until=times[1]) == wanted


@given(
    answers=st.lists(st.text("ab", max_size=3), max_size=9),
    gone=st.sets(st.integers(0, 8)),
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=9),
    limit=st.integers(1, 4),
    outcome=st.sampled_from([None, "unrated", "success"]),
)
@settings(deadline=None, max_examples=40)
def test_a_search_by_stretches_finds_what_a_search_at_once_finds(
    tmp_path_factory: pytest.TempPathFactory,
    answers: list[str],
    gone: set[int],
    sizes: list[int],
    limit: int,
    outcome: Literal["unrated", "success"] | None,
) -> None:
    path = tmp_path_factory.getbasetemp() / "stretches.db"
    with closing(Database.open(path)) as database, database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM runs")
        for number, answer in enumerate(answers):
            add(connection, str(number), answer)
        connection.execute(RUNS.delete().where(RUNS.c.id.in_([str(number) for number in gone])))
        wanted = RunFilter("*ab", outcome=outcome)
        assert reads_texts(wanted)
        rows: list[FoundRun] = []
        total, left = 0, numbers(connection)
        for size in itertools.cycle(sizes):
            if not left:
                break
            within, left = cut(left, size, newest=True)
            stretch = look_through(connection, wanted, within, limit - len(rows))
            rows += stretch.rows
            total += stretch.count
        assert rows == find_runs(connection, wanted, limit)
        assert total == count_runs(connection, wanted)


@given(st.integers(-5, 30), st.integers(0, 30), st.integers(1, 9), st.booleans())
def test_stretches_cover_all_numbers_once(start: int, length: int, size: int, newest: bool) -> None:
    left, seen = range(start, start + length), list[int]()
    while left:
        within, left = cut(left, size, newest=newest)
        assert 0 < len(within) <= size
        seen = [*within, *seen] if newest else [*seen, *within]
    assert seen == list(range(start, start + length))


def test_a_stretch_becomes_as_long_as_its_time_allows() -> None:
    pace = Pace()
    for _ in range(20):
        pace.took(pace.size / 200_000)
    assert pace.size == pytest.approx(TAKES_S * 200_000, rel=0.01)
    pace.took(60.0)
    assert pace.size == pytest.approx(TAKES_S * 50_000, rel=0.01)
