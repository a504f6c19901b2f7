"""A slow, exact token bucket to compare with: levels are fractions, windows are plain lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

MINUTE = 60_000_000_000


@dataclass
class Model:
    """Units refill at one every `interval` ns up to `burst`; `limit` a minute if strict."""

    interval: int
    burst: int
    limit: int | None = None
    now: int = 0
    level: Fraction = Fraction(0)
    log: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.level = Fraction(self.burst)

    def advance(self, now: int) -> None:
        self.level = min(Fraction(self.burst), self.level + Fraction(now - self.now, self.interval))
        self.now = now

    def may(self, cost: int) -> bool:
        enough = self.level >= min(cost, self.burst)
        return enough and (self.limit is None or self.used() + cost <= self.limit)

    def used(self) -> int:
        return sum(units for at, units in self.log if at > self.now - MINUTE)

    def take(self, cost: int) -> None:
        self.level -= cost
        self.log.append((self.now, cost))

    def go_at(self, cost: int) -> int:
        """The first ns at which `may(cost)` is true, found by trying the moments at which it can change."""
        missing = min(cost, self.burst) - self.level
        moments = {self.now, self.now + max(0, -int(-missing * self.interval // 1))}
        moments |= {at + MINUTE for at, _ in self.log if at + MINUTE > self.now}
        for moment in sorted(moments):
            probe = Model(self.interval, self.burst, self.limit, self.now, log=self.log)
            probe.level = self.level
            probe.advance(moment)
            if probe.may(cost):
                return moment
        raise AssertionError("never")


def most_in_any(span: int, grants: list[tuple[int, int]]) -> int:
    """The most units granted in any [t, t + span)."""
    most, first, units = 0, 0, 0
    for at, cost in grants:
        units += cost
        while grants[first][0] <= at - span:
            units -= grants[first][1]
            first += 1
        most = max(most, units)
    return most
