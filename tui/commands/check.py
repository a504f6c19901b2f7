"""`penstock check`: what is wrong with the files, read from the files alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from tui.commands.opening import open_workspace
from tui.core.prompts.doctor import FileReport, examine
from tui.core.prompts.files import find_prompt_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui.core.workspace import Options


def show(options: Options, path: Path | None, *, as_json: bool) -> int:
    """Print every problem, `file:line:column: severity: what, what to do`; return 1 when some are errors."""
    root = path or open_workspace(options)[0].prompts
    if not root.exists():
        raise click.UsageError(f"There is no file or folder {root}")
    reports = examine(_read(root))
    errors = sum(problem.severity == "error" for report in reports for problem in report.problems)
    if as_json:
        click.echo(json.dumps([_as_dict(report) for report in reports], indent=2, ensure_ascii=False))
    else:
        warnings = sum(len(report.problems) for report in reports) - errors
        for report in reports:
            for problem in report.problems:
                click.echo(problem.report(report.path))
        click.echo(
            f"{_count(len(reports), 'file')}, {_count(errors, 'error')}, {_count(warnings, 'warning')}.",
            err=True,
        )
    return 1 if errors else 0


def _read(root: Path) -> Iterator[tuple[Path, bytes]]:
    paths = [root] if root.is_file() else [root / found.path for found in find_prompt_files(root)]
    for path in paths:
        try:
            yield path, path.read_bytes()
        except OSError as error:
            raise click.ClickException(f"{path} cannot be read ({error.strerror}).") from error


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
