"""Says all that is wrong with a YAML text, each with the corrected line where one was found to mend it.

A scan of public prompt files found one front matter in five to be invalid, nearly always for want of quotes;
so quoting is tried, and a line is proposed only if the text reads further with it than before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.core.prompts.problems import Problem, position
from tui.core.prompts.yaml_reader import YamlError, read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_PROBLEMS = 20
_MAX_LINE = 5000  # characters; the patterns below take quadratic time
# In YAML every ` #` begins a comment; but `see: issue #12`, written without quotes, is meant as text.
_ENTRY = re.compile(
    r"(?P<head>\s*(?:-\s+)*(?:[^\s:#'\"\[{][^:]*:\s+|-\s+))(?P<value>\S.*?)(?P<tail>\s+#(?:\s.*)?|\s*)"
)
_GLUED = re.compile(r"(\s*[\w.-]+:)([^\s:/].*)")
_CLOSERS = {"[": "]", "{": "}"}
_QUOTES = "'\""


def find_problems(
    text: str, first_line: int, read: Callable[[str], object] = read_yaml
) -> tuple[Problem, ...]:
    """Return every problem that can be told apart in `text`, which begins at `first_line` of its file.

    `read` is what must be able to read it, and raises YamlError.
    """
    problems: list[Problem] = []
    while len(problems) < _MAX_PROBLEMS and (error := _error(text, read)):
        line, column = position(text, error.offset)
        message, fix = error.message, error.fix
        repair = _repair(text, line - 1, error, read)
        if repair:
            fix = f"Write it as: {repair.line.strip()}"
            if repair.index != line - 1:
                line, column, message = repair.index + 1, 1, "This line runs on into the next one."
        problems.append(Problem("error", error.code, message, line - 1 + first_line, column, fix))
        if repair is None:
            break
        text = repair.text
    return tuple(problems)


def requote(text: str, read: Callable[[str], object] = read_yaml) -> str | None:
    """Return the text with plain values put into quotes, until it reads; None if it never does."""
    for _ in range(_MAX_PROBLEMS):
        error = _error(text, read)
        if error is None:
            return text
        repair = _repair(text, position(text, error.offset)[0] - 1, error, read, _quoted)
        if repair is None:
            return None
        text = repair.text
    return None


def quote(value: str, mark: str = '"') -> str:
    """Return `value`, which is one line, between quotes: double ones unless it holds a `"` or a backslash."""
    if mark == "'" or '"' in value or "\\" in value:
        return "'" + value.replace("'", "''") + "'"
    return f'"{value}"'


@dataclass(frozen=True, slots=True)
class _Repair:
    """The text with the line at `index`, from 0, replaced by `line`; all other lines keep their places."""

    text: str
    index: int
    line: str


def _error(text: str, read: Callable[[str], object]) -> YamlError | None:
    try:
        read(text)
    except YamlError as error:
        return error
    return None


def _repair(
    text: str,
    number: int,
    error: YamlError,
    read: Callable[[str], object],
    candidates: Callable[[str], Iterator[str]] | None = None,
) -> _Repair | None:
    """Return a repair with which the text reads past line `number`, from 0, where `error` stopped it."""
    if error.code == "duplicate-key":
        return None
    lines = text.split("\n")
    for index in (number, number - 1):
        tried = (candidates or _candidates)(lines[index]) if 0 <= index < len(lines) else ()
        for candidate in tried:
            repaired = "\n".join((*lines[:index], candidate, *lines[index + 1 :]))
            rest = _error(repaired, read)
            if rest is None or position(repaired, rest.offset)[0] - 1 > number:
                return _Repair(repaired, index, candidate)
    return None


def _candidates(line: str) -> Iterator[str]:
    """Yield what may have been meant by `line`, the closest first."""
    if len(line) > _MAX_LINE:
        return
    if glued := _GLUED.fullmatch(line):
        yield f"{glued[1]} {glued[2]}"
    if "\t" in line[: len(line) - len(line.lstrip())]:
        yield line.expandtabs(2)
        yield line.lstrip()
    if entry := _ENTRY.fullmatch(line):
        head, value, tail = entry["head"], entry["value"], entry["tail"]
        if value[0] in _CLOSERS and not value.startswith("{{"):
            yield head + value + _CLOSERS[value[0]] + tail
        if value[0] in _QUOTES and value.count(value[0]) == 1:
            yield head + value + value[0] + tail
        if len(value) > 1 and value[0] == value[-1] and value[0] in _QUOTES:
            value = value[1:-1]
        yield head + quote(value) + tail


def _quoted(line: str) -> Iterator[str]:
    """Yield the line with its plain value between quotes, which changes nothing of what it says."""
    entry = _ENTRY.fullmatch(line) if len(line) <= _MAX_LINE else None
    if entry is None:
        return
    head, value, tail = entry["head"], entry["value"], entry["tail"]
    if value[0] not in "\"'[|>" and (value[0] != "{" or value.startswith("{{")):
        yield head + quote(value) + tail
