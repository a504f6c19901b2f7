"""`penstock run`: one prompt, its answer on stdout."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from tui.commands.answering import carry_out, need_key
from tui.commands.mistake import Mistake
from tui.commands.opening import open_engine
from tui.commands.values import read_values
from tui.core.engine.choice import (
    UnknownCase,
    UnknownPrompt,
    UnknownProvider,
    choose_provider,
    values_of_case,
)
from tui.core.engine.request import RunRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.workspace import Options


def run_prompt(
    options: Options,
    *,
    name: str,
    version: int | None,
    provider: str | None,
    model: str | None,
    variables: Sequence[str],
    files: Sequence[str],
    case: str | None,
    max_wait: float | None,
    as_json: bool,
) -> int:
    """Run and return the exit code. Raises Mistake for what the user can mend."""
    values = read_values(variables, files)
    with open_engine(options) as (engine, _):
        try:
            run_id = uuid.uuid4().hex
            row = engine.serving.serve(name, version, run_id=run_id).result().row
            of_case = ""
            if case is not None:
                values, of_case = values_of_case(engine.cases, row, case, values)
            state = choose_provider(engine.providers, row, provider, engine.settings)
        except (UnknownPrompt, UnknownCase, UnknownProvider) as error:
            raise Mistake(str(error)) from error
        need_key(state, engine.providers, named=provider is not None)
        request = RunRequest(row, state.name, values, model, max_wait, case=of_case, id=run_id)
        return carry_out(engine, request, as_json=as_json)
