"""The accounts at all providers as a command finds them, without an engine."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

from tui.commands.opening import open_workspace
from tui.core.engine.account_book import AccountBook
from tui.core.engine.ledgers import open_ledgers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.engine.accounts import Account
    from tui.core.workspace import Options

PATIENCE_S = 5.0
"""How long a command waits for a quota that is shared."""


def find_accounts(options: Options) -> AccountBook:
    """Return the accounts as they are now. Raises Mistake for wrong settings."""
    workspace, settings = open_workspace(options)
    accounts = AccountBook(
        settings,
        {} if workspace.demo else os.environ,
        lambda _: None,
        open_ledgers(
            "memory" if workspace.demo else settings.ledger,
            workspace.state_dir,
            settings.ledger_processes,
        ),
        simulated=workspace.demo,
    )
    refresh(accounts)
    return accounts


def refresh(accounts: Mapping[str, Account]) -> None:
    """See what other processes have taken of each quota."""
    for account in accounts.values():
        for limiter in account.limiters:
            limiter.refresh()


async def hear(accounts: Mapping[str, Account]) -> None:
    """Wait until a server that shares the quotas has said what is left; not for ever."""
    give_up = time.monotonic() + PATIENCE_S
    while any(map(_unheard, accounts.values())) and time.monotonic() < give_up:
        await asyncio.sleep(0.005)
        refresh(accounts)


def _unheard(account: Account) -> bool:
    quota = account.limiter.snapshot()
    return account.shared and quota.source == "local" and not quota.problem
