"""A row of the list of runs: it fits every width, and shows what was found."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from tests.tui.past import KINDS, NOON, store
from tui.core.store.database import Database
from tui.core.store.excerpt import MATCH_END, MATCH_START
from tui.core.store.search import RunFilter, find_runs
from tui.widgets.history.columns import columns_for, head_words, run_words

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("width", [58, 78, 118, 198])
def test_rows_fit_and_columns_stand_below_their_titles(tmp_path: Path, width: int) -> None:
    store(tmp_path / "penstock.db", len(KINDS))
    with closing(Database.open(tmp_path / "penstock.db")) as database, database.read() as connection:
        found = find_runs(connection, RunFilter("rain"), 10) + find_runs(connection, RunFilter(), 10)
    titles = "".join(text for text, _ in head_words(width))
    answer = titles.index("answer")
    for run in found:
        words = run_words(run, width, NOON, lambda moment: moment)
        row = "".join(text for text, _ in words)
        assert cell_len(row) <= width
        assert row[answer - 2 : answer] == "  "
        assert MATCH_START not in row
        assert MATCH_END not in row
        if MATCH_START in run.excerpt:
            assert any(ink == "found" for _, ink in words)
        if run.status == "failed":
            assert "✗ rate limit" in row


@pytest.mark.parametrize("width", [58, 118])
def test_a_withheld_answer_is_called_filtered_at_every_width(tmp_path: Path, width: int) -> None:
    store(tmp_path / "penstock.db", 1)
    with closing(Database.open(tmp_path / "penstock.db")) as database, database.read() as connection:
        [run] = find_runs(connection, RunFilter(), 1)
    for changes, word in (({}, "filtered"), ({"error_class": None}, "done")):
        changed = dataclasses.replace(run, **{"error_class": "filtered", **changes})  # type: ignore[arg-type]
        row = "".join(text for text, _ in run_words(changed, width, NOON, lambda moment: moment))
        assert ("filtered" in row) == (word == "filtered")
        assert ("done" in row) == (word == "done" and width > 100)


def test_a_run_that_goes_on_says_so_at_every_width(tmp_path: Path) -> None:
    store(tmp_path / "penstock.db", 1)
    with closing(Database.open(tmp_path / "penstock.db")) as database, database.read() as connection:
        [run] = find_runs(connection, RunFilter(), 1)
    going_on = dataclasses.replace(run, status="running", error_class=None, excerpt="")
    for width in (58, 78, 118):
        row = "".join(text for text, _ in run_words(going_on, width, NOON, lambda moment: moment))
        assert row.count("running") == 1


def test_the_wider_the_more_columns() -> None:
    shown = [{column.title for column in columns_for(width)} for width in (40, 58, 78, 98, 118)]
    assert all(narrow <= wide for narrow, wide in pairwise(shown))
    assert "time s" in shown[1]
    assert shown[-1] >= {"provider", "model", "status", "tokens", "cost"}
