"""`penstock ask`: a question that is in no file, its answer on stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.commands.answering import carry_out, need_key
from tui.commands.mistake import Mistake
from tui.commands.opening import open_engine
from tui.commands.values import STDIN, Reader
from tui.core.engine.choice import UnknownProvider, choose_provider
from tui.core.engine.request import FreeText, RunRequest

if TYPE_CHECKING:
    from tui.core.workspace import Options


def ask(
    options: Options,
    *,
    text: str | None,
    provider: str | None,
    model: str | None,
    system: str,
    max_wait: float | None,
    as_json: bool,
) -> int:
    """Ask and return the exit code. Raises Mistake for what the user can mend."""
    if text is None or text == STDIN:
        text = Reader().read(STDIN, "the question").removesuffix("\n")
    _need_text(text, system)
    with open_engine(options, need_prompts=False) as (engine, _):
        try:
            state = choose_provider(engine.providers, None, provider, engine.settings)
        except UnknownProvider as error:
            raise Mistake(str(error)) from error
        need_key(state, engine.providers, named=provider is not None)
        question = FreeText(text, system)
        request = RunRequest(question, state.name, model=model, timeout=max_wait)
        return carry_out(engine, request, as_json=as_json)


def _need_text(text: str, system: str) -> None:
    if not text.strip():
        raise Mistake('There is nothing to ask: write `penstock ask "TEXT"`, or send it through stdin')
    try:
        (text + system).encode()
    except UnicodeEncodeError:  # the bytes of the command line were none of this locale's
        raise Mistake("The question is not valid text; write it in UTF-8") from None
