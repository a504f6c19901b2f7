"""Work that other threads hand to the engine's loop: every piece of it gets an answer, whatever happens."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


class EngineStopped(RuntimeError):
    """The engine does not take commands: it was not started, could not start, or has ended."""


class Inbox:
    """Takes work from any thread; what comes before `open` waits for it, what comes after `close` fails."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pending: set[Future[Any]] = set()
        self._ready = asyncio.Event()
        self._closed = False

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take work for this loop from now on, whether it runs already or not."""
        with self._lock:
            self._loop = loop

    def submit(self, work: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        """Run a coroutine on the loop; neither blocks nor raises: a refusal is in the future, EngineStopped.

        Cancelling the future cancels the coroutine.
        """
        future: Future[T]
        with self._lock:
            if self._loop is not None:
                future = asyncio.run_coroutine_threadsafe(self._carry_out(work), self._loop)
                self._pending.add(future)
                future.add_done_callback(self._pending.discard)
                return future
        future = Future()
        future.set_exception(_stopped())
        return future

    def open(self) -> None:
        """Begin with the work; on the loop."""
        self._ready.set()

    def close(self) -> None:
        """Take nothing more, and begin nothing that has not begun; on the loop."""
        with self._lock:
            self._loop = None
        self._closed = True
        self._ready.set()

    async def drain(self) -> None:
        """Wait, after `close`, until everything that was taken has been answered."""
        pending = [asyncio.wrap_future(future) for future in list(self._pending)]
        await asyncio.gather(*pending, return_exceptions=True)

    async def _carry_out(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        await self._ready.wait()
        if self._closed:
            raise _stopped()
        return await work()


def _stopped() -> EngineStopped:
    return EngineStopped("Penstock's engine is not running: it was not started, or it has ended.")
