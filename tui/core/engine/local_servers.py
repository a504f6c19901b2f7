"""Servers of the user's own that answer on their usual port: found, and put into the settings."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui.core.providers.addresses import is_loopback
from tui.core.providers.base import Provider, Timeouts
from tui.core.providers.errors import ProviderError
from tui.core.providers.presets import load_presets
from tui.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tui.core.providers.client import Client
    from tui.core.settings import Settings

_PROBE = Timeouts(connect_s=0.5, read_s=1.0, content_s=1.0, total_s=1.5)
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answered with a list of models, under the name of the preset for its port."""

    name: str
    title: str
    base_url: str
    models: tuple[str, ...]

    @property
    def words(self) -> str:
        """What answers where, and with which models."""
        more = ", …" if len(self.models) > _SHOWN else ""
        models = printable(", ".join(self.models[:_SHOWN]))
        return f"{self.title} answers on port {urlsplit(self.base_url).port} with {models}{more}"


async def find_servers(client: Client, settings: Settings) -> tuple[LocalServer, ...]:
    """Ask the usual ports of this machine for their models, all at once; takes 1.5 s at most.

    What the settings speak of already, be it by name or by address, is left alone.
    """
    taken = {_place(provider.base_url) for provider, _ in settings.enabled_providers({}).values()}
    wanted = [
        preset
        for preset in load_presets().values()
        if is_loopback(urlsplit(preset.base_url).hostname or "")
        and preset.name not in settings.providers
        and _place(preset.base_url) not in taken
    ]
    lists = await asyncio.gather(*(_models(client, preset) for preset in wanted))
    return tuple(
        LocalServer(preset.name, preset.title, preset.base_url, models)
        for preset, models in zip(wanted, lists, strict=True)
        if models
    )


def adopt(path: Path, servers: Iterable[LocalServer]) -> None:
    """Add a table for each server at the end of the settings, which otherwise stay as they are.

    Raises SettingsError where the result would not be settings, and OSError.
    """
    import tomlkit  # for this alone

    from tui.core.settings_edit import edit_settings

    document = tomlkit.document()
    providers = tomlkit.table(is_super_table=True)
    for server in servers:
        providers[server.name] = {"model": server.models[0]}
    document["providers"] = providers

    def with_servers(text: str) -> str:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}{tomlkit.dumps(document)}"

    edit_settings(path, with_servers)


async def _models(client: Client, preset: Provider) -> tuple[str, ...]:
    try:
        return await client.models(dataclasses.replace(preset, timeouts=_PROBE), None)
    except ProviderError:
        return ()  # nothing there, or something else


def _place(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return "here" if is_loopback(host) else host, parts.port
