"""`penstock test`: cases with their checks, over versions and providers, for a person and for CI."""

from __future__ import annotations

import concurrent.futures
import os
import sys
import time
from decimal import Decimal
from typing import TYPE_CHECKING, TextIO

import click

from tui.commands.answering import need_key
from tui.commands.mistake import Mistake
from tui.commands.opening import open_engine
from tui.commands.reports.tally import Report
from tui.core.engine.choice import UnknownProvider
from tui.core.engine.inbox import EngineStopped
from tui.core.engine.matrix.grid import Grid, MatrixChanged
from tui.core.engine.matrix.plan import Plan, PlanError
from tui.core.engine.matrix.testing import Wish
from tui.core.text import printable, printable_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tui.core.engine.engine import Engine
    from tui.core.engine.events import Event
    from tui.core.engine.planning import Forecast
    from tui.core.workspace import Options

PASSED, FAILED, TROUBLE, INTERRUPTED = 0, 1, 5, 130
_LINE_EVERY_S = 10.0
"""How often a line says how far it is, where no terminal is."""


def run_tests(
    options: Options,
    *,
    names: Sequence[str],
    versions: Sequence[str],
    providers: Sequence[str],
    model: str | None,
    repeat: int,
    max_cost: float | None,
    max_wait: float | None,
    as_json: bool,
    junit: Path | None,
    markdown: Path | None,
    reuse: bool,
    fresh: bool,
    baseline: str,
) -> int:
    """Test and return the exit code. Raises Mistake for what the user can mend."""
    from tui.core.store.database import DatabaseError  # slow to import

    wish = Wish(names, versions, providers, model, repeat, baseline, max_wait)
    budget = None if max_cost is None else Decimal(str(max_cost))
    with open_engine(options) as (engine, _):
        try:
            report = _test(engine, wish, budget, reuse=reuse, fresh=fresh)
        except (PlanError, UnknownProvider) as error:
            raise Mistake(str(error)) from error
        except (DatabaseError, EngineStopped) as error:
            raise click.ClickException(str(error)) from error
    if report is None:
        click.echo("penstock: Stopped; the same command goes on with the rest.", err=True)
        return INTERRUPTED
    _write(report, junit, markdown)
    _print(report, as_json=as_json)
    return exit_code(report)


def _test(engine: Engine, wish: Wish, budget: Decimal | None, *, reuse: bool, fresh: bool) -> Report | None:
    """Plan, say so, and carry it out; None if the user has stopped it. Raises PlanError and Mistake."""
    plan = engine.testing.plan(wish).result()
    forecast = engine.testing.forecast(plan).result()
    for name in forecast:
        need_key(engine.providers[name], engine.providers, named=True)
    _say_plan(plan, forecast)
    _need_room(forecast, budget, wish.timeout)
    began = time.monotonic()
    grid = _carry_out(engine, plan, reuse=reuse, fresh=fresh, budget=budget)
    return None if grid is None else Report(grid, engine.cases, time.monotonic() - began)


def exit_code(report: Report) -> int:
    """Return 0 if all passed, 1 for failures, 5 where a provider or its cost kept some from being tested."""
    if report.failures:
        return FAILED
    return TROUBLE if report.count("excluded", "waiting") else PASSED


def _say_plan(plan: Plan, forecast: Mapping[str, Forecast]) -> None:
    for note in plan.notes:
        click.echo(printable(note), err=True)
    calls = sum(one.calls for one in forecast.values())
    costs = [one.usd for one in forecast.values()]
    price = f"${sum((usd for usd in costs if usd is not None), Decimal(0)):.4f}"
    if None in costs:
        unknown = ", ".join(name for name, one in forecast.items() if one.usd is None)
        price += f" (without {printable(unknown)}: price unknown)"
    wait = max(one.wait_s for one in forecast.values())
    click.echo(
        f"{len(plan.cells)} answers to check: at most {calls} calls, {price}, {wait:.0f} s of waiting.",
        err=True,
    )


def _need_room(forecast: Mapping[str, Forecast], budget: Decimal | None, max_wait: float | None) -> None:
    """Raise Mistake where it can be told beforehand that a bound does not hold."""
    if budget is not None:
        unknown = [name for name, one in forecast.items() if one.usd is None]
        if unknown:
            raise Mistake(
                f"The price of {unknown[0]}'s model is unknown: state it in the settings, for --max-cost"
            )
        most = sum((one.usd for one in forecast.values() if one.usd is not None), Decimal(0))
        if most > budget:
            raise Mistake(f"It may cost ${most:.4f}, which is more than --max-cost {budget:f}")
    for name, one in forecast.items():
        if max_wait is not None and one.wait_s > max_wait:
            raise Mistake(
                f"The last call to {name} would wait {one.wait_s:.0f} s for its quota, which is more than "
                f"--max-wait {max_wait:g}"
            )


def _carry_out(
    engine: Engine, plan: Plan, *, reuse: bool, fresh: bool, budget: Decimal | None
) -> Grid | None:
    """Carry it out to the end; None if the user has stopped it."""
    progress = Progress(sys.stderr)
    unsubscribe = engine.subscribe(progress)
    future = engine.testing.start(plan, reuse=reuse, fresh=fresh, budget=budget)
    try:
        return future.result()
    except KeyboardInterrupt:
        future.cancel()
        return None
    except concurrent.futures.CancelledError:
        return None
    finally:
        unsubscribe()
        progress.clear()


class Progress:
    """How far a matrix is, on stderr: one line that changes on a terminal, else a line now and then."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._said = ""
        self._begun = False
        self._next = time.monotonic() + _LINE_EVERY_S

    def __call__(self, event: Event) -> None:
        """Take an event of the engine, in its thread."""
        if not isinstance(event, MatrixChanged) or event.grid.over:
            return
        if not self._begun:
            self._begun = True
            kept = sum(cell.kept for cell in event.grid.cells)
            if kept:
                click.echo(f"{kept} of {len(event.grid.cells)} answers are there already.", file=self._stream)
        words = _progress(event.grid)
        if self._live and words != self._said:
            click.echo(f"\r\x1b[K{words}", file=self._stream, nl=False)
            self._said = words
        elif not self._live and time.monotonic() >= self._next:
            self._next = time.monotonic() + _LINE_EVERY_S
            click.echo(words, file=self._stream)

    def clear(self) -> None:
        """Take the line away."""
        if self._said:
            click.echo("\r\x1b[K", file=self._stream, nl=False)


def _progress(grid: Grid) -> str:
    parts = [f"{sum(cell.over for cell in grid.cells)} of {len(grid.cells)}"]
    counted = {
        "passed": grid.count("pass"),
        "failed": grid.count("fail"),
        "excluded": grid.count("excluded"),
        "running": grid.count("running", "judging"),
    }
    return ", ".join([*parts, *(f"{count} {word}" for word, count in counted.items() if count)])


def _write(report: Report, junit: Path | None, markdown: Path | None) -> None:
    from tui.commands.reports.junit import junit as as_junit
    from tui.commands.reports.markdown import markdown as as_markdown

    try:
        if junit is not None:
            junit.write_bytes(as_junit(report))
        if markdown is not None:
            markdown.write_text(as_markdown(report), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{error.filename} could not be written ({error.strerror})") from error


def _print(report: Report, *, as_json: bool) -> None:
    from tui.commands.reports.records import as_dict
    from tui.commands.reports.table import lines

    if as_json:
        click.echo(printable_json(as_dict(report), indent=2))
    else:
        coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        for line in lines(report, _painted if coloured else lambda _, text: text):
            click.echo(line)
    if report.grid.stopped:
        click.echo(f"penstock: {report.grid.stopped} The same command goes on with the rest.", err=True)


def _painted(word: str, text: str) -> str:
    colour = {"pass": "green", "FAIL": "red"}.get(word)
    return click.style(text, fg=colour) if colour else text
