"""Who may go: the waiting line against what the account has left, without futures, timers or clocks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tui.core.quota.day import DayFacts, today
from tui.core.quota.errors import QueueFull, QuotaError, WouldExceedDeadline
from tui.core.quota.limits import Cost, turns_of_others
from tui.core.quota.queue import AGE_NS, Priority, Waiter, WaitQueue
from tui.core.quota.rate import RateView
from tui.core.quota.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.quota.meter import Meter, Take

_LATE_NS = 50_000_000
"""A place may be used so much later than its time, or by half the margin: the other half is the network's."""
_LOOK_NS = 10_000_000, 250_000_000
"""While too many are in flight: so soon, then ever more seldom, one looks whether another call has ended."""


class Place(NamedTuple):
    """A take in the future, made ahead of time for whoever of this process is next then."""

    take: Take
    at: int
    cost: Cost
    priority: Priority
    before: tuple[tuple[int, int], ...]
    """The TATs of each rate before the take and after it."""


class Outcome(NamedTuple):
    """Who goes, and who never will."""

    granted: list[tuple[Waiter, Take]]
    failed: list[tuple[Waiter, QuotaError]]


class Line:
    """The waiters of an account, and the place in the line of all processes that the first of them holds.

    `shared` says that other processes take from the same meter; then the first in line takes its place ahead
    of time, which gives every process its turn. `wall` gives seconds since the epoch.
    """

    def __init__(self, name: str, wall: Callable[[], float], max_queue: int, *, shared: bool) -> None:
        self.queue = WaitQueue()
        self.refusal = partial(refusal, name, wall)
        """Of meter, cost and time: the error of such a call, None if it may wait for its turn."""
        self.place: Place | None = None
        self._yields_since: int | None = None
        self._full_since: int | None = None
        self._name, self._wall, self._max_queue, self._shared = name, wall, max_queue, shared

    def day(self, meter: Meter, now: int) -> DayFacts:
        """Return what is left of the day's limit."""
        wall = self._wall()
        day = today(meter.limits, wall)
        left, whole = meter.left_on(day.number) or 0, meter.left_on(day.number + 1) or 0
        return DayFacts(left, whole, now + int((day.ends.timestamp() - wall) * 1e9))

    def wait(self, meter: Meter, now: int, cost: Cost, priority: Priority) -> int | None:
        """Return the ns until the first in line may go; None if that takes the end of a running call."""
        if meter.limits.max_in_flight is not None and not meter.room_in_flight(now):
            return None
        if priority is Priority.INTERACTIVE:
            return meter.wait(now, cost)
        wait = meter.wait(now, cost, reserve=True)
        if wait and self.queue:
            wait = min(wait, max(meter.wait(now, cost), self.queue.batch_ages_at - now))
        return wait

    def take(self, meter: Meter, at: int, cost: Cost) -> Take:
        """Take for a call that goes at `at`, which is not in flight yet."""
        limits = meter.limits
        day = None if limits.requests_per_day is None else today(limits, self._wall()).number
        meter.take(at, cost, keep=self._shared or meter.running > 0, day=day)
        if self._shared:
            meter.turns.take(cost.requests * meter.rates[0].spec.bucket.interval_ns)
            self._yields_since = self._full_since = None
        return meter.latest[-1]

    def take_at_once(self, meter: Meter, now: int, cost: Cost, priority: Priority) -> Take | None:
        """Take for a newcomer if nobody is before it and it may go now."""
        if not self.queue.goes_first(priority, now) or self.wait(meter, now, cost, priority) != 0:
            return None
        take = self.take(meter, now, cost)
        meter.running += 1
        return take

    def too_late(self, meter: Meter, waiter: Waiter, now: int) -> WouldExceedDeadline:
        """Return the error of a newcomer who cannot wait for as long as it would take."""
        eta = self._eta(meter, now, waiter.cost, waiter.priority)
        return WouldExceedDeadline(self._name, eta / 1e9, waiter.timeout or 0.0)

    def join(self, meter: Meter, waiter: Waiter) -> None:
        """Put a newcomer at its end; raises WouldExceedDeadline and QueueFull."""
        now = waiter.since
        if waiter.timeout is not None:
            eta = self._eta(meter, now, waiter.cost, waiter.priority)
            if eta > waiter.timeout * 1e9:
                raise WouldExceedDeadline(self._name, eta / 1e9, waiter.timeout)
        if len(self.queue) >= self._max_queue:
            raise QueueFull(self._name, len(self.queue))
        self.queue.join(waiter)

    def serve(self, meter: Meter, now: int) -> Outcome:
        """Take for everybody who may go now, and take out who cannot any more."""
        outcome = Outcome([], [])
        if self._shared:
            meter.turns.pass_time(now)
        self._keep_place(meter, now)
        while (waiter := self.queue.head(now)) is not None:
            error = self._hopeless(meter, waiter, now)
            if error is None:
                take = self._next(meter, now, waiter)
                if take is None:
                    break
                meter.running += 1
                outcome.granted.append((waiter, take))
            else:
                outcome.failed.append((waiter, error))
            self.queue.leave(waiter, now)
        meter.waiting = len(self.queue)
        return outcome

    def sweep(self, meter: Meter, now: int) -> list[tuple[Waiter, QuotaError]]:
        """Take out those who have no hope any more, or none in time."""
        failed: list[tuple[Waiter, QuotaError]] = []
        start = max(now, meter.brake.until)
        self._keep_place(meter, now)
        for waiter in self.queue.everyone():
            error = self._hopeless(meter, waiter, now)
            if error is None and waiter.deadline is not None and waiter.deadline <= start:
                error = WouldExceedDeadline(self._name, (start - waiter.since) / 1e9, waiter.timeout or 0.0)
            if error is not None:
                self.queue.leave(waiter, now)
                failed.append((waiter, error))
        return failed

    def next_event(self, meter: Meter, now: int) -> int | None:
        """Return when the first in line may go or the next deadline passes; None if time brings neither."""
        head = self.queue.head(now)
        if head is None:
            return None
        deadline = self.queue.next_deadline()
        wait = self.wait(meter, now, head.cost, head.priority)
        if wait is None:
            due = self._next_look(now) if self._shared else None
        elif self.place is None:
            reserves = self._shared and self._yields_since is None
            due = max(now, meter.brake.until) if reserves else now + wait
        else:
            due = self.place.at
        return min((at for at in (due, deadline) if at is not None), default=None)

    def _hopeless(self, meter: Meter, waiter: Waiter, now: int) -> QuotaError | None:
        """Return why that one will never go; whose place is taken will, though it was the day's last."""
        placed = self.place is not None and waiter is self.queue.head(now)
        return None if placed else self.refusal(meter, waiter.cost, now)

    def _next(self, meter: Meter, now: int, waiter: Waiter) -> Take | None:
        """Take for the first in line if it may go; else take its place ahead of time, if shared."""
        wait = self.wait(meter, now, waiter.cost, waiter.priority)
        if wait is None:
            return None
        if self.place is not None:
            if now < self.place.at:
                return None
            take, self.place = self.place.take, None
            return take
        if wait == 0:
            return self.take(meter, now, waiter.cost)
        if self._shared and meter.brake.until <= now and not self._yields(meter, now):
            # (nobody knows what comes after a hold)
            tats = [rate.tat for rate in meter.rates]
            take = self.take(meter, now + wait, waiter.cost)
            before = tuple(zip(tats, [rate.tat for rate in meter.rates], strict=True))
            self.place = Place(take, now + wait, waiter.cost, waiter.priority, before)
        return None

    def _next_look(self, now: int) -> int:
        """Return when to look again, after as long as it has been in vain, within bounds."""
        if self._full_since is None:
            self._full_since = now
        soonest, latest = _LOOK_NS
        return now + min(max(soonest, now - self._full_since), latest)

    def _yields(self, meter: Meter, now: int) -> bool:
        """Return whether others go first that wait and have had less: they take places, this one the rest.

        If they leave, or die, it goes at the time at which it would have gone anyway. Once it has yielded for
        as long as a batch call does, it takes a place.
        """
        if not meter.yields(now):
            self._yields_since = None
        elif self._yields_since is None:
            self._yields_since = now
        return self._yields_since is not None and now < self._yields_since + AGE_NS

    def _keep_place(self, meter: Meter, now: int) -> None:
        """Give back a place that a hold has overtaken, or that no longer suits who is first, or the time."""
        place, head = self.place, self.queue.head(now)
        if place is None:
            return
        suits = head is not None and (head.cost, head.priority) == (place.cost, place.priority)
        late = now > place.at + max(_LATE_NS, meter.rates[0].spec.margin_ns // 2)
        if not suits or late or meter.brake.until > place.at:
            self.place = None
            meter.undo(now, place.take[0], place.cost, place.before)

    def _eta(self, meter: Meter, now: int, cost: Cost, priority: Priority) -> int:
        """Return the ns until a newcomer would go, as far as the rates decide it."""
        before = self.queue.cost_before(priority, now)
        if self.place is not None and before.requests:
            before = before.minus(self.place.cost)  # taken already, by the first in line
        if meter.processes:
            others = [waiting - 1 for waiting in meter.others_waiting(now) if waiting]
            before = before.plus(turns_of_others(len(self.queue), others))
        start = max(now, meter.brake.until)
        views = map(RateView.of, meter.facts())
        wait = max(view.eta(start, before[view.spec.kind], cost[view.spec.kind]) for view in views)
        return start - now + wait
