"""The limiter of one account: callers wait here, in order, until every limit has room for them."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, NamedTuple

from tui.core.quota.clock import now_ns
from tui.core.quota.day import today
from tui.core.quota.errors import Closed, QueueFull, QuotaError, WouldExceedDeadline
from tui.core.quota.grant import Grant
from tui.core.quota.ledger import Ledger, LocalLedger
from tui.core.quota.limits import Cost, Limits, cost_of, seconds
from tui.core.quota.queue import Priority, Waiter, WaitQueue
from tui.core.quota.rate import RateView
from tui.core.quota.refusal import refusal
from tui.core.quota.snapshot import Facts, QuotaSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.quota.meter import Meter

_LONGEST_SLEEP_NS = 5_000_000_000
"""The loop's clock may stand still while the machine sleeps, ours does not: look again this often."""
_SLACK_NS = 1_000
"""So much later than due, since the loop counts in floating-point seconds."""


def _nothing() -> None:
    pass


class _Place(NamedTuple):
    """A take in the future, made ahead of time for whoever of this process is next then."""

    number: int
    cost: Cost
    at: int
    priority: Priority
    taken: tuple[int, ...]


class Limiter:
    """Grants calls as fast as `limits` allow and not faster; for one event loop (`snapshot` from anywhere).

    `clock` gives ns that never depend on the wall clock, `wall` seconds since the epoch, `chance` numbers in
    [0, 1). `on_change` is called on the loop's thread after anything but the passing of time has changed the
    snapshot, and must not raise. At most `max_queue` calls wait.
    """

    def __init__(
        self,
        name: str,
        limits: Limits,
        *,
        clock: Callable[[], int] = now_ns,
        wall: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
        on_change: Callable[[], None] = _nothing,
        ledger: Ledger | None = None,
        max_queue: int = 10_000,
    ) -> None:
        self.name = name
        self.in_flight = 0
        self._clock, self._wall, self._chance = clock, wall, chance
        self._on_change = on_change
        self._max_queue = max_queue
        self._last = clock()
        self._ledger = ledger or LocalLedger(limits)
        self._queue = WaitQueue()
        self._changes: list[Callable[[Meter, int], None]] = []
        self._granted: list[tuple[Waiter, Grant]] = []
        self._failed: list[tuple[Waiter, QuotaError]] = []
        self._place: _Place | None = None
        self._running = self._again = self._sweep = self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: int | None = None
        self._facts = self._gather()
        self._picture: tuple[Facts, QuotaSnapshot] | None = None

    @property
    def limits(self) -> Limits:
        """The limits as configured."""
        return self._ledger.meter.limits

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
        QuotaExhausted and Closed; a call that raises at once has changed nothing.
        """
        cost = cost_of(requests, input_tokens, output_tokens)
        grant = self._at_once(cost, priority)
        if grant is not None:
            return grant
        waiter = self._join(cost, priority, timeout)
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
        return self._at_once(cost_of(requests, input_tokens, output_tokens), priority)

    def snapshot(self) -> QuotaSnapshot:
        """Return the gauge. Any thread may call it; it neither locks nor changes anything."""
        facts, picture = self._facts, self._picture
        if picture is not None and picture[0] is facts:
            return picture[1]
        snapshot = QuotaSnapshot.of(self.name, facts)
        self._picture = facts, snapshot
        return snapshot

    def hold(self, seconds_: float, reason: str) -> None:
        """Let nothing go for so many seconds (or longer, if a longer hold is in force).

        Calls wait through a hold of up to 120 s; a longer one fails them with QuotaExhausted.
        Raises LimitError.
        """
        length = seconds("hold", seconds_)
        self.apply(lambda meter, now: meter.brake.hold(now + length, reason), sweep=True)

    def resume(self) -> None:
        """End a hold."""
        self.apply(lambda meter, _: meter.brake.resume())

    def refuse(self, number: int, retry_after_s: float | None, reason: str) -> None:
        """Hold everybody because the provider refused that take; called by its grant."""
        told = None if retry_after_s is None else seconds("retry_after_s", retry_after_s) / 1e9
        chance = self._chance()
        self.apply(lambda meter, now: meter.refuse(now, number, told, reason, chance), sweep=True)

    def reconfigure(self, limits: Limits) -> None:
        """Change the limits while running: what was used stays used, and who waits keeps its place."""
        self.apply(lambda meter, now: meter.reconfigure(now, limits), sweep=True)

    def close(self) -> None:
        """Fail everybody who waits, and everybody who comes later, with Closed."""
        self._closed = True
        for waiter in self._queue.everyone():
            self._queue.leave(waiter, self._last)
            self._failed.append((waiter, Closed(self.name)))
        self._settle_futures()
        self._ledger.close()
        self._arm()
        self._changed()

    def apply(self, change: Callable[[Meter, int], None], *, sweep: bool = False) -> None:
        """Change the state of the account, let go who may go then, and `sweep` out who cannot any more."""
        self._changes.append(change)
        self._sweep = self._sweep or sweep
        self._pump()

    def end_call(self) -> None:
        """Count a call as ended; called by its grant."""
        self.in_flight -= 1
        if self._queue or self._ledger.shared:
            self._pump()
        else:
            self._changed()

    def _now(self) -> int:
        """Return the time; if it goes backwards, all moves with it: neither credit nor a wait arises."""
        now = self._clock()
        by = now - self._last
        if by < 0:
            self._ledger.shift(by)
            self._queue.shift(by)
        self._last = now
        return now

    def _at_once(self, cost: Cost, priority: Priority) -> Grant | None:
        now = self._now()
        meter = self._ledger.meter
        error = self._refusal(meter, cost, now)
        if error is not None:
            raise error
        if not self._queue.goes_first(priority, now):
            return None
        if self._wait(meter, now, cost, priority) != 0:
            return None
        grant = self._take(meter, now, cost, now)
        self._changed()
        return grant

    def _refusal(self, meter: Meter, cost: Cost, now: int) -> QuotaError | None:
        if self._closed:
            return Closed(self.name)
        return refusal(self.name, meter, cost, now, self._wall)

    def _wait(self, meter: Meter, now: int, cost: Cost, priority: Priority) -> int | None:
        """Return the ns until the first in line may go; None if that takes the end of a running call."""
        most = meter.limits.max_in_flight
        if most is not None and self.in_flight >= most:
            return None
        if priority is Priority.INTERACTIVE:
            return meter.wait(now, cost)
        wait = meter.wait(now, cost, reserve=True)
        if wait and self._queue:
            wait = min(wait, max(meter.wait(now, cost), self._queue.batch_ages_at - now))
        return wait

    def _eta(self, meter: Meter, now: int, cost: Cost, priority: Priority) -> int:
        """Return the ns until a newcomer would go, as far as the rates decide it."""
        before = self._queue.cost_before(priority, now)
        start = max(now, meter.brake.until)
        views = [RateView(*facts) for facts in meter.facts()]
        wait = max(view.eta(start, before[view.spec.kind], cost[view.spec.kind]) for view in views)
        return start - now + wait

    def _take(self, meter: Meter, now: int, cost: Cost, since: int) -> Grant:
        number = meter.take(now, cost, keep=self.in_flight > 0, day=self._day(meter))
        self.in_flight += 1
        return Grant(self, number, cost, meter.taken(), (now - since) / 1e9)

    def _day(self, meter: Meter) -> int | None:
        return None if meter.limits.requests_per_day is None else today(meter.limits, self._wall()).number

    def _join(self, cost: Cost, priority: Priority, timeout: float | None) -> Waiter:
        now = self._last
        if timeout is not None:
            eta = self._eta(self._ledger.meter, now, cost, priority)
            if eta > timeout * 1e9:
                raise WouldExceedDeadline(self.name, eta / 1e9, timeout)
        if len(self._queue) >= self._max_queue:
            raise QueueFull(self.name, len(self._queue))
        waiter = Waiter(asyncio.get_running_loop().create_future(), cost, priority, now, timeout)
        self._queue.join(waiter)
        if self._queue.head(now) is waiter or waiter.deadline is not None:
            self._pump()
        else:
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
        self._again = True
        while self._again and not self._running and not self._closed:
            self._running, self._again = True, False
            self._ledger.run(self._now(), self._turn, self._turned)

    def _turn(self, meter: Meter, now: int) -> None:
        """Make all changes that are due; the ledger keeps the result, and then calls `_turned`."""
        meter.recover(now)
        changes, self._changes = self._changes, []
        for change in changes:
            change(meter, now)
        if self._sweep:
            self._sweep_queue(meter, now)
        while (waiter := self._queue.head(now)) is not None:
            error = self._refusal(meter, waiter.cost, now)
            if error is None:
                if self._wait(meter, now, waiter.cost, waiter.priority) != 0:
                    break
                self._granted.append((waiter, self._take(meter, now, waiter.cost, waiter.since)))
            else:
                self._failed.append((waiter, error))
            self._queue.leave(waiter, now)

    def _turned(self) -> None:
        self._running = False
        self._settle_futures()
        self._arm()
        self._changed()

    def _settle_futures(self) -> None:
        granted, self._granted = self._granted, []
        for waiter, grant in granted:
            if waiter.future.done():
                grant.release(sent=False)
            else:
                waiter.future.set_result(grant)
        failed, self._failed = self._failed, []
        for waiter, error in failed:
            if not waiter.future.done():
                waiter.future.set_exception(error)

    def _sweep_queue(self, meter: Meter, now: int) -> None:
        """Fail those waiters that have no hope any more, or none in time."""
        self._sweep = False
        start = max(now, meter.brake.until)
        for waiter in self._queue.everyone():
            error = self._refusal(meter, waiter.cost, now)
            if error is None and waiter.deadline is not None and waiter.deadline <= start:
                error = WouldExceedDeadline(self.name, (start - waiter.since) / 1e9, waiter.timeout or 0.0)
            if error is not None:
                self._queue.leave(waiter, now)
                self._failed.append((waiter, error))

    def _arm(self) -> None:
        """Set the one timer to when the first in line may go or the next deadline passes."""
        head = self._queue.head(self._last)
        due = None if head is None else self._next_event(head, self._last)
        if self._timer is not None:
            if due == self._timer_at:
                return
            self._timer.cancel()
            self._timer = None
        if head is not None and due is not None:
            loop = head.future.get_loop()
            wait = min(max(0, due - self._last), _LONGEST_SLEEP_NS) + _SLACK_NS
            self._timer, self._timer_at = loop.call_at(loop.time() + wait / 1e9, self._due), due

    def _next_event(self, head: Waiter, now: int) -> int | None:
        wait = self._wait(self._ledger.meter, now, head.cost, head.priority)
        deadline = self._queue.next_deadline()
        if wait is None:
            return deadline
        return now + wait if deadline is None else min(now + wait, deadline)

    def _due(self) -> None:
        self._timer = None
        deadline = self._queue.next_deadline()
        self._sweep = deadline is not None and deadline <= self._now()
        self._pump()

    def _gather(self) -> Facts:
        meter = self._ledger.meter
        brake = meter.brake
        return Facts(
            meter.limits,
            meter.facts(),
            self._queue.facts(self._last),
            self.in_flight,
            brake.until,
            brake.reason,
            brake.factor,
            meter.stated,
            self._ledger.source,
        )

    def _changed(self) -> None:
        self._facts = self._gather()
        self._on_change()
