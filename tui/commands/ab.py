"""`penstock ab`, `promote` and `split`: A/B tests without a screen."""

from __future__ import annotations

import concurrent.futures
import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

import click

from tui.commands.answering import need_key
from tui.commands.mistake import Mistake
from tui.commands.opening import open_engine
from tui.core.engine.choice import UnknownPrompt, UnknownProvider, choose_provider, find_version
from tui.core.engine.collecting import NoSplit
from tui.core.engine.events import Notice
from tui.core.engine.experiment_words import as_dict, lines, state_words
from tui.core.engine.experiments import NoExperiment
from tui.core.experiment.gate import GateError, check_gate, parse_gate
from tui.core.prompts.snapshot import served, versions_of
from tui.core.prompts.template import MissingValue, UnknownValue
from tui.core.text import printable, printable_json
from tui.core.typed import whole_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.engine.engine import Engine
    from tui.core.engine.events import Event, RunState
    from tui.core.engine.experiments import ExperimentReport
    from tui.core.experiment.evidence import Decider, Serving
    from tui.core.prompts.snapshot import LibrarySnapshot
    from tui.core.workspace import Options

EXIT_FAILED = 1
EXIT_OPEN = 7
"""The gate holds as little as it fails: more answers are needed."""

_LOOK_S = 1.0
_WEIGHT = re.compile(r"v?(?P<version>\d{1,9})=(?P<weight>\d{1,9}(?:\.\d{1,9})?)%?")


class Refused(Mistake):
    """Something could not be done; the message says why."""

    exit_code: ClassVar[int] = EXIT_FAILED


def show(options: Options, name: str | None, **arguments: Any) -> int:
    """Print one test, or a line of each; return the exit code. Raises Mistake."""
    if name is not None:
        return show_one(options, name, **arguments)
    given = [key for key, value in arguments.items() if value and key != "as_json"]
    if given:
        raise Mistake(f"--{given[0].replace('_', '-')} is about one prompt: name it")
    with open_engine(options) as (engine, library):
        split = {row.name for row in library.versions if len(served(library, row.name)) > 1}
        names = sorted(split.union(engine.experiments.names().result()))
        reports = [engine.experiments.look(name).result() for name in names if versions_of(library, name)]
    if arguments["as_json"]:
        click.echo(printable_json([as_dict(report) for report in reports], indent=2))
        return 0
    if not reports:
        click.echo("There are no tests: `penstock split NAME v1=50 v2=50` begins one.", err=True)
    for report in reports:
        click.echo(printable(f"{report.name} ({state_words(report)}): {report.verdict.sentence}"))
    return 0


def show_one(
    options: Options,
    name: str,
    *,
    run: int | None,
    until_decided: bool,
    provider: str | None,
    gate: str | None,
    effect: float | None,
    alpha: float | None,
    serving: Serving | None,
    by: Decider | None,
    hold: bool | None,
    as_json: bool,
) -> int:
    """Print the evidence, after `run` more answers and what was settled anew; return the exit code.

    Raises Mistake.
    """
    claim = None
    try:
        claim = parse_gate(gate) if gate is not None else None
        with open_engine(options) as (engine, library):
            row = find_version(library, name, None)
            chosen = choose_provider(engine.providers, row, provider, engine.settings)
            engine.experiments.look(name).result()  # a split of the files is a test from now on
            if (effect, alpha, serving, by) != (None, None, None, None):
                engine.experiments.change_rules(
                    name, effect=effect, alpha=alpha, serving=serving, by=by
                ).result()
            if hold is not None:
                engine.experiments.hold(name, held=hold).result()
            if run:
                need_key(chosen, engine.providers, named=provider is not None)
                _collect(engine, name, run, chosen.name, until_decided=until_decided)
            report = engine.experiments.look(name, chosen.name).result()
        passed, sentence = check_gate(claim, report.evidence) if claim else ("passed", "")
    except (UnknownPrompt, UnknownProvider, NoSplit, NoExperiment, GateError) as error:
        raise Mistake(str(error)) from error
    except (MissingValue, UnknownValue) as error:
        raise Mistake(f"{error} A case in cases/{name}.yaml would give it one.") from error
    _print(report, sentence, passed, as_json=as_json)
    return {"passed": 0, "failed": EXIT_FAILED, "open": EXIT_OPEN}[passed]


def _print(report: ExperimentReport, sentence: str, passed: str, *, as_json: bool) -> None:
    if as_json:
        gate = {"gate": {"result": passed, "sentence": sentence}} if sentence else {}
        click.echo(printable_json(as_dict(report) | gate, indent=2))
        return
    for line in lines(report):
        click.echo(printable(line))
    if sentence:
        click.echo(sentence)


def _collect(engine: Engine, name: str, times: int, provider: str, *, until_decided: bool) -> None:
    """Run, saying on a terminal how far it is; Ctrl+C ends it, and what has come so far counts."""
    done, decided = 0, False
    start = "\r\x1b[K" if sys.stderr.isatty() else ""

    def tell(_: RunState) -> None:
        nonlocal done
        done += 1
        if start:
            click.echo(f"{start}{done:,} of {times:,} on {provider}", err=True, nl=False)

    future = engine.collecting.collect(name, times, provider, tell, lambda: not decided)
    try:
        while not future.done():
            with suppress(concurrent.futures.TimeoutError):
                future.result(_LOOK_S if until_decided else None)
            decided = until_decided and engine.experiments.look(name).result().verdict.safe_to_stop
        future.result()
    except KeyboardInterrupt:
        future.cancel()
        click.echo(f"{start}Stopped after {done:,} of {times:,}.", err=True)
    else:
        click.echo(start, err=True, nl=False)


def promote(options: Options, name: str, version: str) -> None:
    """Make a version the one active version. Raises Mistake."""
    number = whole_number(version.removeprefix("v"))
    if number is None:
        raise Mistake(f"{version!r} is no version: write 2, or v2")
    with open_engine(options) as (engine, library):
        _known(library, name, number)
        said = _listen(engine)
        _done(engine.filing.activate(name, number), said)
    click.echo(said[-1] if said else f"{printable(name)} v{number} is the active version.")


def split(options: Options, name: str, shares: Sequence[str]) -> None:
    """Share the traffic of a prompt between versions. Raises Mistake."""
    weights: dict[int, float] = {}
    for share in shares:
        found = _WEIGHT.fullmatch(share)
        if found is None:
            raise Mistake(f"{share!r} is no share: write v1=50")
        version = int(found["version"])
        if version in weights:
            raise Mistake(f"v{version} has two shares: give it one")
        weights[version] = float(found["weight"])
    with open_engine(options) as (engine, library):
        _known(library, name, *weights)
        said = _listen(engine)
        _done(engine.filing.split(name, weights), said)
    shown = " ".join(f"v{version}={weight:g}" for version, weight in weights.items())
    click.echo(said[-1] if said else f"{printable(name)} is split {shown}.")


def _known(library: LibrarySnapshot, name: str, *versions: int) -> None:
    try:
        for version in versions or (None,):
            find_version(library, name, version)
    except UnknownPrompt as error:
        raise Mistake(str(error)) from error


def _listen(engine: Engine) -> list[str]:
    said: list[str] = []

    def note(event: Event) -> None:
        if isinstance(event, Notice):
            said.append(event.message)

    engine.subscribe(note)
    return said


def _done(future: concurrent.futures.Future[tuple[str, int] | None], said: Sequence[str]) -> None:
    if future.result() is None:
        raise Refused(said[-1] if said else "That could not be done")
