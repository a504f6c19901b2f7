"""`penstock models`: what a provider offers to this account, as it says itself."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from tui.commands.answering import EXIT_CODES, need_key
from tui.commands.mistake import Mistake
from tui.commands.opening import open_engine
from tui.core.engine.choice import UnknownProvider, choose_provider
from tui.core.providers.errors import ProviderError
from tui.core.providers.known import ModelFacts, model_facts
from tui.core.text import printable, printable_json

if TYPE_CHECKING:
    from datetime import date

    from tui.core.engine.engine import Engine
    from tui.core.providers.base import Provider
    from tui.core.workspace import Options

_LATEST = "/latest"


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """One model of the list."""

    name: str
    default: bool
    facts: ModelFacts


def show(options: Options, name: str, *, as_json: bool) -> int:
    """Print a line for each model, or a JSON list, and return the exit code. Raises Mistake or NoKey."""
    with open_engine(options, need_prompts=False) as (engine, _):
        try:
            names = _ask(engine, name)
        except ProviderError as error:
            click.echo(f"penstock: {printable(error.message)}", err=True)
            return EXIT_CODES.get(error.kind, 5)
        provider = engine.account(name).provider
    offers = [_offer(provider, model) for model in sorted(names)]
    if as_json:
        click.echo(printable_json([_as_dict(offer) for offer in offers], indent=2))
        return 0
    width = max((len(offer.name) for offer in offers), default=0)
    for offer in offers:
        words = ["default"] if offer.default else []
        words += [f"ends {offer.facts.ends}"] if offer.facts.ends else []
        click.echo(printable(f"{offer.name:<{width}}  {', '.join(words)}".rstrip()))
    if not offers:
        click.echo(f"{provider.title} lists no model.", err=True)
    elif provider.model and not any(offer.default for offer in offers):
        click.echo(f"The default, {provider.model}, is not one of them: set `model`.", err=True)
    return 0


def _ask(engine: Engine, name: str) -> tuple[str, ...]:
    """Return the names that the provider lists. Raises Mistake, NoKey and ProviderError."""
    try:
        state = choose_provider(engine.providers, None, name, engine.settings)
        need_key(state, engine.providers, named=True)
        return engine.models(name).result()
    except UnknownProvider as error:
        raise Mistake(str(error)) from error


def _offer(provider: Provider, name: str) -> Offer:
    """Join what the provider lists with what is known of it; Yandex lists `NAME/latest` for a NAME."""
    default = provider.model in (name, name.removesuffix(_LATEST))
    return Offer(name, default, model_facts(provider, name))


def _as_dict(offer: Offer) -> dict[str, object]:
    ends: date | None = offer.facts.ends
    return {
        "name": offer.name,
        "default": offer.default,
        "ends": ends.isoformat() if ends else None,
        "context": offer.facts.context,
        "max_output": offer.facts.max_output,
    }
