"""A file of cases together with the tables that it names: their rows are cases beside its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tui.core.cases.document import Case, CaseDocument, ParsedCases
from tui.core.cases.table import SUFFIXES, TableError, read_table
from tui.core.prompts.problems import Problem, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.cases.document import TableName


def table_path(of: str, table: TableName) -> str | None:
    """Return a table's path relative to the prompts folder, None if it may not be read.

    It lies beside the file of cases `of`, or below; nothing hidden is read.
    """
    inside = PurePosixPath(table.path)
    if inside.is_absolute() or inside.suffix not in SUFFIXES:
        return None
    if any(part.startswith(".") for part in inside.parts):
        return None
    return (PurePosixPath(of).parent / inside).as_posix()


def join_tables(parsed: ParsedCases, path: str, read: Callable[[str], bytes]) -> ParsedCases:
    """Return the cases of the file at `path` with those of its tables, after its own.

    `read` gives a file by its path relative to the prompts folder, or raises OSError. A case of the file
    stands for a row of the same name.
    """
    document = parsed.document
    if document is None or not document.tables:
        return parsed
    cases = {case.name: case for case in document.cases}
    own = set(cases)
    problems = list(parsed.problems)
    for table in document.tables:
        try:
            rows = _read(path, table, read)
        except TableError as error:
            fix = "Correct the table, or take its name out."
            problems.append(Problem("error", "table", str(error), table.line, table.column, fix))
            continue
        twice = next((case for case in rows if case.name in cases.keys() - own), None)
        if twice is not None:
            message = f"The case {quoted(twice.name)} of {quoted(table.path)} stands in two tables."
            fix = "Give it another name."
            problems.append(Problem("error", "duplicate-case", message, table.line, table.column, fix))
        cases |= {case.name: case for case in rows if case.name not in cases}
    if any(problem.severity == "error" for problem in problems):
        return ParsedCases(None, tuple(problems))
    joined: CaseDocument = replace(document, cases=tuple(cases.values()))
    return ParsedCases(joined, tuple(problems))


def _read(path: str, table: TableName, read: Callable[[str], bytes]) -> list[Case]:
    """Return the cases of one table. Raises TableError."""
    found = table_path(path, table)
    if found is None:
        known = " or ".join(SUFFIXES)
        raise TableError(f"{quoted(table.path)} is no table beside this file that ends in {known}.")
    try:
        rows = read_table(found, read(found))
    except OSError as error:
        raise TableError(f"{quoted(found)} cannot be read: {error.strerror or error}.") from error
    place = table.line, table.column
    return [
        Case(name, values, (), (), "", {}, table.line, dict.fromkeys(values, place), table=found, row=line)
        for line, name, values in rows
    ]
