"""`penstock config`: the settings in force, and where things are."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING

import click
import tomlkit

from tui.commands.opening import keys_of, open_workspace
from tui.core.providers.base import DEFAULT_TIMEOUTS, missing_credentials
from tui.core.quota.server_url import without_password

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tomlkit.items import InlineTable, Table

    from tui.core.prices.price import Price
    from tui.core.providers.base import Provider
    from tui.core.quota.limits import Limits
    from tui.core.workspace import Options


def print_path(options: Options, what: str) -> None:
    """Print one path."""
    workspace, _ = open_workspace(options)
    click.echo(
        {"settings": workspace.settings, "database": workspace.database, "prompts": workspace.prompts}[what]
    )


def print_settings(options: Options) -> None:
    """Print the settings as TOML; of a key only where it is looked for and whether it was found."""
    workspace, settings = open_workspace(options)
    document = tomlkit.document()
    document.add(
        tomlkit.comment(f"{workspace.settings}{'' if workspace.settings.exists() else ' (not there)'}")
    )
    document["prompts"] = str(workspace.prompts)
    document["theme"] = settings.theme
    document["ledger"] = without_password(settings.ledger)
    if settings.provider:
        document["provider"] = settings.provider
    if settings.keys:
        document["keys"] = {name: list(keys) for name, keys in settings.keys.items()}
    document["discover"] = settings.discover
    providers = tomlkit.table(is_super_table=True)
    enabled, models = settings.enabled_providers(), settings.model_limits()
    for name, own in settings.providers.items():
        if name in enabled:
            providers[name] = _provider_table(own.preset, *enabled[name], models[name], demo=workspace.demo)
        else:
            identity = own.model_dump(include={"preset", "dialect", "base_url"}, exclude_none=True)
            providers[name] = {"enabled": False, **identity}
    document["providers"] = providers
    if settings.prices:
        document["prices"] = {name: _price(price) for name, price in settings.prices.items()}
    click.echo(tomlkit.dumps(document), nl=False)


def print_keys(options: Options) -> None:
    """Print the keys of every action, as a settings file would say them."""
    from tui.action_table import ACTIONS, PLACES, default_keys

    workspace, settings = open_workspace(options)
    changed = keys_of(workspace.settings, settings)
    click.echo("[keys]")
    for place, heading in PLACES.items():
        click.echo(f"\n# {heading}")
        for action in ACTIONS:
            if action.place == place and (keys := changed.get(action.id) or default_keys(action)):
                value = tomlkit.item(list(keys) if len(keys) > 1 else keys[0]).as_string()
                click.echo(f"{f'{action.id} = {value}':<44}# {action.title}")


def _provider_table(
    preset: str | None, provider: Provider, limits: Limits, models: Mapping[str, Limits], *, demo: bool
) -> Table:
    table = tomlkit.table()
    if preset:
        table["preset"] = preset
    for key in ("dialect", "api", "base_url", "model"):
        table[key] = getattr(provider, key)
    if provider.key_required:
        table["key_env"] = list(provider.key_env)
    table.add(tomlkit.comment(_about_key(provider, demo=demo)))
    if provider.headers:
        table["headers"] = _inline(provider.headers)
    if provider.extra_body:
        table["extra_body"] = _inline(provider.extra_body)
    clocks = provider.timeouts or DEFAULT_TIMEOUTS
    table["retries"] = provider.retries
    table["timeouts"] = _inline(
        {
            "connect": clocks.connect_s,
            "bytes": clocks.read_s,
            "content": clocks.content_s,
            "total": clocks.total_s,
        }
    )
    table["limits"] = limits.figures()
    own = tomlkit.table(is_super_table=True)
    for model in [*provider.models, *(models.keys() - provider.models.keys())]:
        limited = {"limits": models[model].figures()} if model in models else {}
        own[model] = {**provider.models.get(model, {}), **limited}
    if own:
        table["models"] = own
    return table


def _inline(values: Mapping[str, object]) -> InlineTable:
    table = tomlkit.inline_table()
    table.update(values)
    return table


def _price(price: Price) -> dict[str, float | date]:
    figures: dict[str, float | date] = {"input": float(price.input), "output": float(price.output)}
    if price.cached_input is not None:
        figures["cached_input"] = float(price.cached_input)
    if price.as_of:
        figures["as_of"] = date.fromisoformat(price.as_of)
    return figures


def _about_key(provider: Provider, *, demo: bool) -> str:
    if demo:
        return "no key is read in a demo"
    missing = missing_credentials(provider, os.environ)
    if not missing and not provider.key_required:
        return "it needs no key"
    return f"not found in the environment: {', '.join(missing)}" if missing else "its key is there"
