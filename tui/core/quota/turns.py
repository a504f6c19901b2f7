"""How processes take turns at a quota they share: whoever has had more than another that waits goes after it.

What a process takes, time brings back; until then it is owed, in ns of the requests' bucket. Time brings back
as much to each of those that owe (processor sharing: Demers, Keshav & Shenker, "Analysis and simulation of a
fair queueing algorithm", 1989). So a burst that one of them had before the others came is remembered exactly
as long as the bucket misses it, and evened out meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(slots=True)
class Turns:
    """What each process owes (ns), this one and the others by name, as of `at` (ns)."""

    own: int = 0
    others: dict[str, int] = field(default_factory=dict)
    at: int = 0

    def take(self, amount: int) -> None:
        """Note that this process takes so much (ns)."""
        self.own += amount

    def give_back(self, amount: int) -> None:
        """Note that this process has not used so much (ns) after all."""
        self.own = max(0, self.own - amount)

    def pass_time(self, now: int) -> None:
        """Bring back what the time until `now` brings back."""
        elapsed, self.at = now - self.at, max(now, self.at)
        if elapsed > 0 and (self.own or self.others):
            each = brought_back([self.own, *self.others.values()], elapsed)
            self.own = max(0, self.own - each)
            self.others = {name: owed - each for name, owed in self.others.items() if owed > each}

    def exceeds(self, rivals: Iterable[str], slack: int) -> bool:
        """Return whether this process owes more than `slack` ns above one of those."""
        return any(self.own > self.others.get(name, 0) + slack for name in rivals)

    def shift(self, by: int) -> None:
        """Move the time by `by` ns, because the clock was moved."""
        self.at += by


def brought_back(owed: Sequence[int], elapsed: int) -> int:
    """Return the h with sum(min(owed, h)) = elapsed, rounded down: as much to each as long as it owes any."""
    before = 0
    for place, debt in enumerate(sorted(owed)):
        rest = len(owed) - place
        if (debt - before) * rest >= elapsed:
            return before + elapsed // rest
        elapsed -= (debt - before) * rest
        before = debt
    return before
