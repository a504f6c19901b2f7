"""`penstock providers`: of each whether it can be called, where, with what limits, and what went wrong."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from tui.commands.accounts import find_accounts, hear
from tui.commands.mistake import Mistake
from tui.commands.opening import open_workspace
from tui.core.engine.local_servers import LocalServer, adopt, find_servers
from tui.core.providers.client import Client
from tui.core.providers.known import as_for, model_facts
from tui.core.providers.sentences import in_words
from tui.core.providers.transport import new_http_client
from tui.core.quota.clock import now_ns
from tui.core.quota.limits import LARGEST
from tui.core.settings import Settings, SettingsError
from tui.core.text import printable, printable_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tui.core.engine.accounts import Account
    from tui.core.providers.base import Provider
    from tui.core.quota.limits import Limits
    from tui.core.store.runs import LastError
    from tui.core.workspace import Options

_HEADINGS = ("NAME", "KEY", "API", "MODEL", "LIMITS", "ENDPOINT")


def show(options: Options, *, as_json: bool) -> None:
    """Print a line for each provider with what is out of the ordinary below it, or a JSON list."""
    workspace, settings = open_workspace(options)
    accounts = asyncio.run(_accounts(options))
    errors = _last_errors(workspace.database)
    if as_json:
        found = [_as_dict(account, errors.get(name)) for name, account in accounts.items()]
        click.echo(printable_json(found, indent=2))
        return
    rows = [_HEADINGS, *(_cells(account, demo=workspace.demo) for account in accounts.values())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    for row, account in zip(rows, [None, *accounts.values()], strict=True):
        line = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        click.echo(printable(line.rstrip()))
        for news in _news(account, errors.get(account.provider.name)) if account else ():
            click.echo(printable(f"{'':<{widths[0]}}  {news}"))
    if settings.discover and not workspace.demo:
        for server in asyncio.run(_found(settings)):
            click.echo(f"{server.words}; `penstock providers --add {server.name}` adds it.", err=True)


def add(options: Options, name: str) -> None:
    """Put the server of that preset, which answers on this machine, into the settings. Raises Mistake."""
    workspace, settings = open_workspace(options)
    servers = [server for server in asyncio.run(_found(settings)) if server.name == name]
    if name in settings.providers:
        raise Mistake(f"The settings have {name} already.")
    if not servers:
        raise Mistake(f"No {name} was found on this machine; is it running, on its usual port?")
    try:
        adopt(workspace.settings, servers)
    except (SettingsError, OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"The settings could not be changed: {error}") from error
    click.echo(f"{servers[0].title} is in {workspace.settings} now.")


async def _found(settings: Settings) -> tuple[LocalServer, ...]:
    async with new_http_client() as http:
        return await find_servers(Client(http), settings)


async def _accounts(options: Options) -> Mapping[str, Account]:
    accounts = find_accounts(options)
    await hear(accounts)
    return accounts


def _last_errors(path: Path) -> Mapping[str, LastError]:
    """Return the last error of each provider that the database knows; a database is not made for that."""
    from tui.core.store.database import Database, DatabaseError  # slow to import
    from tui.core.store.runs import last_errors

    if not path.exists():
        return {}
    try:
        database = Database.open(path)
        try:
            with database.read() as connection:
                return last_errors(connection)
        finally:
            database.close()
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error


def _cells(account: Account, *, demo: bool) -> tuple[str, ...]:
    provider = account.provider
    return (
        provider.name,
        "none is read in a demo" if demo else _key(account),
        _api(as_for(provider)),
        provider.model or "none",
        _limits(account.limiter.limits),
        "the simulator" if demo else as_for(provider).base_url,
    )


def _key(account: Account) -> str:
    """Return which variable has the key, or which ones are to be set; never the key."""
    if account.state.missing:
        return f"{' and '.join(account.state.missing)} not set"
    source = account.credentials.source if account.credentials else ""
    return f"{source} found" if source else "needs none"


def _api(provider: Provider) -> str:
    return f"openai {provider.api}" if provider.dialect == "openai" else provider.dialect


def _limits(limits: Limits) -> str:
    """Return the limits in few words: `50/min, 8 at once`."""
    parts = [f"{limits.requests_per_minute}/min"] if limits.requests_per_minute != LARGEST else []
    for figure, words in (
        (limits.tokens_per_minute, "tokens/min"),
        (limits.input_tokens_per_minute, "tokens in/min"),
        (limits.output_tokens_per_minute, "tokens out/min"),
        (limits.requests_per_day, "a day"),
        (limits.max_in_flight, "at once"),
    ):
        if figure is not None:
            parts.append(f"{figure:,} {words}")
    return ", ".join(parts) or "none"


def _news(account: Account, error: LastError | None) -> list[str]:
    quota, found = account.limiter.snapshot(), []
    if (held := quota.hold_in(now_ns())) > 0:
        found.append(f"no calls for {in_words(held)}: {quota.hold_reason}")
    if ends := model_facts(account.provider).ends:
        found.append(f"{account.provider.model} ends on {ends}")
    if account.problem:
        found.append(account.problem)
    if error is not None:
        ago = in_words(max(0.0, (datetime.now(UTC) - error.at).total_seconds()))
        found.append(f"last error, {ago} ago: {error.message or error.kind}")
    return found


def _as_dict(account: Account, error: LastError | None) -> dict[str, object]:
    provider, quota = as_for(account.provider), account.limiter.snapshot()
    held = quota.hold_in(now_ns())
    ends = model_facts(provider).ends
    return {
        "name": provider.name,
        "title": provider.title,
        "usable": account.state.usable,
        "key": (account.credentials.source or None) if account.credentials else None,
        "missing": list(account.state.missing),
        "endpoint": provider.base_url,
        "dialect": provider.dialect,
        "api": provider.api,
        "model": provider.model or None,
        "model_ends": ends.isoformat() if ends else None,
        "limits": account.limiter.limits.figures(),
        "model_limits": {model: quota.limits.figures() for model, quota in account.state.models.items()},
        "hold_s": -int(-held // 1),
        "hold_reason": quota.hold_reason if held > 0 else None,
        "problem": account.problem or None,
        "last_error": None
        if error is None
        else {"class": error.kind, "message": error.message, "at": error.at.isoformat()},
    }
