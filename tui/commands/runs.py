"""`penstock runs`: earlier runs, listed or exported, selected as the history's line selects them."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from tui.commands.mistake import Mistake
from tui.commands.opening import open_workspace
from tui.core.engine.figures import duration, local_time, money, tokens
from tui.core.engine.words import status_word
from tui.core.prompts.files import why_no_file_at
from tui.core.text import printable, printable_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui.core.store.search import FoundRun, RunFilter
    from tui.core.workspace import Options

_HEADINGS = ("TIME", "PROMPT", "PROVIDER", "OUTCOME", "STATUS", "TOKENS", "COST", "SECONDS", "ANSWER")
_RIGHT = ("TOKENS", "COST", "SECONDS")
_ANSWER = 60  # characters of an answer in a line


def show(
    options: Options, query: Sequence[str], search: str, *, limit: int, as_json: bool, export: Path | None
) -> None:
    """Print the newest runs, one a line, or as lines of JSON; or write all that are selected to a file."""
    from tui.core.store.database import DatabaseError  # slow to import

    wanted = _wanted(query, search)
    workspace = open_workspace(options)[0]
    database = workspace.database
    if export is not None and (reason := why_no_file_at(export, workspace.prompts)):
        raise Mistake(reason)
    try:
        if not database.exists():
            click.echo("There are no runs yet.", err=True)
        elif export is not None:
            _export(database, wanted, export)
        else:
            _print(database, wanted, limit, as_json=as_json)
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error


def _wanted(query: Sequence[str], search: str) -> RunFilter:
    from tui.core.store.run_query import Clock, QueryError, parse_query  # slow to import

    try:
        wanted = parse_query(" ".join(query), Clock(datetime.now(UTC)))
    except QueryError as error:
        raise Mistake(str(error)) from error
    return replace(wanted, text=f"{wanted.text} {search}".strip())


def _export(database: Path, wanted: RunFilter, path: Path) -> None:
    """Write the file; how far it is goes to a terminal's stderr."""
    from tui.core.store.export import export_runs
    from tui.core.store.run_formats import SUFFIXES, format_for

    format = format_for(path)
    if format is None:
        raise Mistake(f"The file's name says the format: end it in one of {', '.join(SUFFIXES)}")
    start = "\r\x1b[K" if sys.stderr.isatty() else ""

    def progress(done: int, total: int) -> None:
        if start:
            click.echo(f"{start}{done:,} of {total:,}", err=True, nl=False)

    try:
        done = export_runs(database, wanted, path, format, progress)
    except FileExistsError as error:
        raise click.ClickException(f"{start}{path} is there already: choose another name") from error
    except OSError as error:
        raise click.ClickException(f"{start}{path} could not be written ({error.strerror})") from error
    click.echo(f"{start}Exported {done:,} {'run' if done == 1 else 'runs'} to {path}.", err=True)


def _print(database: Path, wanted: RunFilter, limit: int, *, as_json: bool) -> None:
    from tui.core.store.database import Database
    from tui.core.store.run_formats import as_record
    from tui.core.store.search import count_runs, find_runs, read_runs

    with closing(Database.open(database)) as opened, opened.read() as connection:
        if as_json:
            for run in read_runs(connection, wanted, limit):
                click.echo(printable_json(as_record(run)))
        else:
            found = find_runs(connection, wanted, limit)
            _print_lines(found)
            total = count_runs(connection, wanted)
            more = ": --limit shows more" if total > len(found) else ""
            click.echo(f"{len(found):,} of {total:,} {'run' if total == 1 else 'runs'}{more}.", err=True)


def _print_lines(found: Sequence[FoundRun]) -> None:
    rows = [_HEADINGS, *map(_cells, found)] if found else []
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))] if rows else []
    for row in rows:
        cells = zip(_HEADINGS, row, widths, strict=True)
        line = "  ".join(
            f"{cell:>{width}}" if name in _RIGHT else f"{cell:<{width}}" for name, cell, width in cells
        )
        click.echo(line.rstrip())


def _cells(run: FoundRun) -> tuple[str, ...]:
    from tui.core.store.excerpt import MATCH_END, MATCH_START

    word = status_word(run.status, run.error_class)
    words = run.excerpt.replace(MATCH_START, "").replace(MATCH_END, "").split()
    return (
        f"{local_time(run.created_at):%Y-%m-%d %H:%M:%S}",
        printable(f"{run.name} v{run.version}" if run.name else "free text"),
        printable(f"{run.provider}/{run.model}"),
        run.outcome or "",
        word if run.error_class in (None, word) else f"{word}: {run.error_class}",
        tokens(run.tokens_in, run.tokens_out, estimated=run.usage_estimated),
        money(run.cost, estimated=run.usage_estimated),
        duration(run.total_s),
        printable(" ".join(words))[:_ANSWER],
    )
