"""The one way from the engine's threads to the screen: events are coalesced, the latest of each key wins."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from tui.core.engine.events import Event, RunChanged

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from tui.core.engine.engine import Engine

STREAM_INTERVAL_S = 1 / 30
"""Running answers are brought to the screen at most this often; everything else at once."""


@dataclass
class EngineNews(Message):
    """What changed in the engine since the last time, in order, each key once."""

    events: Sequence[Event]


class Bridge:
    """Made on the screen's loop; an engine never waits for it, however slow the terminal is."""

    def __init__(self, engine: Engine, deliver: Callable[[EngineNews], object]) -> None:
        self._loop = asyncio.get_running_loop()
        self._deliver = deliver
        self._lock = threading.Lock()
        self._pending: dict[Hashable, Event] = {}
        self._urgent = False
        self._timer: asyncio.TimerHandle | None = None
        self._unsubscribe = engine.subscribe(self._note)

    def close(self) -> None:
        """Hear no more."""
        self._unsubscribe()

    def _note(self, event: Event) -> None:
        """Called on the engine's threads."""
        urgent = not isinstance(event, RunChanged) or event.state.over
        with self._lock:
            wake = not self._pending or (urgent and not self._urgent)
            self._pending.pop(event.key, None)  # so that it takes its place at the end
            self._pending[event.key] = event
            self._urgent |= urgent
        if wake:
            try:
                self._loop.call_soon_threadsafe(self._wake)
            except RuntimeError:
                self._unsubscribe()  # the screen's loop has ended

    def _wake(self) -> None:
        with self._lock:
            urgent = self._urgent
        if urgent:
            self._drain()
        elif self._timer is None:
            self._timer = self._loop.call_later(STREAM_INTERVAL_S, self._drain)

    def _drain(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        with self._lock:
            events, self._pending, self._urgent = list(self._pending.values()), {}, False
        if events:
            self._deliver(EngineNews(events))
