"""The limiter of one account: callers wait here, in order, until every limit has room for them."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

from tui.core.quota.clock import now_ns
from tui.core.quota.errors import Closed, Dismissed, QuotaError
from tui.core.quota.grant import Grant
from tui.core.quota.ledger import Ledger, LocalLedger
from tui.core.quota.limits import NOTHING, Cost, Limits, cost_of, to_ns
from tui.core.quota.line import Line
from tui.core.quota.publication import Publication
from tui.core.quota.queue import Priority, Waiter

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.quota.meter import Meter, Take
    from tui.core.quota.snapshot import QuotaSnapshot

_LONGEST_SLEEP_NS = 5_000_000_000
"""The loop's clock may stand still while the machine sleeps, ours does not: look again this often."""
_SLACK_NS = 1_000
"""So much later than due, since the loop counts in floating-point seconds."""


def _nothing() -> None:
    pass


class Limiter:
    """Grants calls as fast as `limits` allow and not faster; for one event loop (`snapshot` from anywhere).

    `clock` gives ns that never depend on the wall clock, `wall` seconds since the epoch, `chance` numbers in
    [0, 1). `on_change` is called on the loop's thread after anything but the passing of time has changed the
    snapshot, and must not raise. At most `max_queue` calls wait. `ledger` keeps the state, and has the
    limits then.
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
        self._clock, self._chance = clock, chance
        self._last = clock()
        self._ledger = ledger or LocalLedger(limits)
        self._line = Line(name, wall, max_queue, shared=self._ledger.shared)
        self._changes: list[Callable[[Meter, int], None]] = []
        self._asking: list[Waiter] = []
        self._granted: list[tuple[Waiter, Grant]] = []
        self._failed: list[tuple[Waiter, QuotaError]] = []
        self._running = self._again = self._sweep = self._closed = False
        self._waking = 0
        """How many have their grant and have not gone on with it: nobody may overtake them."""
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: int | None = None
        self._shown = Publication(name, self._ledger, self._line, on_change, self._last)

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

        `timeout` is in seconds; 0 means now or not at all: it allows for the ledger's answer and no longer.
        Cancelling gives back everything. Raises LimitError (a figure is no whole number), TooLarge,
        WouldExceedDeadline (at once, if the timeout cannot be met), QueueFull, QuotaExhausted and Closed; a
        call that raises at once has changed nothing.
        """
        cost = cost_of(requests, input_tokens, output_tokens)
        grant = self._at_once(cost, priority)
        if grant is not None and not self._waking:
            return grant
        if grant is not None:
            return await self._after_others(grant)
        once = timeout == 0 and self._ledger.shared
        waiter = self._ask(cost, priority) if once else self._join(cost, priority, timeout)
        try:
            if waiter.future.done() and self._waking > 1:
                await asyncio.sleep(0)
            return await waiter.future
        except asyncio.CancelledError:
            self._abandon(waiter)
            raise
        finally:
            self._waking -= waiter.granted

    def try_acquire(
        self,
        *,
        requests: int = 1,
        input_tokens: int = 0,
        output_tokens: int = 0,
        priority: Priority = Priority.INTERACTIVE,
    ) -> Grant | None:
        """Return the leave for one call if it may go this instant, before nobody who waits; else None.

        A ledger that is elsewhere answers later than that: `acquire(timeout=0)` waits for its answer. Raises
        LimitError, TooLarge, QuotaExhausted and Closed as `acquire` does.
        """
        cost = cost_of(requests, input_tokens, output_tokens)
        grant = self._at_once(cost, priority)
        if grant is None and self._ledger.shared and self._line.queue.goes_first(priority, self._last):
            grant = self._attempt(cost, priority)
        return grant

    def snapshot(self) -> QuotaSnapshot:
        """Return the gauge. Any thread may call it; it neither locks nor changes anything."""
        return self._shown.snapshot()

    def refresh(self) -> None:
        """See what other processes did; to be called a few times a second while the gauge is in sight."""
        if self._closed or not self._ledger.refresh():
            return
        if self._line.queue:
            self._pump()
        else:  # to write now would be news for the others, whose answer would be news for us, and so on
            self._now()
            self._shown.publish_all(self._last)

    def beat(self) -> None:
        """Tell the other processes how many calls run here; to be called every few seconds."""
        ledger = self._ledger
        if ledger.shared and (ledger.meter.running or ledger.told_running):
            self._pump()

    def hold(self, seconds: float, reason: str) -> None:
        """Let nothing go for so many seconds (or longer, if a longer hold is in force).

        Calls wait through a hold of up to 120 s; a longer one fails them with QuotaExhausted.
        Raises LimitError.
        """
        length = to_ns("hold", seconds)
        self.apply(lambda meter, now: meter.brake.hold(now + length, reason), sweep=True)

    def resume(self) -> None:
        """End a hold."""
        self.apply(lambda meter, now: meter.resume(now))

    def refuse(self, number: int, retry_after_s: float | None, reason: str) -> None:
        """Hold everybody because the provider refused that take; called by its grant."""
        told = None if retry_after_s is None else to_ns("retry_after_s", retry_after_s) / 1e9
        chance = self._chance()
        self.apply(lambda meter, now: meter.refuse(now, number, told, reason, chance), sweep=True)

    def reconfigure(self, limits: Limits) -> None:
        """Change the limits while running: what was used stays used, and who waits keeps its place."""

        def change(meter: Meter, now: int) -> None:
            place, self._line.place = self._line.place, None
            if place is not None:  # taken at the old rate: the new one may have room long before
                meter.settle(now, place.take[0], place.cost, NOTHING)
            meter.reconfigure(now, limits)

        self.apply(change, sweep=True)

    def dismiss(self, reason: str) -> None:
        """Fail everybody who waits with Dismissed, whose words are `reason`; who comes later is served."""
        self._send_away(lambda: Dismissed(reason))

    def close(self) -> None:
        """Fail everybody who waits, and everybody who comes later, with Closed.

        So fails who was granted a call that the ledger has not kept yet: no call goes that nobody counts.
        """
        if self._closed:
            return
        unkept, self._granted = self._granted, []
        self._failed += [(waiter, Closed(self.name)) for waiter, _ in unkept]
        self._send_away(lambda: Closed(self.name))
        self._closed = True
        self._settle_futures()
        self._ledger.close(self._turn if self._changes else None)
        self._arm()
        self._shown.publish(self._last)

    async def closed(self) -> None:
        """Wait, after `close`, until the ledger has kept what it was told, or is lost."""
        await self._ledger.closed()

    def apply(self, change: Callable[[Meter, int], None], *, sweep: bool = False) -> None:
        """Change the state of the account, let go who may go then, and `sweep` out who cannot any more."""
        self._changes.append(change)
        self._sweep = self._sweep or sweep
        self._pump()

    def end_call(self, number: int) -> None:
        """Count the call of that take as ended; called by its grant."""
        meter = self._ledger.meter
        meter.running -= 1
        if meter.brake.refusals and number > meter.brake.settled_number:
            self.apply(lambda meter, _: meter.answered(number))
        elif self._line.queue.size or (self._ledger.shared and meter.limits.max_in_flight is not None):
            self._pump()
        else:
            self._shown.publish_end()

    def _now(self) -> int:
        """Return the time; if it goes backwards, all moves with it: neither credit nor a wait arises."""
        now = self._clock()
        by, self._last = now - self._last, now
        if by < 0:
            self._ledger.shift(by)
            self._line.queue.shift(by)
            self._shown.publish_all(now)
        return now

    def _at_once(self, cost: Cost, priority: Priority) -> Grant | None:
        """Take without a ledger's help where nobody else counts and nobody waits."""
        now = self._now()
        meter, line = self._ledger.meter, self._line
        if self._closed:
            raise Closed(self.name)
        error = line.refusal(meter, cost, now)
        if error is not None:
            raise error
        queue = line.queue
        if self._ledger.shared or (queue.size and not queue.goes_first(priority, now)):
            return None
        if line.wait(meter, now, cost, priority) != 0:
            return None
        take = line.take(meter, now, cost)
        meter.running += 1
        self._shown.publish_take(now)
        return Grant(self, take, cost, 0.0)

    def _attempt(self, cost: Cost, priority: Priority) -> Grant | None:
        """Take in a transaction of its own, if that can be had at once."""
        found: list[Take] = []
        wanted = True

        def attempt(meter: Meter, now: int) -> None:
            if wanted:
                take = self._line.take_at_once(meter, now, cost, priority)
                found.extend(() if take is None else (take,))

        self.apply(attempt)
        wanted = False
        return Grant(self, found[0], cost, 0.0) if found else None

    def _ask(self, cost: Cost, priority: Priority) -> Waiter:
        """Have the ledger's next change take for this call if nobody waits then and there is room."""
        waiter = Waiter(asyncio.get_running_loop().create_future(), cost, priority, self._last, 0.0)
        self._asking.append(waiter)
        self._pump()
        return waiter

    def _answer(self, meter: Meter, now: int) -> None:
        """Take for those who asked, in their order; or tell them no."""
        asking, self._asking = self._asking, []
        for waiter in asking:
            if waiter.future.done():
                continue
            error = self._line.refusal(meter, waiter.cost, now)
            if error is None:
                take = self._line.take_at_once(meter, now, waiter.cost, waiter.priority)
                if take is not None:
                    self._grant(waiter, take, now)
                    continue
                error = self._line.too_late(meter, waiter, now)
            self._failed.append((waiter, error))

    def _grant(self, waiter: Waiter, take: Take, now: int) -> None:
        self._granted.append((waiter, Grant(self, take, waiter.cost, (now - waiter.since) / 1e9)))

    async def _after_others(self, grant: Grant) -> Grant:
        """Let those go on first that were granted before, and have not run since."""
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            grant.release(sent=False)
            raise
        return grant

    def _join(self, cost: Cost, priority: Priority, timeout: float | None) -> Waiter:
        now = self._last
        waiter = Waiter(asyncio.get_running_loop().create_future(), cost, priority, now, timeout)
        self._line.join(self._ledger.meter, waiter)
        if self._line.queue.head(now) is waiter or waiter.deadline is not None:
            self._pump()
        else:
            self._shown.publish(self._last)
        return waiter

    def _send_away(self, error: Callable[[], QuotaError]) -> None:
        """Fail everybody who waits, each with an error of its own."""
        queue = self._line.queue
        asking, self._asking = self._asking, []
        self._failed += [(waiter, error()) for waiter in asking]
        for waiter in queue.everyone():
            queue.leave(waiter, self._last)
            self._failed.append((waiter, error()))
        self._pump()

    def _abandon(self, waiter: Waiter) -> None:
        """Undo a wait that was cancelled, be it before or after its grant."""
        if waiter in self._line.queue:
            self._line.queue.leave(waiter, self._now())
            self._pump()
        elif waiter.granted:
            waiter.future.result().release(sent=False)

    def _pump(self) -> None:
        """Let go who may go now, and see to it that the next one's time is not missed."""
        self._again = self._running
        if not self._running and not self._closed:
            self._running = True
            self._ledger.run(self._now(), self._turn, self._turned)

    def _turn(self, meter: Meter, now: int) -> None:
        """Make all changes that are due; the ledger keeps the result, and then calls `_turned`."""
        meter.recover(now)
        changes, self._changes = self._changes, []
        for change in changes:
            change(meter, now)
        if self._sweep:
            self._sweep = False
            self._failed += self._line.sweep(meter, now)
        granted, failed = self._line.serve(meter, now)
        self._failed += failed
        for waiter, take in granted:
            self._grant(waiter, take, now)
        self._answer(meter, now)

    def _turned(self) -> None:
        self._running = False
        self._settle_futures()
        self._arm()
        self._shown.publish_all(self._last)
        if self._again:
            self._pump()

    def _settle_futures(self) -> None:
        granted, self._granted = self._granted, []
        for waiter, grant in granted:
            if waiter.future.done():
                grant.release(sent=False)
            else:
                waiter.future.set_result(grant)
                self._waking += 1
        failed, self._failed = self._failed, []
        for waiter, error in failed:
            if not waiter.future.done():
                waiter.future.set_exception(error)

    def _arm(self) -> None:
        """Set the one timer to the line's next event."""
        due = self._line.next_event(self._ledger.meter, self._last)
        if self._timer is not None:
            if due == self._timer_at:
                return
            self._timer.cancel()
            self._timer = None
        head = self._line.queue.head(self._last)
        if head is not None and due is not None:
            loop = head.future.get_loop()
            wait = min(max(0, due - self._last), _LONGEST_SLEEP_NS) + _SLACK_NS
            self._timer, self._timer_at = loop.call_at(loop.time() + wait / 1e9, self._due), due

    def _due(self) -> None:
        self._timer = None
        deadline = self._line.queue.next_deadline()
        self._sweep = self._sweep or (deadline is not None and deadline <= self._now())
        self._pump()
