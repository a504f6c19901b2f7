"""What everybody may know of an account: facts that are replaced as a whole whenever something changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.quota.snapshot import Facts, QuotaSnapshot, Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.quota.ledger import Ledger
    from tui.core.quota.line import Line


class Publication:
    """Written on the limiter's loop, read by any thread, which never sees half a change and waits for none.

    `on_change` is called after each change.
    """

    def __init__(
        self, name: str, ledger: Ledger, line: Line, on_change: Callable[[], None], now: int
    ) -> None:
        self._name, self._ledger, self._line, self._on_change = name, ledger, line, on_change
        self._standing = Standing.of(ledger, None, now)
        self._facts = self._gather(now)
        self._picture: tuple[Facts, int, QuotaSnapshot] | None = None

    def snapshot(self) -> QuotaSnapshot:
        """Return the gauge as of the last change."""
        facts, running, picture = self._facts, self._ledger.meter.running, self._picture
        if picture is not None and picture[0] is facts and picture[1] == running:
            return picture[2]
        snapshot = QuotaSnapshot.of(self._name, facts, running)
        self._picture = facts, running, snapshot
        return snapshot

    def publish(self, now: int) -> None:
        """Tell of somebody who waits or does no longer."""
        self._facts = self._gather(now)
        self._on_change()

    def publish_all(self, now: int) -> None:
        """Tell what anything has changed."""
        place = self._line.place
        self._standing = Standing.of(self._ledger, None if place is None else place.at, now)
        self.publish(now)

    def publish_take(self, now: int) -> None:
        """Tell of a take of nobody who waited."""
        standing, _, waiting, elsewhere, day = self._facts
        meter = self._ledger.meter
        if day is not None:
            day = self._line.day(meter, now)
        self._facts = standing, meter.facts(), waiting, elsewhere, day
        self._on_change()

    def publish_end(self) -> None:
        """Tell that a call has ended: how many are running is read from the meter."""
        self._on_change()

    def _gather(self, now: int) -> Facts:
        meter, line = self._ledger.meter, self._line
        day = None if meter.limits.requests_per_day is None else line.day(meter, now)
        return self._standing, meter.facts(), line.queue.facts(now), meter.elsewhere(now), day
