"""The models that each provider offers, asked for when somebody needs to know and kept for a while.

A request for a list makes no model work, and no vendor counts it against the limits that a bucket stands
for (those are of generation, a model at a time): it takes nothing from the bucket. It is not sent just to
help with an error while the provider holds us.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tui.core.providers.errors import ProviderError
from tui.core.providers.models import nearest
from tui.core.providers.sentences import about_no_model
from tui.core.quota.clock import now_ns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.engine.accounts import Account
    from tui.core.providers.client import Client

KEPT_S = 600.0
PATIENCE_S = 3.0
"""How long a run that failed waits for names to suggest."""

Found = tuple[str, ...] | ProviderError


class ModelLists:
    """Used from the engine's loop only; `clock` gives seconds from any origin."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._kept: dict[tuple[str, str], tuple[float, Found]] = {}
        self._asking: dict[tuple[str, str], asyncio.Lock] = {}

    async def names(self, account: Account) -> tuple[str, ...]:
        """Return the names as a request takes them. Raises ProviderError."""
        account.need_leave()
        return await self._ask(account)

    async def only(self, account: Account) -> str:
        """Return the one model that a server of the user's offers; raises ProviderError, also for several."""
        names = await self.recently(account)
        if len(names) == 1:
            return names[0]
        provider = account.provider
        raise ProviderError("bad_request", about_no_model(provider, names), provider=provider.name)

    async def suggestion(self, account: Account, model: str) -> str:
        """Return ` Did you mean …?` with the names nearest to `model`, or nothing; never raises."""
        if account.limiter.snapshot().hold_in(now_ns()) > 0:
            return ""
        try:
            async with asyncio.timeout(PATIENCE_S):
                names = nearest(model, await self.recently(account))
        except Exception:  # noqa: BLE001 - the error that this is to help with must not become another one
            return ""
        return f" Did you mean {' or '.join(map(repr, names))}?" if names and model not in names else ""

    async def recently(self, account: Account) -> tuple[str, ...]:
        """Return the names as heard some minutes ago or now; who asks meanwhile waits for the same answer.

        Raises ProviderError.
        """
        key = account.provider.name, account.provider.base_url
        async with self._asking.setdefault(key, asyncio.Lock()):
            at, found = self._kept.get(key, (-KEPT_S, ()))
            if self._clock() - at >= KEPT_S:
                try:
                    found = await self._ask(account)
                except ProviderError as error:
                    self._kept[key] = self._clock(), error
                    raise
        if isinstance(found, ProviderError):
            raise found
        return found

    async def _ask(self, account: Account) -> tuple[str, ...]:
        names = await self._client.models(account.provider, account.credentials)
        self._kept[account.provider.name, account.provider.base_url] = self._clock(), names
        return names
