"""What was done by command and can be taken back, the last first."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tui.core.engine.reach import Reach

_KEPT = 100


class NotTakenBack(Exception):
    """What was done cannot be taken back any more; the message says why."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking back has done, as a sentence, and the version that it concerns."""

    said: str
    key: tuple[str, int] | None = None


class Done(Protocol):
    """One thing that was done."""

    async def take_back(self, reach: Reach) -> Undone:
        """Undo it; raises NotTakenBack, and then changes nothing."""
        ...


class Journal:
    """For the engine's loop; it lasts as long as the process."""

    def __init__(self) -> None:
        self._done: list[Done] = []
        self.turn = asyncio.Lock()
        """Held by each command from its beginning to its note, so that they are done in their order."""

    def note(self, done: Done) -> None:
        """Remember what was done."""
        self._done = [*self._done[-_KEPT + 1 :], done]

    async def take_back(self, reach: Reach) -> Undone:
        """Undo the last thing that was done; what cannot be undone is forgotten. Raises NotTakenBack."""
        if not self._done:
            raise NotTakenBack("There is nothing to undo.")
        return await self._done.pop().take_back(reach)
