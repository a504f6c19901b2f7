"""Tables of values named from a file of cases: read as they are, followed, and refused with a place."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.cases.book import CaseBook
from tui.core.cases.document import parse_cases
from tui.core.cases.joined import join_tables
from tui.core.cases.review import review
from tui.core.cases.table import TableError, read_table
from tui.core.prompts.document import parse_document

WORD = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.lists(WORD.filter(lambda name: name != "case"), min_size=1, max_size=4, unique=True)


@given(NAMES.flatmap(lambda names: st.lists(st.fixed_dictionaries(dict.fromkeys(names, WORD)), max_size=5)))
def test_what_was_written_is_read(rows: list[dict[str, str]]) -> None:
    names = list(rows[0]) if rows else ["a"]
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([names, *([row[name] for name in names] for row in rows)])
    assert [values for _, _, values in read_table("t.csv", text.getvalue().encode())] == rows
    lines = "\n".join(json.dumps(row) for row in rows)
    assert [values for _, _, values in read_table("t.jsonl", lines.encode())] == rows


def test_rows_have_names_lines_and_texts() -> None:
    table = b'\xef\xbb\xbfcity,case\r\n"Old\r\nTown",first\r\n\r\nHull,\r\n'
    assert read_table("a/cities.csv", table) == [
        (2, "first", {"city": "Old\r\nTown"}),
        (5, "cities 2", {"city": "Hull"}),
    ]
    lines = b'{"n": 1.50, "yes": true, "l": [1, 2.0]}\n\n{"case": "b"}'
    assert read_table("t.jsonl", lines) == [
        (1, "t 1", {"n": "1.50", "yes": "true", "l": "[1, 2.0]"}),
        (3, "b", {}),
    ]


@pytest.mark.parametrize(
    ("path", "data", "says"),
    [
        ("t.csv", b"a,b\n1\n", "Line 2 of `t.csv` has 1 cells for 2 columns."),
        ("t.csv", b"a,a\n", "Line 1 of `t.csv` has the column `a` twice."),
        ("t.csv", b'a\n"1\n', "Line 2 of `t.csv` is no CSV"),
        ("t.csv", b"a,case\n1,x\n2,x\n", "Line 3 of `t.csv` names a second case `x`."),
        ("t.csv", b"a\n\xff\n", "Line 2 of `t.csv` is not UTF-8 text."),
        ("t.csv", b"a\n" + b"1\n" * 10_001, "Line 10002 of `t.csv` is row 10,001, and 10,000 are the most."),
        ("t.csv", b" " * 5_000_000, "`t.csv` is over 4 MiB."),
        ("t.jsonl", b'{"a": 1}\n{', "Line 2 of `t.jsonl` is no JSON."),
        ("t.jsonl", b"[1]", "Line 1 of `t.jsonl` is no map of names to values."),
        ("t.jsonl", b"[" * 100_000, "Line 1 of `t.jsonl` is no JSON."),
        ("t.jsonl", b'{"a": null}', "Line 1 of `t.jsonl` has no value for `a`."),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(path: str, data: bytes, says: str) -> None:
    with pytest.raises(TableError) as refused:
        read_table(path, data)
    assert str(refused.value).startswith(says)


def joined(text: str, **tables: bytes) -> list[str]:
    """The problems of a file, or the names of its cases."""

    def read(path: str) -> bytes:
        try:
            return tables[PurePosixPath(path).stem]
        except KeyError:
            raise FileNotFoundError(2, "No such file or directory") from None

    found = join_tables(parse_cases(text.encode()), "cases/p.yaml", read)
    if found.document is None:
        return [problem.report("f") for problem in found.problems]
    return [case.name for case in found.document.cases]


def test_a_table_is_joined_after_the_files_own_cases_which_win() -> None:
    rows = b"case,x\na,1\nb,2\n"
    text = "tables: t.csv\ncases: [{name: b}, {name: c}]\n"
    assert joined(text, t=rows) == ["b", "c", "a"]
    assert joined("tables: [t.csv, u.csv]", t=rows, u=b"x\n1\n") == ["a", "b", "u 1"]
    assert joined("tables: [t.csv, u.csv]", t=rows, u=rows) == [
        "f:1:17: error: The case `a` of `u.csv` stands in two tables. Give it another name."
    ]


@pytest.mark.parametrize("name", ["../t.csv", "/etc/t.csv", "t.txt", ".t.csv", "a/../../t.csv"])
def test_no_table_from_elsewhere_is_read(name: str) -> None:
    (problem,) = joined(f"tables: [{name}]", t=b"x\n1\n")
    assert problem.startswith(f"f:1:10: error: `{name}` is no table beside this file")


def test_a_table_that_is_not_there_and_no_name_at_all() -> None:
    assert joined("tables: [t.csv]") == [
        "f:1:10: error: `cases/t.csv` cannot be read: No such file or directory. "
        "Correct the table, or take its name out."
    ]
    assert joined("tables: [{a: b}]")[0].startswith("f:1:10: error: This names no table.")


def test_a_column_that_no_version_declares_is_told_once() -> None:
    prompt = parse_document(
        b"---\nversion: 1\nvariables: [x]\n---\n{{x}}\n", PurePosixPath("p-v1.md")
    ).document
    assert prompt is not None
    parsed = join_tables(parse_cases(b"tables: [t.csv]"), "cases/p.yaml", lambda _: b"y\n1\n2\n")
    assert parsed.document is not None
    assert [problem.report("f") for problem in review(parsed.document, "p", [prompt])] == [
        "f:1:10: error: No version of `p` has a variable `y`. Remove it, or declare it in the prompt.",
        "f:1: error: The table `cases/t.csv` has no value for `x`, which v1 needs. "
        "Give it one, or write a default in the prompt.",
    ]


def test_a_book_follows_tables_and_keeps_what_was_good(tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "p.yaml").write_text("tables: [t.csv]\n")
    (folder / "t.csv").write_text("x\n1\n")
    book = CaseBook(tmp_path)
    assert [case.vars for case in book.scan().of("p")] == [{"x": "1"}]
    table = PurePosixPath("cases/t.csv")
    (folder / "t.csv").write_text("x\n1\n22\n")
    assert [case.vars["x"] for case in book.update([table]).of("p")] == ["1", "22"]
    (folder / "t.csv").write_text("x\n1,333\n")
    broken = book.scan().sets["p"]
    assert broken.error is not None
    assert "Line 2 of `cases/t.csv`" in broken.error.message
    assert len(broken.document.cases) == 2
    (folder / "t.csv").unlink()
    assert book.update([table]).sets["p"].broken
    (folder / "t.csv").write_text("x\n4444\n")
    assert [case.vars["x"] for case in book.scan().of("p")] == ["4444"]


def test_a_pipe_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "p.yaml").write_text("tables: [t.csv]\n")
    os.mkfifo(tmp_path / "cases" / "t.csv")
    error = CaseBook(tmp_path).scan().sets["p"].error
    assert error is not None
    assert "no regular file" in error.message


def test_a_table_of_very_many_columns_takes_no_longer_for_each() -> None:
    names = ",".join(f"c{number}" for number in range(100_000))
    assert read_table("t.csv", f"{names}\n".encode()) == []
