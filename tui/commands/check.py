"""`penstock check`: what is wrong with the files, of prompts and of cases, read from the files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.commands.mistake import Mistake
from tui.commands.opening import open_workspace
from tui.core.cases.book import prompt_of
from tui.core.cases.document import parse_cases
from tui.core.cases.joined import join_tables
from tui.core.cases.review import review
from tui.core.prompts.doctor import FileReport, examine
from tui.core.prompts.files import read_file, survey
from tui.core.prompts.problems import Problem
from tui.core.text import printable, printable_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tui.core.prompts.document import PromptDocument
    from tui.core.prompts.files import FoundFile
    from tui.core.workspace import Options


def show(options: Options, path: Path | None, *, as_json: bool, fix: bool = False, yes: bool = False) -> int:
    """Print every problem, `file:line:column: severity: what, what to do`; return 1 when some are errors."""
    root = path or open_workspace(options)[0].prompts
    if not root.exists():
        raise Mistake(f"There is no file or folder {root}")
    if fix:
        from tui.commands.mend import fix as mend

        mend(root, yes=yes)
    reports = _reports(root)
    errors = sum(problem.severity == "error" for report in reports for problem in report.problems)
    if as_json:
        click.echo(printable_json([_as_dict(report) for report in reports], indent=2))
    else:
        warnings = sum(len(report.problems) for report in reports) - errors
        for report in reports:
            for problem in report.problems:
                click.echo(printable(problem.report(report.path)))
        click.echo(
            f"{_count(len(reports), 'file')}, {_count(errors, 'error')}, {_count(warnings, 'warning')}.",
            err=True,
        )
    return 1 if errors else 0


def _reports(root: Path) -> list[FileReport]:
    """Examine the files together, and report those that cannot be read beside them."""
    files, cases = _files(root)
    readable, unreadable = _read(files)
    prompts = examine(readable)
    documents = [report.document for report in prompts if report.document]
    sets, broken = _read(cases)
    of_cases = [_case_report(root, path, data, documents) for path, data in sets]
    return sorted([*unreadable, *prompts, *broken, *of_cases], key=lambda report: report.path)


def _read(files: Iterable[tuple[Path, str]]) -> tuple[list[tuple[Path, bytes]], list[FileReport]]:
    readable: list[tuple[Path, bytes]] = []
    reports: list[FileReport] = []
    for path, error in files:
        try:
            if error:
                raise OSError(error)
            readable.append((path, path.read_bytes()))
        except OSError as problem:
            reports.append(_unreadable(path, problem))
    return readable, reports


def _case_report(root: Path, path: Path, data: bytes, documents: Sequence[PromptDocument]) -> FileReport:
    """Examine a file of cases; one that is looked at alone is not held against its prompt."""
    parsed = parse_cases(data)
    problems = parsed.problems
    if parsed.document is not None and path != root:
        relative = path.relative_to(root)
        parsed = join_tables(parsed, relative.as_posix(), lambda table: read_file(root, table)[0])
        problems = parsed.problems
    if parsed.document is not None and path != root:
        name = prompt_of(relative)
        versions = [document for document in documents if document.name == name]
        problems = (*problems, *review(parsed.document, name, versions))
    return FileReport(path, problems, None)


def _files(root: Path) -> tuple[list[tuple[Path, str]], list[tuple[Path, str]]]:
    """Return the files of prompts and of cases in a folder, each with what keeps it from being looked at.

    Of a path that is no folder it is that one file.
    """
    if not root.is_dir():
        alone = [(root, "")]
        return ([], alone) if root.suffix in (".yaml", ".yml") else (alone, [])
    found = survey(root)
    if not found.folders:
        raise click.ClickException(f"{root} cannot be read; check its permissions.")
    return _below(root, found.files), _below(root, found.cases)


def _below(root: Path, found: Iterable[FoundFile]) -> list[tuple[Path, str]]:
    return [(root / file.path, file.error) for file in found]


def _unreadable(path: Path, error: OSError) -> FileReport:
    message = f"It cannot be read: {error.strerror or error}."
    fix = "Check its permissions, and where it links to."
    return FileReport(path, (Problem("error", "unreadable", message, fix=fix),), None)


def _as_dict(report: FileReport) -> dict[str, object]:
    document = report.document
    return {
        "path": str(report.path),
        "name": document.name if document else None,
        "version": document.version if document else None,
        "problems": [problem.as_dict() for problem in report.problems],
    }


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
