"""Keeps this process and the others that share its quotas informed of each other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.core.engine.events import Event, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tui.core.engine.accounts import Account
    from tui.core.engine.resumption import Resumption

LOOK_S = 0.25
"""So often it is seen what others did, while somebody watches."""
BEAT_S = 10.0
"""So often the others are told what runs here: who is silent for 30 s counts as gone."""


async def keep_in_touch(
    accounts: Collection[Account],
    publish: Callable[[Event], None],
    watched: Callable[[], bool],
    resumption: Resumption,
) -> None:
    """Look at the ledgers while `watched()`, tell others of the calls in flight, until cancelled.

    That a quota is not shared, or is so again, is published as a Notice once. A provider that was stopped is
    called again when another process says so.
    """
    clock = asyncio.get_running_loop().time
    told: set[str] = set()
    beat_at = clock() + BEAT_S
    while True:
        told = _tell_problems(accounts, publish, told)
        shared = [account for account in accounts if account.shared]
        await asyncio.sleep(LOOK_S if shared and watched() else BEAT_S / 4)
        for account in accounts:
            if account.stopped_at and resumption.told(account.provider.name) > account.stopped_at:
                account.allow_calls()
        if watched():
            for account in shared:
                for limiter in account.limiters:
                    limiter.refresh()
        if clock() >= beat_at:
            beat_at = clock() + BEAT_S
            for account in shared:
                for limiter in account.limiters:
                    limiter.beat()


def _tell_problems(
    accounts: Collection[Account], publish: Callable[[Event], None], told: set[str]
) -> set[str]:
    """Publish the problems that were not told before; return those that there are."""
    problems = {account.problem for account in accounts} - {""}
    for problem in sorted(problems - told):
        meanwhile = {account.meanwhile for account in accounts if account.problem == problem}
        rate = meanwhile.pop() if len(meanwhile) == 1 else "This process keeps to its share of each limit."
        publish(Notice(f"{problem} {rate}", "warning"))
    if told and not problems:
        publish(Notice("The quota is shared with other processes again."))
    return problems
