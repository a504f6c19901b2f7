"""A table of values as cases: a row of CSV, or a line of JSONL, is one; its columns are variables.

The first line of CSV names the columns. A column `case` is no variable: it names the case; without it the
cases are named after the file and counted, `cities 1`.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tui.core.prompts.problems import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SUFFIXES = (".csv", ".jsonl")
MAX_BYTES = 4 * 1024 * 1024
MAX_ROWS = 10_000
NAME = "case"

Row = tuple[int, str, dict[str, str]]
"""The line it begins in, from 1, the name of its case, and the values."""


class TableError(ValueError):
    """The table cannot be read; the message is one sentence, with the line where there is one."""


def read_table(path: str, data: bytes) -> list[Row]:
    """Return the rows of a table, whose kind its name says. Raises TableError."""
    if len(data) > MAX_BYTES:
        raise TableError(f"{quoted(path)} is over {MAX_BYTES // 1024 // 1024} MiB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _wrong(path, line, "is not UTF-8 text") from None
    stem, suffix = PurePosixPath(path).stem, PurePosixPath(path).suffix
    read = _READERS[suffix]
    rows: list[Row] = []
    names: set[str] = set()
    for number, (line, values) in enumerate(read(path, text), 1):
        if number > MAX_ROWS:
            raise _wrong(path, line, f"is row {number:,}, and {MAX_ROWS:,} are the most")
        name = values.pop(NAME, "").strip() or f"{stem} {number}"
        if not name.isprintable():
            raise _wrong(path, line, f"names its case {quoted(name)}, which is not one plain line")
        if name in names:
            raise _wrong(path, line, f"names a second case {quoted(name)}")
        names.add(name)
        rows.append((line, name, values))
    return rows


def _of_csv(path: str, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = next(reader, [])
        twice = next((name for name, times in Counter(columns).items() if times > 1), None)
        if twice is not None:
            raise _wrong(path, 1, f"has the column {quoted(twice)} twice")
        after = reader.line_num
        for cells in reader:
            line, after = after + 1, reader.line_num
            if not cells:
                continue
            if len(cells) != len(columns):
                raise _wrong(path, line, f"has {len(cells)} cells for {len(columns)} columns")
            yield line, dict(zip(columns, cells, strict=True))
    except csv.Error as error:
        raise _wrong(path, reader.line_num, f"is no CSV ({error})") from error


def _of_jsonl(path: str, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    for line, record in enumerate(text.split("\n"), 1):
        if not record.strip():
            continue
        try:
            found = json.loads(record)
            written = json.loads(record, parse_float=str, parse_int=str, parse_constant=str)
        except (ValueError, RecursionError):
            raise _wrong(path, line, "is no JSON") from None
        if not isinstance(found, dict):
            raise _wrong(path, line, "is no map of names to values")
        yield line, {name: _text(path, line, name, value, written[name]) for name, value in found.items()}


def _text(path: str, line: int, name: str, value: object, written: object) -> str:
    """Return a value as text, a figure as it is written: 1.50 too."""
    if value is None:
        raise _wrong(path, line, f"has no value for {quoted(name)}")
    return written if isinstance(written, str) else json.dumps(value, ensure_ascii=False)


_READERS: Mapping[str, Callable[[str, str], Iterator[tuple[int, dict[str, str]]]]] = {
    ".csv": _of_csv,
    ".jsonl": _of_jsonl,
}


def _wrong(path: str, line: int, what: str) -> TableError:
    return TableError(f"Line {line} of {quoted(path)} {what}.")
