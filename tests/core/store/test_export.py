"""Runs written to a file: what comes out is what went in, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.past import NOON, store
from tui.core.store.database import Database
from tui.core.store.export import ExportStopped, export_runs
from tui.core.store.run_formats import COLUMNS, as_record, format_for, head, one
from tui.core.store.search import RunFilter, find_runs, read_runs

if TYPE_CHECKING:
    from pathlib import Path

    from tui.core.store.runs import StoredRun

COUNT = 450


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("past") / "penstock.db"
    store(path, COUNT)
    return path


def stored(path: Path, wanted: RunFilter = RunFilter()) -> list[StoredRun]:  # noqa: B008 - it is frozen
    database = Database.open(path)
    with database.read() as connection:
        runs = read_runs(connection, wanted, COUNT)
        assert [run.id for run in runs] == [run.id for run in find_runs(connection, wanted, COUNT)]
    database.close()
    return runs


@pytest.mark.parametrize(
    "wanted", [RunFilter(), RunFilter("rain", outcome="success"), RunFilter(name="nowhere")]
)
def test_lines_of_json_hold_every_run_that_the_filter_selects(
    database: Path, tmp_path: Path, wanted: RunFilter
) -> None:
    told: list[tuple[int, int]] = []
    target = tmp_path / "runs.jsonl"
    done = export_runs(database, wanted, target, "jsonl", lambda *at: told.append(at))
    expected = [as_record(run) for run in stored(database, wanted)]
    assert [json.loads(line) for line in target.read_text().splitlines()] == expected
    assert done == len(expected)
    assert [at for at, _ in told] == [*range(200, done, 200), done][: len(told)]
    assert all(total == done for _, total in told)


def test_csv_reads_back_cell_by_cell(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "runs.csv"
    export_runs(database, RunFilter(), target, "csv")
    with target.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row, run in zip(rows, stored(database), strict=True):
        record = as_record(run)
        assert tuple(row) == COLUMNS
        assert _meant(row["answer"]) == run.answer
        assert json.loads(row["values"]) == run.values
        assert row["created_at"] == run.created_at.isoformat()
        assert [name for name in COLUMNS if record[name] is None and row[name]] == []


ANY = st.characters(exclude_categories=["Cs"])
TEXTS = st.text(ANY) | st.text("'=-+@\t\r1a", max_size=4)


@given(answer=TEXTS, note=TEXTS)
def test_any_text_survives_json_and_csv(answer: str, note: str) -> None:
    run = replace(_a_run(), answer=answer, note=note)
    assert json.loads(one("jsonl", run))["answer"] == answer
    assert one("jsonl", run).count("\n") == 1
    [row] = csv.DictReader(io.StringIO(head("csv") + one("csv", run), newline=""))
    assert (_meant(row["answer"]), _meant(row["note"])) == (answer, note)
    assert not row["answer"].startswith(("=", "+", "-", "@", "\t", "\r")), "a spreadsheet would carry it out"


def _meant(cell: str) -> str:
    """What was exported: the apostrophe before what looks like a formula is taken away."""
    return cell[1:] if re.match(r"'+[=+\-@\t\r]", cell) else cell


@given(st.text(alphabet="`# \nab"))
def test_no_answer_ends_its_block_of_markdown(answer: str) -> None:
    said = one("markdown", replace(_a_run(), answer=answer or "x"))
    fence, *body = said.split("### Answer\n\n")[1].rstrip("\n").splitlines()
    assert body[-1] == fence
    assert all(not line.strip(" ").startswith(fence) for line in body[:-1])


def test_a_file_that_is_there_is_never_touched(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "runs.jsonl"
    target.write_text("mine")
    with pytest.raises(FileExistsError):
        export_runs(database, RunFilter(), target, "jsonl")
    assert target.read_text() == "mine"


def test_an_export_that_is_stopped_leaves_nothing(database: Path, tmp_path: Path) -> None:
    told: list[int] = []
    with pytest.raises(ExportStopped):
        export_runs(
            database,
            RunFilter(),
            tmp_path / "runs.csv",
            "csv",
            lambda done, _: told.append(done),
            lambda: bool(told),
        )
    assert told == [200]
    assert list(tmp_path.iterdir()) == []


def test_the_name_says_the_format(tmp_path: Path) -> None:
    names = ["a.jsonl", "a.CSV", "a.md", "a.txt", "a"]
    assert [format_for(tmp_path / name) for name in names] == ["jsonl", "csv", "markdown", None, None]


def _a_run() -> StoredRun:
    from tui.core.store.runs import StoredRun

    values = dict.fromkeys(StoredRun.__slots__)
    facts = {"name": "noir", "version": 1, "provider": "openai", "model": "m", "values": {}, "parameters": {}}
    texts = {"system": "", "prompt": "p", "answer": "", "reasoning": "", "note": "", "content_hash": ""}
    more = {"created_at": NOON, "status": "done", "seq": 1, "id": "x", "attempts": 1, "host": ""}
    return StoredRun(**cast("dict[str, object]", values | facts | texts | more))  # type: ignore[arg-type]
