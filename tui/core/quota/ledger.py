"""Where the state of an account is kept: in this process, or where others see it too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tui.core.quota.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.quota.limits import Limits
    from tui.core.quota.snapshot import Source


class Ledger(Protocol):
    """The keeper of one account's meter. All methods are for the limiter's loop."""

    meter: Meter
    """The state as last seen; to be read only, outside of `run`."""
    source: Source
    """Who else counts: nobody ("local"), others on this machine ("shared"), on any machine ("server")."""
    problem: str
    """Why the state is not where it should be, for a person; else empty."""
    seen_ns: int
    """When the state was last exchanged with the others (ns); 0 without others."""
    shared: bool
    """Whether the next in line takes its place ahead of time, so that every process gets its share."""

    def run(self, now: int, change: Callable[[Meter, int], None], done: Callable[[], None]) -> None:
        """Call `change(meter, now)` once on the current state, and `done()` when the result is kept.

        Either may happen before this returns, or later, with a later `now`; one at a time. It always
        succeeds: a ledger that is lost goes on with the state it has and says so in `source`.
        """

    def refresh(self) -> bool:
        """Look at what others have changed, if that is cheap; returns whether anything is new."""

    def shift(self, by: int) -> None:
        """The clock was moved by `by` ns (< 0)."""

    def close(self) -> None:
        """Let go of everything; pending changes are lost."""


class LocalLedger:
    """The state of an account that only this process uses."""

    source: Source = "local"
    problem = ""
    seen_ns = 0
    shared = False

    def __init__(self, limits: Limits) -> None:
        self.meter = Meter(limits)

    def run(self, now: int, change: Callable[[Meter, int], None], done: Callable[[], None]) -> None:
        """Change the meter at once."""
        change(self.meter, now)
        done()

    def refresh(self) -> bool:
        """Find nothing new: there are no others."""
        return False

    def shift(self, by: int) -> None:
        """Move the state with the clock: no time has passed."""
        self.meter.shift(by)

    def close(self) -> None:
        """Nothing to let go of."""
