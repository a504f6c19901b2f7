"""The rules by which the providers count: a leaking counter, a rolling minute, and slots."""

from __future__ import annotations

from collections import deque
from typing import Final, Protocol

MINUTE: Final = 60.0
TINY: Final = 1e-6  # absorbs the rounding of float seconds, far below one request


class RateLimit(Protocol):
    """A limit of so much a minute; times are seconds of one monotonic clock."""

    limit: int

    def used(self, now: float) -> float:
        """How much of the limit is taken."""

    def wait(self, amount: float, now: float) -> float:
        """Seconds until `amount` more fits; 0 = now. What exceeds the limit never fits: infinity."""

    def take(self, amount: float, now: float) -> None:
        """Count `amount` (negative gives back)."""

    def empty_in(self, now: float) -> float:
        """Seconds until nothing is taken any more."""


class LeakingCounter:
    """`used` rises by what is asked and leaks at limit/60 a second.

    The wait is the one OpenAI states in its messages: (used + requested - limit) / (limit / 60).
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._used = 0.0
        self._seen = 0.0

    def used(self, now: float) -> float:
        """How much has not leaked away, or not left the minute."""
        leaked = max(0.0, now - self._seen) * self.limit / MINUTE
        return max(0.0, self._used - leaked)

    def wait(self, amount: float, now: float) -> float:
        """Seconds until `amount` more fits."""
        if amount > self.limit:
            return float("inf")
        over = self.used(now) + amount - self.limit
        return over / (self.limit / MINUTE) if over > TINY else 0.0

    def take(self, amount: float, now: float) -> None:
        """Count `amount`."""
        self._used = max(0.0, self.used(now) + amount)
        self._seen = max(self._seen, now)

    def empty_in(self, now: float) -> float:
        """Seconds until nothing is taken any more."""
        return self.used(now) / (self.limit / MINUTE)


class RollingMinute:
    """A log of what was accepted in the last 60 seconds; an entry exactly 60 seconds old is gone."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._log: deque[tuple[float, float]] = deque()
        self._sum = 0.0

    def used(self, now: float) -> float:
        """How much has not leaked away, or not left the minute."""
        while self._log and now - self._log[0][0] >= MINUTE - TINY:
            self._sum -= self._log.popleft()[1]
        return self._sum

    def wait(self, amount: float, now: float) -> float:
        """Seconds until `amount` more fits."""
        if amount > self.limit:
            return float("inf")
        excess = self.used(now) + amount - self.limit
        for at, entry in self._log:
            if excess <= TINY:
                break
            excess -= entry
            if excess <= TINY:
                return at + MINUTE - now
        return 0.0

    def take(self, amount: float, now: float) -> None:
        """Count `amount`."""
        self.used(now)
        self._log.append((now, amount))
        self._sum += amount

    def empty_in(self, now: float) -> float:
        """Seconds until nothing is taken any more."""
        self.used(now)
        return self._log[-1][0] + MINUTE - now if self._log else 0.0


class Slots:
    """A cap on how many answers are in progress at once."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.held = 0
        self.most = 0

    @property
    def full(self) -> bool:
        """True when the next one must be refused."""
        return self.limit is not None and self.held >= self.limit

    def enter(self) -> None:
        """Take a slot."""
        self.held += 1
        self.most = max(self.most, self.held)

    def leave(self) -> None:
        """Give one back."""
        self.held -= 1
