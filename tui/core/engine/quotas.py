"""A provider's quota by command: holds, limits, and what went there lately."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import concurrent.futures

    from tui.core.engine.configuring import Configuring
    from tui.core.engine.reach import Reach
    from tui.core.store.traffic import Traffic

LOOK_BACK = timedelta(hours=1)


class Quotas:
    """For any thread; `Engine.resume` ends a hold."""

    def __init__(self, reach: Reach, settings: Configuring) -> None:
        self._reach = reach
        self._settings = settings

    def hold(self, provider: str, seconds: float, reason: str) -> None:
        """Let nobody call the provider for so long, all its models included."""

        async def hold() -> None:
            for limiter in self._reach.account(provider).limiters:
                limiter.hold(seconds, reason)

        self._reach.command(hold)

    def traffic(self, provider: str) -> concurrent.futures.Future[Traffic]:
        """Return what went to the provider in the last hour, minute by minute."""

        async def read() -> Traffic:
            from tui.core.store.traffic import traffic

            now = datetime.now(UTC)
            return await self._reach.shelf().database.read(traffic, provider, now - LOOK_BACK, now)

        return self._reach.submit(read)

    def set_limit(
        self, provider: str, field: str, value: int | str | None, model: str | None = None
    ) -> concurrent.futures.Future[None]:
        """Write a limit into the settings, from where it comes into force; None takes it out.

        The future raises SettingsError and OSError, and then nothing has changed.
        """
        keys = ["providers", provider, *(["models", model] if model else []), "limits", field]
        return self._settings.change(keys, value)
