"""The texts that the desk shows of a version: its template, and the preview with the values filled in."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from tui.actions import key_of
from tui.core.prompts.template import placeholders
from tui.core.prompts.turns import Turn, markers, split_turns
from tui.core.text import printable
from tui.widgets.reading.highlight import Span
from tui.widgets.reading.text_view import Line, coloured, plain_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.core.prompts.document import Variable
    from tui.core.prompts.problems import Problem
    from tui.core.prompts.snapshot import FileReport, VersionRow

_SEVERITY_INK = {"error": "error", "warning": "warning"}


def template_lines(row: VersionRow) -> list[Line]:
    """Return the template with its placeholders and role markers marked.

    Declared placeholders look unlike those that stay as they are.
    """
    return coloured(row.template, _template_marks(row.template, [v.name for v in row.variables]))


def preview_lines(row: VersionRow, values: Mapping[str, str]) -> list[Line]:
    """Return what would be sent, the filled-in values marked; a missing value leaves its placeholder, marked.

    This is `conversation` for the eye: the same turns, the same placeholders, the same one pass, but it does
    not stop at a gap. Each turn stands below its role, unless there is only the user's.
    """
    system = (Turn("system", row.system),) if row.system else ()
    turns = [*system, *split_turns(row.template)]
    if [turn.role for turn in turns] == ["user"]:
        return _filled(turns[0].text, row.variables, values)
    lines: list[Line] = []
    for turn in turns:
        lines += plain_lines(f"\n{turn.role}" if lines else turn.role)
        lines += _filled(turn.text, row.variables, values)
    return lines


def report_lines(report: FileReport) -> list[Line]:
    """Return what is wrong with a file that serves nothing."""
    return [
        *plain_lines(f"{report.path} is not served:\n", "text"),
        *problem_lines(report.path, report.problems),
        *plain_lines(
            f"\nPress {key_of('write')} to mend it here, or {key_of('edit')} for your editor; "
            "it is read again as soon as it is saved."
        ),
    ]


def problem_lines(path: str, problems: Sequence[Problem]) -> list[Line]:
    """Return each problem with its place and what to do."""
    lines: list[Line] = []
    for problem in problems:
        where = f"{path}:{problem.line}:{problem.column or 1}" if problem.line else path
        lines += plain_lines(f"{where}: {problem.message}", _SEVERITY_INK[problem.severity])
        if problem.fix:
            lines += plain_lines(f"  {problem.fix}")
    return lines


def _filled(template: str, variables: Sequence[Variable], values: Mapping[str, str]) -> list[Line]:
    given = {v.name: v.default for v in variables if v.default is not None} | dict(values)
    pieces: list[str] = []
    marks: list[tuple[int, int, str]] = []
    position = length = 0
    for found in placeholders(template, {v.name for v in variables}):
        before = template[position : found.start]
        value = given.get(found.name) if found.declared else None
        text = template[found.start : found.end] if value is None else value
        ink = "value" if value is not None else "undeclared" if found.declared else "muted"
        pieces += [before, text]
        marks.append((length + len(before), length + len(before) + len(text), ink))
        length += len(before) + len(text)
        position = found.end
    pieces.append(template[position:])
    return _marked("".join(pieces), marks)


def _template_marks(template: str, declared: Sequence[str]) -> Marks:
    found = placeholders(template, declared)
    marks = [(each.start, each.end, "variable" if each.declared else "undeclared") for each in found]
    return Marks(template, [*marks, *((start, end, "strong") for start, end in markers(template))])


def _marked(text: str, marks: Sequence[tuple[int, int, str]]) -> list[Line]:
    return coloured(text, Marks(text, marks))


class Marks:
    """Spans of a whole text, asked for line by line."""

    def __init__(self, text: str, marks: Sequence[tuple[int, int, str]]) -> None:
        ends = [found.start() for found in re.finditer(r"\n|\Z", text)]
        self._spans: dict[int, list[Span]] = {}
        for start, end, ink in marks:
            for line in range(bisect_left(ends, start), bisect_left(ends, end) + 1):
                begin = ends[line - 1] + 1 if line else 0
                first, last = max(start, begin), min(end, ends[line])
                if first < last:
                    self._spans.setdefault(line, []).append(Span(first - begin, last - begin, ink))

    def __call__(self, number: int, line: str) -> Sequence[Span]:
        """Return the spans of a line, from 0, in the order of the marks."""
        # Tabs are expanded when a line is made printable, which moves offsets: such a line goes unmarked.
        return self._spans.get(number, ()) if len(printable(line)) == len(line) else ()
