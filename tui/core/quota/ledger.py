"""Where the state of an account is kept: in this process, or where others see it too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tui.core.quota.absence import keep_to, words
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
    told_running: int
    """How many calls of this process are in flight, as far as the others know."""

    @property
    def meanwhile(self) -> str:
        """What a problem means for this process's rate, as a sentence."""

    def run(self, now: int, change: Callable[[Meter, int], None], done: Callable[[], None]) -> None:
        """Call `change(meter, now)` once on the current state, and `done()` when the result is kept.

        Either may happen before this returns, or later, with a later `now`; one at a time. It always
        succeeds: a ledger that is lost goes on with the state it has and says so in `source`.
        """

    def refresh(self) -> bool:
        """Look at what others have changed, if that is cheap; returns whether anything is new."""

    def shift(self, by: int) -> None:
        """The clock was moved by `by` ns (< 0)."""

    def close(self, rest: Callable[[Meter, int], None] | None = None) -> None:
        """Let go of everything; nobody hears of the change under way any more.

        A ledger that is elsewhere still makes that, and then `rest`, what was asked for meanwhile.
        """

    async def closed(self) -> None:
        """Wait until that is done or cannot be done."""


class LocalLedger:
    """The state of an account that only this process uses."""

    source: Source = "local"
    seen_ns = 0
    shared = False
    told_running = 0

    def __init__(self, limits: Limits, *, problem: str = "", processes: int = 1) -> None:
        """Keep `limits`; or a part of them, if so many processes should share them and cannot: `problem`."""
        self.meter = Meter(limits)
        self.problem, self.meanwhile = problem, words(processes, seen=False)
        if processes > 1:
            keep_to(self.meter, 0, 1.0 / processes)

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

    def close(self, rest: Callable[[Meter, int], None] | None = None) -> None:
        """Nothing to let go of."""

    async def closed(self) -> None:
        """Nothing to wait for."""
