"""Settings that change while the engine runs: much of them holds at once, the rest is said to wait."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.core.engine.events import Event, Notice, ProviderChanged, SettingsChanged
from tui.core.engine.file_watch import changes
from tui.core.provider_tables import limits_of
from tui.core.settings import ProviderSettings, Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui.core.engine.account_book import AccountBook
    from tui.core.engine.costing import Costing
    from tui.core.engine.file_stamp import Stamp


AT_ONCE = ("limits", "models", "prices", "timeouts", "retries", "theme", "vim", "notice", "keys")
"""The settings whose changes do not wait for the next start; the last four are the screen's."""


async def follow_settings(
    path: Path,
    since: Stamp,
    began_with: Settings,
    accounts: AccountBook,
    costing: Costing,
    publish: Callable[[Event], None],
) -> None:
    """Apply every change of the settings file to the accounts and the prices, until cancelled.

    A provider that is new in it gets its account; one that is gone from it keeps its own until the end.

    `since` is the file's stamp when `began_with` was read. Settings that are refused change nothing; why,
    with line and column, is published as a Notice.
    """
    waiting: tuple[str, ...] = ()
    latest = began_with
    async for _ in changes(path, since):
        try:
            settings = await asyncio.to_thread(load_settings, path)
        except SettingsError as error:
            publish(Notice(f"{error} The settings in force stay as they are.", "error"))
            continue
        except Exception as error:  # noqa: BLE001 - one save, whatever is in it, must not end the watch
            publish(Notice.about(f"{path}: the settings could not be read", error))
            continue
        for name, account in accounts.items():
            if settings.providers.get(name) != latest.providers.get(name):
                account.allow_calls()  # what was wrong with it may have been mended
        latest = settings
        publish(SettingsChanged(settings))
        began_with = _with_new(accounts, settings, began_with, publish)
        if titles := _change_limits(settings, accounts):
            publish(Notice(f"New limits are in force: {', '.join(titles)}."))
        if costing.change(settings.prices):
            publish(Notice("New prices are in force for calls from now on."))
        if titles := _adapt(settings, accounts):
            publish(Notice(f"New timeouts, retries or models are in force: {', '.join(titles)}."))
        before, waiting = waiting, at_next_start(began_with, settings)
        if waiting and waiting != before:
            verb = "takes" if len(waiting) == 1 else "take"
            publish(Notice(f"{', '.join(waiting)} {verb} effect at the next start."))


def _with_new(
    accounts: AccountBook, settings: Settings, began_with: Settings, publish: Callable[[Event], None]
) -> Settings:
    """Open the accounts that are missing; return what all accounts began with, these included."""
    new = accounts.complete(settings)
    for account in new:
        publish(ProviderChanged(account.state))
    if new:
        publish(Notice(f"Providers added: {', '.join(account.provider.title for account in new)}."))
    began = {account.provider.name: settings.providers[account.provider.name] for account in new}
    return began_with.model_copy(update={"providers": began_with.providers | began})


def at_next_start(began_with: Settings, now: Settings) -> tuple[str, ...]:
    """Return the names of the settings that differ and that a running engine does not change."""
    found = [
        name
        for name in Settings.model_fields
        if name not in ("providers", *AT_ONCE) and getattr(began_with, name) != getattr(now, name)
    ]
    for name in sorted(began_with.providers.keys() | now.providers.keys()):
        before, after = began_with.providers.get(name), now.providers.get(name)
        if not any(own is not None and own.enabled for own in (before, after)):
            continue
        if before is None or after is None:
            found.append(f"providers.{name}")
            continue
        found += [
            f"providers.{name}.{field}"
            for field in ProviderSettings.model_fields
            if field not in AT_ONCE and getattr(before, field) != getattr(after, field)
        ]
    return tuple(found)


def _change_limits(settings: Settings, accounts: AccountBook) -> list[str]:
    """Give each account its limits, and return the titles of those for which they are new."""
    models = settings.model_limits()
    return [
        account.provider.title
        for name, account in accounts.items()
        if (own := settings.providers.get(name)) is not None
        and account.limit(limits_of(own, account.provider), models[name])
    ]


def _adapt(settings: Settings, accounts: AccountBook) -> list[str]:
    """Give each account what else counts from the next call on, and return the titles of the changed."""
    return [
        account.provider.title
        for name, account in accounts.items()
        if name in settings.providers and account.adapt(settings.provider_named(name, {}))
    ]
