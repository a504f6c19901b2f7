"""An event loop whose time is a number: it jumps to the next timer instead of sleeping."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextvars import Context

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class _Instant(selectors.SelectSelector):
    """A selector that hands the time it should wait to the loop, and never waits."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.loop.skip(timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Deterministic: time passes only when nothing else is left to do. `timers` counts `call_at`."""

    def __init__(self, start_ns: int = 1_000_000_000_000) -> None:
        selector = _Instant()
        selector.loop = self
        self.now_ns = start_ns
        """The limiter's clock; a test may move it on its own."""
        self._loop_ns = start_ns
        self.timers = 0
        self._turns = 0
        super().__init__(selector)

    def time(self) -> float:
        return self._loop_ns / 1e9

    def clock(self) -> int:
        return self.now_ns

    def skip(self, seconds: float | None) -> None:
        if seconds is None:
            raise RuntimeError("Everybody waits and no timer is set.")
        target = self._scheduled_ns() if seconds > 0 else self._loop_ns
        self._turns = 0 if target > self._loop_ns + 10_000 else self._turns + 1
        if self._turns > 20_000:
            raise RuntimeError("Timers go off again and again, and time does not pass.")
        self.now_ns += target - self._loop_ns
        self._loop_ns = target

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        self.timers += 1
        return super().call_at(when, callback, *args, context=context)

    def _scheduled_ns(self) -> int:
        when: float = self._scheduled[0].when()  # type: ignore[attr-defined]
        return max(self._loop_ns, round(when * 1e9))


def run(main: Coroutine[Any, Any, T], loop: VirtualLoop) -> T:
    """Run `main` to its end in virtual time, and fail if a task is left or anything went unhandled."""
    problems: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: problems.append(context))
    asyncio.set_event_loop(loop)
    try:
        result = loop.run_until_complete(main)
        left = asyncio.all_tasks(loop)
        assert not left, left
        assert not problems, problems
        return result
    finally:
        asyncio.set_event_loop(None)
        loop.close()
