"""`penstock costs`: what was spent, by day and provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from tui.commands.opening import open_workspace
from tui.core.prices.dollars import dollars
from tui.core.text import printable, printable_json

if TYPE_CHECKING:
    from pathlib import Path

    from tui.core.store.costs import Spending
    from tui.core.workspace import Options

_HEADINGS = ("DAY", "PROVIDER", "CALLS", "COST", "N/A", "PRICES")


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    parts: list[Spending]


def show(options: Options, *, days: int, as_json: bool) -> None:
    """Print what was spent on each of the last `days` days, today included."""
    workspace, _ = open_workspace(options)
    found = _read(workspace.database, days) if workspace.database.exists() else []
    if as_json:
        rows = [_as_dict(one.day, part) for one in found for part in one.parts]
        click.echo(printable_json(rows, indent=2))
    elif not found:
        click.echo(f"No calls in {_days(days)} with the prompts of {printable(str(workspace.prompts))}.")
    else:
        _print_table(found, simulated=workspace.demo)


def _read(database: Path, days: int) -> list[_Day]:
    """Return the days on which something was sent, the latest first."""
    from tui.core.store import costs  # slow to import
    from tui.core.store.database import Database, DatabaseError
    from tui.core.store.days import day_start

    today = datetime.now().astimezone().date()
    found = []
    try:
        store = Database.open(database)
        with store.read() as connection:
            for number in range(days):
                day = today - timedelta(days=number)
                parts = costs.spending(connection, day_start(day), day_start(day + timedelta(days=1)))
                found += [_Day(day, parts)] if parts else []
        store.close()
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    return found


def _print_table(found: list[_Day], *, simulated: bool) -> None:
    from tui.core.store.costs import added_up

    rows = [_HEADINGS]
    for one in found:
        rows += [_cells(one.day.isoformat(), part.provider, part, part.source or "—") for part in one.parts]
    together = [part for one in found for part in one.parts]
    rows.append(_cells("together", "", added_up(together), "simulated" if simulated else ""))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    for day, provider, calls, cost, unknown, source in rows:
        line = (
            f"{day:<{widths[0]}}  {provider:<{widths[1]}}  {calls:>{widths[2]}}  {cost:>{widths[3]}}"
            f"  {unknown:>{widths[4]}}  {source}"
        )
        click.echo(line.rstrip())


def _cells(day: str, provider: str, spent: Spending, source: str) -> tuple[str, str, str, str, str, str]:
    nothing_known = not spent.usd and spent.unpriced
    cost = "n/a" if nothing_known else dollars(spent.usd, estimated=spent.estimated)
    return day, printable(provider), f"{spent.calls:,}", cost, f"{spent.unpriced:,}", source


def _as_dict(day: date, spent: Spending) -> dict[str, object]:
    return {
        "day": day.isoformat(),
        "provider": spent.provider,
        "calls": spent.calls,
        "usd": float(spent.usd) if spent.source else None,
        "estimated": spent.estimated,
        "unpriced": spent.unpriced,
        "source": spent.source,
    }


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
