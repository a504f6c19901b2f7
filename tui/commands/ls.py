"""`penstock ls`: the prompts and their versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.commands.opening import open_engine
from tui.core.text import printable, printable_json

if TYPE_CHECKING:
    from tui.core.prompts.snapshot import VersionRow
    from tui.core.workspace import Options


def show(options: Options, *, as_json: bool) -> None:
    """Print a line for each version, or all of them as a JSON list."""
    with open_engine(options) as (_, library):
        if as_json:
            click.echo(printable_json([_as_dict(row) for row in library.versions], indent=2))
            return
        if not library.versions:
            click.echo(
                f"No prompts in {library.folder}; `penstock init DIR` makes a folder of them.", err=True
            )
        rows = [("NAME", "VERSION", "ACTIVE", "USED", "SUCCESS", "FILE")]
        rows += [_cells(row) for row in library.versions]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for name, version, active, used, rate, path in rows if library.versions else ():
            click.echo(
                f"{name:<{widths[0]}}  {version:>{widths[1]}}  {active:<{widths[2]}}"
                f"  {used:>{widths[3]}}  {rate:>{widths[4]}}  {path}"
            )
        for report in library.reports:
            click.echo(f"{printable(report.path)} is not served: see `penstock check`.", err=True)


def _cells(row: VersionRow) -> tuple[str, str, str, str, str, str]:
    broken = "  (broken: last good content)" if row.broken else ""
    return (
        printable(row.name),
        f"v{row.version}",
        "yes" if row.active else "no",
        str(row.usage_count),
        "—" if row.success_rate is None else f"{row.success_rate:.2f}",
        printable(row.path) + broken,
    )


def _as_dict(row: VersionRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "version": row.version,
        "active": row.active,
        "weight": row.weight,
        "variables": [variable.as_dict() for variable in row.variables],
        "description": row.description,
        "tags": list(row.tags),
        "provider": row.provider,
        "model": row.model,
        "usage_count": row.usage_count,
        "success_rate": row.success_rate,
        "path": row.path,
        "content_hash": row.content_hash,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "problems": [problem.as_dict() for problem in row.problems],
    }
