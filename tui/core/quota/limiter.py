"""The limiter of one account: callers wait here, in order, until every limit has room for them."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tui.core.quota.clock import now_ns
from tui.core.quota.errors import (
    Closed,
    LimitError,
    QueueFull,
    QuotaError,
    QuotaExhausted,
    TooLarge,
    WouldExceedDeadline,
)
from tui.core.quota.grant import Grant
from tui.core.quota.limits import ONE, Cost, Limits
from tui.core.quota.meter import Meter
from tui.core.quota.queue import Priority, Waiter, WaitQueue
from tui.core.quota.rate import RateView
from tui.core.quota.snapshot import QuotaSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.quota.rate import RateFacts

LONG_HOLD_S = 120.0
"""A longer hold is an error for the caller rather than a wait (as the OpenAI SDK treats Retry-After)."""
_LONGEST_HOLD_S = 366 * 86400.0
_LONGEST_SLEEP_NS = 5_000_000_000
"""The loop's clock may stand still while the machine sleeps, ours does not: look again this often."""
_SLACK_NS = 1_000
"""So much later than due, since the loop counts in floating-point seconds."""


def _nothing() -> None:
    pass


class Limiter:
    """Grants calls as fast as `limits` allow and not faster; for one event loop (`snapshot` from anywhere).

    `clock` gives ns that never depend on the wall clock; `on_change` is called on the loop's thread after
    anything but the passing of time has changed the snapshot, and must not raise. At most `max_queue` calls
    wait.
    """

    def __init__(
        self,
        name: str,
        limits: Limits,
        *,
        clock: Callable[[], int] = now_ns,
        on_change: Callable[[], None] = _nothing,
        max_queue: int = 10_000,
    ) -> None:
        self.name = name
        self.limits = limits
        self._clock = clock
        self._on_change = on_change
        self._max_queue = max_queue
        self._meter = Meter(limits)
        self._queue = WaitQueue()
        self._last = clock()
        self._in_flight = 0
        self._hold: tuple[int, str] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: int | None = None
        self._closed = False
        self._facts = self._gather()
        self._picture: tuple[_Facts, QuotaSnapshot] | None = None

    async def acquire(
        self,
        *,
        requests: int = 1,
        input_tokens: int = 0,
        output_tokens: int = 0,
        priority: Priority = Priority.INTERACTIVE,
        timeout: float | None = None,
    ) -> Grant:
        """Return the leave for one call as soon as it is its turn and all limits have room for its cost.

        `timeout` is in seconds. Cancelling gives back everything. Raises LimitError (a figure is no whole
        number), TooLarge, WouldExceedDeadline (at once, if the timeout cannot be met), QueueFull,
        QuotaExhausted and Closed; a call that raises has changed nothing.
        """
        cost = _cost(requests, input_tokens, output_tokens)
        now = self._now()
        self._check(cost, now)
        if self._queue.goes_first(priority, now) and self._wait(now, cost, priority) == 0:
            return self._take(now, cost, now)
        waiter = self._join(now, cost, priority, timeout)
        try:
            return await waiter.future
        except asyncio.CancelledError:
            self._abandon(waiter)
            raise

    def try_acquire(
        self,
        *,
        requests: int = 1,
        input_tokens: int = 0,
        output_tokens: int = 0,
        priority: Priority = Priority.INTERACTIVE,
    ) -> Grant | None:
        """Return the leave for one call if it may go this instant, before nobody who waits; else None.

        Raises LimitError, TooLarge, QuotaExhausted and Closed as `acquire` does.
        """
        cost = _cost(requests, input_tokens, output_tokens)
        now = self._now()
        self._check(cost, now)
        if self._queue.goes_first(priority, now) and self._wait(now, cost, priority) == 0:
            return self._take(now, cost, now)
        return None

    def snapshot(self) -> QuotaSnapshot:
        """Return the gauge. Any thread may call it; it neither locks nor changes anything."""
        facts, picture = self._facts, self._picture
        if picture is not None and picture[0] is facts:
            return picture[1]
        snapshot = _snapshot(self.name, facts)
        self._picture = facts, snapshot
        return snapshot

    def hold(self, seconds: float, reason: str) -> None:
        """Let nothing go for so many seconds (or longer, if a longer hold is in force).

        Calls wait through a hold of up to 120 s; a longer one fails them with QuotaExhausted. Raises
        LimitError.
        """
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds < math.inf:
            raise LimitError("hold", f"A hold lasts a number of seconds above 0, not {seconds!r}.")
        now = self._now()
        until = now + int(min(seconds, _LONGEST_HOLD_S) * 1e9)
        if self._hold is None or until > self._hold[0]:
            self._hold = until, reason
        self._drop(now)
        self._pump()

    def resume(self) -> None:
        """End a hold."""
        self._hold = None
        self._pump()

    def reconfigure(self, limits: Limits) -> None:
        """Change the limits while running: what was used stays used, and who waits keeps its place."""
        now = self._now()
        self.limits = limits
        self._meter.reconfigure(now, limits)
        self._drop(now)
        self._pump()

    def close(self) -> None:
        """Fail everybody who waits, and everybody who comes later, with Closed."""
        self._closed = True
        self._drop(self._now())
        self._pump()

    def settle(self, grant: Grant, actual: Cost) -> None:
        """Correct what `grant` took to `actual`; called by the grant."""
        self._meter.settle(self._now(), grant.number, grant.cost, actual)
        grant.cost = actual
        self._pump()

    def released(self) -> None:
        """Count a call as ended; called by the grant."""
        self._in_flight -= 1
        self._pump()

    def _now(self) -> int:
        """Return the time; if it goes backwards, all moves with it: neither credit nor a wait arises."""
        now = self._clock()
        by = now - self._last
        if by < 0:
            self._meter.shift(by)
            self._queue.shift(by)
            if self._hold is not None:
                self._hold = self._hold[0] + by, self._hold[1]
        self._last = now
        return now

    def _check(self, cost: Cost, now: int) -> None:
        error = self._refusal(cost, now)
        if error is not None:
            raise error

    def _refusal(self, cost: Cost, now: int) -> QuotaError | None:
        """Return why a call of that cost cannot go, or not for long; None if it may wait."""
        if self._closed:
            return Closed(self.name)
        over = self._meter.over_limit(cost)
        if over is not None:
            kind, limit = over
            return TooLarge(self.name, kind.label, cost[kind], limit)
        hold = self._hold_in(now) / 1e9
        if self._hold is not None and hold > LONG_HOLD_S:
            until = datetime.now(UTC).astimezone() + timedelta(seconds=hold)
            return QuotaExhausted(self.name, until, self._hold[1])
        return None

    def _hold_in(self, now: int) -> int:
        return 0 if self._hold is None else max(0, self._hold[0] - now)

    def _wait(self, now: int, cost: Cost, priority: Priority) -> int | None:
        """Return the ns until the first in line may go; None if that takes the end of a running call."""
        most = self.limits.max_in_flight
        if most is not None and self._in_flight >= most:
            return None
        start = now if self._hold is None else max(now, self._hold[0])
        if priority is Priority.INTERACTIVE:
            return start - now + self._meter.wait(start, cost)
        wait = self._meter.wait(start, cost, reserve=True)
        if wait and self._queue:
            wait = min(wait, max(self._meter.wait(start, cost), self._queue.batch_ages_at - start))
        return start - now + wait

    def _eta(self, now: int, cost: Cost, priority: Priority) -> int:
        """Return the ns until a newcomer would go, as far as the rates decide it."""
        before = self._queue.cost_before(priority, now)
        start = now + self._hold_in(now)
        views = [RateView(*facts) for facts in self._meter.facts()]
        return (
            start - now + max(view.eta(start, before[view.spec.kind], cost[view.spec.kind]) for view in views)
        )

    def _take(self, now: int, cost: Cost, since: int) -> Grant:
        number = self._meter.take(now, cost, keep=self._in_flight > 0)
        self._in_flight += 1
        self._changed()
        return Grant(self, number, cost, (now - since) / 1e9)

    def _join(self, now: int, cost: Cost, priority: Priority, timeout: float | None) -> Waiter:
        if timeout is not None:
            eta = self._eta(now, cost, priority)
            if eta > timeout * 1e9:
                raise WouldExceedDeadline(self.name, eta / 1e9, timeout)
        if len(self._queue) >= self._max_queue:
            raise QueueFull(self.name, len(self._queue))
        future: asyncio.Future[Grant] = asyncio.get_running_loop().create_future()
        waiter = Waiter(future, cost, priority, now, timeout)
        self._queue.join(waiter)
        if self._queue.head(now) is waiter or waiter.deadline is not None:
            self._arm(now)
        self._changed()
        return waiter

    def _abandon(self, waiter: Waiter) -> None:
        """Undo a wait that was cancelled, be it before or after its grant."""
        if waiter in self._queue:
            self._queue.leave(waiter, self._now())
            self._pump()
        elif not waiter.future.cancelled() and waiter.future.exception() is None:
            waiter.future.result().release(sent=False)

    def _pump(self) -> None:
        """Let go who may go now, and see to it that the next one's time is not missed."""
        now = self._now()
        while (waiter := self._queue.head(now)) is not None:
            if self._wait(now, waiter.cost, waiter.priority) != 0:
                break
            self._queue.leave(waiter, now)
            if not waiter.future.done():
                waiter.future.set_result(self._take(now, waiter.cost, waiter.since))
        self._arm(now)
        self._changed()

    def _arm(self, now: int) -> None:
        """Set the one timer to when the first in line may go or the next deadline passes."""
        due = self._next_event(now)
        if self._timer is not None:
            if due == self._timer_at:
                return
            self._timer.cancel()
            self._timer = None
        if due is not None:
            loop = asyncio.get_running_loop()
            wait = min(max(0, due - now), _LONGEST_SLEEP_NS) + _SLACK_NS
            self._timer, self._timer_at = loop.call_at(loop.time() + wait / 1e9, self._due), due

    def _next_event(self, now: int) -> int | None:
        head = self._queue.head(now)
        if head is None:
            return None
        wait = self._wait(now, head.cost, head.priority)
        deadline = self._queue.next_deadline()
        if wait is None:
            return deadline
        return now + wait if deadline is None else min(now + wait, deadline)

    def _due(self) -> None:
        self._timer = None
        self._pump()
        deadline = self._queue.next_deadline()
        if deadline is not None and deadline <= self._last:
            self._drop(self._last)
            self._pump()

    def _drop(self, now: int) -> None:
        """Fail those waiters that have no hope any more, or none in time."""
        hold = self._hold_in(now)
        errors: dict[Waiter, QuotaError] = {}
        for waiter in self._queue.everyone():
            error = self._refusal(waiter.cost, now)
            if error is None and waiter.deadline is not None and waiter.deadline <= now + hold:
                error = WouldExceedDeadline(
                    self.name, (now - waiter.since + hold) / 1e9, waiter.timeout or 0.0
                )
            if error is not None:
                errors[waiter] = error
        for waiter, error in errors.items():
            self._queue.leave(waiter, now)
            if not waiter.future.done():
                waiter.future.set_exception(error)

    def _gather(self) -> _Facts:
        queue = self._queue.facts(self._last)
        return self.limits, self._meter.facts(), queue, self._in_flight, self._hold

    def _changed(self) -> None:
        self._facts = self._gather()
        self._on_change()


_Facts = tuple[Limits, tuple["RateFacts", ...], tuple[int, Cost, Cost, Cost], int, tuple[int, str] | None]
"""What a snapshot is made of, published as one object so that another thread never sees half a change."""


def _cost(requests: int, input_tokens: int, output_tokens: int) -> Cost:
    if requests == 1 and input_tokens == 0 == output_tokens and type(requests) is int:
        return ONE
    return Cost.of(requests, input_tokens, output_tokens)


def _snapshot(name: str, facts: _Facts) -> QuotaSnapshot:
    limits, rates, (waiting, head, before, last), in_flight, hold = facts
    return QuotaSnapshot(
        name=name,
        limits=limits,
        capacity=limits.requests_per_minute,
        rates=tuple(RateView(*rate) for rate in rates),
        waiting=waiting,
        in_flight=in_flight,
        hold_until_ns=hold[0] if hold else None,
        hold_reason=hold[1] if hold else "",
        source="local",
        head=head,
        ahead_of_last=before,
        last=last,
    )
