"""What the screen wants to find again at the next start, kept in the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Mapping

    from tui.core.engine.reach import Reach

VALUES = "values/"
"""Begins the key, which goes on with the prompt's name, of what was typed for its values."""


class Memory:
    """For any thread; values are what JSON can express."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def keep(self, values: Mapping[str, Any]) -> None:
        """Keep each value under its key; None forgets the key. A failure is published as a Notice."""

        async def keep() -> None:
            from tui.core.store import memory

            await self._reach.shelf().database.write(memory.remember, values, datetime.now(UTC))

        self._reach.command(keep)

    def find(self, prefix: str = "") -> concurrent.futures.Future[dict[str, Any]]:
        """Return what is kept under the keys that begin with `prefix`."""

        async def find() -> dict[str, Any]:
            from tui.core.store import memory

            return await self._reach.shelf().database.read(memory.remembered, prefix)

        return self._reach.submit(find)
