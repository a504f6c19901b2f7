"""`penstock config`: the settings in force, and where things are."""

from __future__ import annotations

import dataclasses
import os
from datetime import date
from typing import TYPE_CHECKING

import click
import tomlkit

from tui.commands.opening import open_workspace
from tui.core.providers.base import missing_credentials
from tui.core.quota.server_url import without_password

if TYPE_CHECKING:
    from tomlkit.items import Table

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
    providers = tomlkit.table(is_super_table=True)
    enabled = settings.enabled_providers()
    for name, own in settings.providers.items():
        if name in enabled:
            providers[name] = _provider_table(*enabled[name], own.key_env, demo=workspace.demo)
        else:
            providers[name] = {"enabled": False}
    document["providers"] = providers
    if settings.prices:
        document["prices"] = {name: _price(price) for name, price in settings.prices.items()}
    click.echo(tomlkit.dumps(document), nl=False)


def _provider_table(provider: Provider, limits: Limits, key_env: str | None, *, demo: bool) -> Table:
    table = tomlkit.table()
    table["model"] = provider.model
    table["base_url"] = provider.base_url
    if key_env:
        table["key_env"] = key_env
    table.add(tomlkit.comment(_about_key(provider, demo=demo)))
    table["limits"] = {key: value for key, value in dataclasses.asdict(limits).items() if value is not None}
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
    return f"not found in the environment: {', '.join(missing)}" if missing else "its key is there"
