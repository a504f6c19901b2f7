"""How an account slows down after the provider has refused a call, and how it gets its speed back."""

from __future__ import annotations

from dataclasses import dataclass

JITTER = 0.2
LONGEST_BACKOFF_S = 60.0
DECREASE = 0.7
INCREASE_A_MINUTE = 0.05
LEAST_FACTOR = 0.1
_MINUTE_NS = 60_000_000_000
NEVER = -(1 << 60)
"""A time (ns) before every other."""


def pause_s(told_s: float | None, refusals: int, chance: float) -> float:
    """Return the seconds to pause after that many refusals in a row; `chance` is uniform in [0, 1).

    Told how long: up to a fifth longer, never shorter, so that the clients do not come back all at once. Not
    told: min(60, 2^k) s, of which a random half ("equal jitter", AWS Architecture Blog, 2015).
    """
    if told_s is not None:
        return told_s * (1.0 + JITTER * chance)
    return min(LONGEST_BACKOFF_S, 2.0 ** min(refusals, 10)) * (0.5 + 0.5 * chance)


@dataclass(slots=True)
class Brake:
    """The hold in force, the refusals in a row, and the part of the rate that is used for now."""

    until: int = NEVER
    """Nothing goes before this time (ns)."""
    reason: str = ""
    refusals: int = 0
    settled_number: int = 0
    """Calls up to this take were on their way when the last refusal came: theirs say nothing new."""
    factor: float = 1.0
    changed_at: int = 0
    """When the factor was changed (ns)."""
    slowed: int = 0
    """By how much the slow start that follows the hold has moved the requests' TAT (ns)."""

    def hold(self, until: int, reason: str) -> None:
        """Let nothing go before `until`, or later if a later hold is in force."""
        if until > self.until:
            self.until, self.reason = until, reason

    def resume(self) -> None:
        """End the hold."""
        self.until, self.reason, self.slowed = NEVER, "", 0

    def slow_down(self, now: int) -> None:
        """Use less of the rate (multiplicative decrease): the server allows less than is configured."""
        self.factor = max(LEAST_FACTOR, self.factor * DECREASE)
        self.changed_at = now

    def speed_up(self, now: int) -> bool:
        """Use more of the rate again, 5 % of it for each whole minute since it changed; True if it did."""
        minutes = (now - self.changed_at) // _MINUTE_NS
        if self.factor >= 1.0 or minutes <= 0:
            return False
        self.factor = min(1.0, self.factor + INCREASE_A_MINUTE * minutes)
        self.changed_at += minutes * _MINUTE_NS
        return True

    def shift(self, by: int) -> None:
        """Move all times by `by` ns, because the clock was moved."""
        self.changed_at += by
        self.until += by
