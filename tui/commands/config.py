"""`penstock config`: the settings in force, and where things are."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

import click
import tomlkit

from tui.commands.opening import open_workspace
from tui.core.providers.base import missing_credentials

if TYPE_CHECKING:
    from tui.core.providers.base import Provider
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
    if settings.provider:
        document["provider"] = settings.provider
    providers = tomlkit.table(is_super_table=True)
    for name, (provider, limits) in settings.enabled_providers().items():
        table = tomlkit.table()
        table["model"] = provider.model
        table["base_url"] = provider.base_url
        table["key_env"] = provider.key_env[0] if provider.key_env else ""
        table["key_env"].comment(_found(provider, demo=workspace.demo))
        figures = tomlkit.table()
        for key, value in dataclasses.asdict(limits).items():
            if value is not None:
                figures[key] = value
        table["limits"] = figures
        providers[name] = table
    document["providers"] = providers
    click.echo(tomlkit.dumps(document), nl=False)


def _found(provider: Provider, *, demo: bool) -> str:
    if demo:
        return "not read in a demo"
    missing = missing_credentials(provider, os.environ)
    return f"not found: {' and '.join(missing)}" if missing else "found"
