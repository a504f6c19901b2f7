"""`penstock run`: one prompt, its answer on stdout."""

from __future__ import annotations

import dataclasses
import json
import queue
import random
import sys
from typing import TYPE_CHECKING

import click

from tui.commands.mistake import Mistake
from tui.commands.opening import open_engine
from tui.core.engine.choice import UnknownPrompt, UnknownProvider, choose_provider, choose_version
from tui.core.engine.events import Event, RunChanged, RunState
from tui.core.engine.request import RunRequest
from tui.core.prompts.template import MissingValue, UnknownValue
from tui.core.text import printable_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.engine.engine import Engine
    from tui.core.prompts.snapshot import LibrarySnapshot, VersionRow
    from tui.core.workspace import Options

EXIT_CODES = {
    "auth": 3,
    "billing": 3,
    "limit": 4,
    "filtered": 6,
    "interrupted": 6,
    "cancelled": 130,
}
"""By what went wrong; any other trouble with the provider or the network is 5."""


def run_prompt(
    options: Options,
    *,
    name: str,
    version: int | None,
    provider: str | None,
    model: str | None,
    variables: Sequence[str],
    as_json: bool,
) -> int:
    """Run and return the exit code. Raises Mistake for what the user can mend."""
    values = _values(variables)
    with open_engine(options) as (engine, library):
        row, provider = _choose(engine, library, name, version, provider)
        request = RunRequest(row, provider, values, model)
        states: queue.SimpleQueue[RunState] = queue.SimpleQueue()

        def note(event: Event) -> None:
            if isinstance(event, RunChanged):
                states.put(event.state)

        engine.subscribe(note)
        try:
            started = engine.run(request).result()
        except (MissingValue, UnknownValue) as error:
            raise Mistake(str(error)) from error
        try:
            final = _follow(states, echo=not as_json)
        except KeyboardInterrupt:
            engine.cancel(started.id)
            final = _follow(states, echo=False)
    if as_json:
        click.echo(json.dumps(_as_dict(final), indent=2, ensure_ascii=False))
    if final.error_class:
        click.echo(f"penstock: {final.error}", err=True)
        return EXIT_CODES.get(final.error_class, 5)
    return 0


def _choose(
    engine: Engine, library: LibrarySnapshot, name: str, version: int | None, provider: str | None
) -> tuple[VersionRow, str]:
    """Return the version and the provider to run on. Raises Mistake."""
    states = engine.providers
    try:
        row = choose_version(library, name, version, random.Random())
        state = choose_provider(states, row, provider, engine.settings.provider)
    except (UnknownPrompt, UnknownProvider) as error:
        raise Mistake(str(error)) from error
    if not state.usable:
        missing = " and ".join(state.missing)
        raise Mistake(f"{state.title} needs a key: set {missing}, or try --demo")
    return row, state.name


def _values(variables: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for text in variables:
        name, equals, value = text.partition("=")
        if not equals:
            raise Mistake(f"--var {text!r} has no `=`; write --var NAME=VALUE")
        try:
            text.encode()
        except UnicodeEncodeError:  # the bytes of the command line were none of this locale's
            raise Mistake(f"--var {name.strip()!r} is not valid text; write it in UTF-8") from None
        values[name.strip()] = value
    return values


def _follow(states: queue.SimpleQueue[RunState], *, echo: bool) -> RunState:
    """Print the answer as it comes, until the run is over; return its last state."""
    position = 0
    told = False
    while True:
        state = states.get()
        if state.status == "waiting" and not told and sys.stderr.isatty():
            click.echo(f"waiting for {state.provider}'s quota…", err=True)
            told = True
        if echo:
            piece, position = state.transcript.read(position)
            # A pipe gets the answer as it is; a terminal must not be steered by it.
            shown = "\n".join(printable_lines(piece)) if sys.stdout.isatty() else piece
            click.echo(shown, nl=False)
            sys.stdout.flush()
        if state.over:
            if echo and state.transcript.length and not str(state.transcript).endswith("\n"):
                click.echo()
            return state


def _as_dict(state: RunState) -> dict[str, object]:
    return {
        "id": state.id,
        "name": state.name,
        "version": state.version,
        "provider": state.provider,
        "model": state.model,
        "status": state.status,
        "answer": str(state.transcript),
        "finish": state.finish,
        "error_class": state.error_class or None,
        "error": state.error or None,
        "usage": dataclasses.asdict(state.usage),
        "attempts": state.attempts,
        "waited_s": state.waited_s,
        "first_token_s": state.first_token_s,
        "total_s": state.total_s,
    }
