"""The cells of one provider on their way: a few wait for its quota, and no more than that are prepared."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.core.engine.events import RunState

AHEAD = 8
"""How many wait for a quota at once: enough that it is never idle, few enough that memory does not grow."""
MOST = 256
"""How many may be under way, answers and judges included."""


class Lane:
    """Lets the next cell begin when it is its turn; for one loop."""

    def __init__(self) -> None:
        self._waiting: set[str] = set()
        self._under_way = 0
        self._news = asyncio.Event()

    async def room(self) -> None:
        """Wait until another cell may begin."""
        while len(self._waiting) >= AHEAD or self._under_way >= MOST:
            self._news.clear()
            await self._news.wait()

    def enter(self) -> None:
        """Count a cell as begun."""
        self._under_way += 1

    def leave(self) -> None:
        """Count a cell as ended."""
        self._under_way -= 1
        self._news.set()

    def follow(self, state: RunState) -> None:
        """Note whether a run waits for the quota; one that pauses before it is sent again does not."""
        if state.status == "waiting" and state.pause is None:
            self._waiting.add(state.id)
        elif state.id in self._waiting:
            self._waiting.remove(state.id)
            self._news.set()
