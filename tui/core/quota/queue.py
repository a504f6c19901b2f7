"""Who waits for a quota and who is next: first come, first served in a class, interactive before batch."""

from __future__ import annotations

import heapq
from collections import OrderedDict
from enum import IntEnum
from typing import TYPE_CHECKING

from tui.core.quota.limits import NOTHING, ONE, Cost

if TYPE_CHECKING:
    from asyncio import Future

    from tui.core.quota.grant import Grant

AGE_NS = 30_000_000_000
"""A batch call that has been the first of its class for so long goes before interactive ones."""
_NOBODY = (0, ONE, NOTHING, NOTHING)


class Priority(IntEnum):
    """The class of a call: a person waits for INTERACTIVE, nobody in particular for BATCH."""

    INTERACTIVE = 0
    BATCH = 1


class Waiter:
    """A call that waits, and the future that its grant resolves; times are in ns."""

    __slots__ = ("cost", "deadline", "future", "priority", "since", "timeout")

    def __init__(
        self, future: Future[Grant], cost: Cost, priority: Priority, since: int, timeout: float | None
    ) -> None:
        self.future, self.cost, self.priority, self.since = future, cost, priority, since
        self.timeout = timeout
        self.deadline = None if timeout is None else since + int(timeout * 1e9)

    @property
    def granted(self) -> bool:
        """Whether it has its grant."""
        return self.future.done() and not self.future.cancelled() and self.future.exception() is None


class WaitQueue:
    """The waiters of each class in order of arrival; joining, and leaving from anywhere, is O(1)."""

    def __init__(self) -> None:
        self._interactive: OrderedDict[Waiter, None] = OrderedDict()
        self._batch: OrderedDict[Waiter, None] = OrderedDict()
        self._costs = {Priority.INTERACTIVE: NOTHING, Priority.BATCH: NOTHING}
        self._deadlines: list[tuple[int, int, Waiter]] = []
        self._joined = 0
        self._batch_since = 0
        self.size = 0
        """How many wait."""

    def __len__(self) -> int:
        return self.size

    def __contains__(self, waiter: Waiter) -> bool:
        return waiter in self._class(waiter.priority)

    def everyone(self) -> list[Waiter]:
        """Return all waiters, interactive ones first, each class in order of arrival."""
        return [*self._interactive, *self._batch]

    def join(self, waiter: Waiter) -> None:
        """Put the waiter at the end of its class."""
        if waiter.priority is Priority.BATCH and not self._batch:
            self._batch_since = waiter.since
        self._class(waiter.priority)[waiter] = None
        self.size += 1
        self._costs[waiter.priority] = self._costs[waiter.priority].plus(waiter.cost)
        if waiter.deadline is not None:
            self._joined += 1
            heapq.heappush(self._deadlines, (waiter.deadline, self._joined, waiter))

    def leave(self, waiter: Waiter, now: int) -> None:
        """Take the waiter out, wherever it stands."""
        if waiter.priority is Priority.BATCH and next(iter(self._batch)) is waiter:
            self._batch_since = now
        del self._class(waiter.priority)[waiter]
        self.size -= 1
        self._costs[waiter.priority] = self._costs[waiter.priority].minus(waiter.cost)
        if len(self._deadlines) > 2 * len(self) + 64:
            self._deadlines = [entry for entry in self._deadlines if entry[2] in self]
            heapq.heapify(self._deadlines)

    def head(self, now: int) -> Waiter | None:
        """Return the waiter that goes next."""
        if self._batch and (not self._interactive or now >= self.batch_ages_at):
            return next(iter(self._batch))
        return next(iter(self._interactive), None)

    @property
    def batch_ages_at(self) -> int:
        """When the first batch waiter no longer yields to interactive ones."""
        return self._batch_since + AGE_NS

    def goes_first(self, priority: Priority, now: int) -> bool:
        """Return whether a newcomer of that class has nobody before it."""
        if not self.size:
            return True
        if self._batch and (priority is Priority.BATCH or now >= self.batch_ages_at):
            return False
        return not self._interactive

    def cost_before(self, priority: Priority, now: int) -> Cost:
        """Return what those take that go before a newcomer of that class."""
        before = self._costs[Priority.INTERACTIVE]
        if priority is Priority.BATCH:
            return before.plus(self._costs[Priority.BATCH])
        if self._batch and now >= self.batch_ages_at:
            return before.plus(next(iter(self._batch)).cost)
        return before

    def facts(self, now: int) -> tuple[int, Cost, Cost, Cost]:
        """Return how many wait, and what the first, all but the last, and the last of them take."""
        if not self._interactive and not self._batch:
            return _NOBODY
        head, last = self.head(now), next(reversed(self._batch or self._interactive))
        before = self.cost_before(Priority.BATCH, now).minus(last.cost)
        return len(self), head.cost if head else ONE, before, last.cost

    def next_deadline(self) -> int | None:
        """Return the earliest deadline (ns)."""
        while self._deadlines and self._deadlines[0][2] not in self:
            heapq.heappop(self._deadlines)
        return self._deadlines[0][0] if self._deadlines else None

    def shift(self, by: int) -> None:
        """Move all times by `by` ns, because the clock was moved."""
        self._batch_since += by
        for waiter in self.everyone():
            waiter.since += by
            if waiter.deadline is not None:
                waiter.deadline += by
        self._deadlines = [(at + by, number, waiter) for at, number, waiter in self._deadlines]

    def _class(self, priority: Priority) -> OrderedDict[Waiter, None]:
        return self._interactive if priority is Priority.INTERACTIVE else self._batch
