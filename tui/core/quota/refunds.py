"""How much of a take may be given back without anybody getting credit that time alone would not have brought.

Giving back n units is only right if the bucket would now hold n more had they never been taken. Whenever the
bucket was nearly full since, the difference was lost to the brim: a full bucket gains nothing. So of a take
may return

    min(n*T, least debt of the bucket since the take)

(the debt in ns, as of `Bucket.debt_ns`): between two takes the difference of the runs with and without it
shrinks to the debt at the later one, never otherwise. What others have been given back meanwhile lessens it
by as much, since their run is the one to compare with now.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

_LONGEST = 1024


@dataclass(slots=True)
class Refunds:
    """The least debt since each take, kept for all open takes at once.

    `debts` are minima of suffixes, hence ascending: a new debt removes all larger ones before it. They are
    kept with `given` (all ns given back so far) added, so that one addition lowers them all.
    """

    numbers: list[int] = field(default_factory=list)
    debts: list[int] = field(default_factory=list)
    given: int = 0
    void: int = -1
    """Takes up to this number may give nothing back any more."""

    def saw(self, number: int, debt: int) -> None:
        """Note the debt (ns) just before the take of that number; numbers ascend."""
        debt += self.given
        while self.debts and self.debts[-1] >= debt:
            self.debts.pop()
            self.numbers.pop()
        self.debts.append(debt)
        self.numbers.append(number)
        if len(self.debts) > _LONGEST:
            self._shorten()

    def clear(self, number: int) -> None:
        """Forget the debts at the take of that number: all earlier ones have been used up or settled."""
        self.void = number - 1
        if self.debts:
            self.debts.clear()
            self.numbers.clear()

    def allowed(self, number: int, amount: int, debt: int) -> int:
        """Return how much of `amount` ns that take may give back while the debt is `debt` ns."""
        if number <= self.void:
            return 0
        place = bisect_right(self.numbers, number)
        least = self.debts[place] - self.given if place < len(self.debts) else debt
        return max(0, min(amount, debt, least))

    def give(self, amount: int) -> None:
        """Note that `amount` ns were given back."""
        self.given += amount

    def scale(self, new: int, old: int) -> None:
        """Convert to another interval a unit, rounding down."""
        given = self.given * new // old
        self.debts = [(debt - self.given) * new // old + given for debt in self.debts]
        self.given = given

    def _shorten(self) -> None:
        """Drop the older half: its takes are then treated like the oldest one kept, never more generously."""
        half = len(self.debts) // 2
        self.debts[half] = self.debts[0]
        del self.debts[:half], self.numbers[:half]
