"""What a process takes while it has lost the others, and how that is entered when it finds them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.quota.meter import Meter


class Absence:
    """The time during which a meter is this process's own; it begins and ends any number of times."""

    def __init__(self) -> None:
        self._kept: tuple[int, ...] | None = None
        """The units taken that the others know of, while they do not know of all."""

    def begin(self, meter: Meter, now: int, kept: tuple[int, ...] | None = None) -> None:
        """Go on at this process's share of the rate; `kept` are the units that the others know of."""
        if self._kept is None:
            self._kept = kept or meter.taken()
        _share(meter, now, 1.0 / (1 + len(meter.processes)))

    @property
    def pending(self) -> bool:
        """Whether the others do not know yet of what may have been taken."""
        return self._kept is not None

    def end(self, meter: Meter, now: int) -> None:
        """Count with the others again, whose state is not read yet."""
        _share(meter, now, 1.0)

    def taken(self, meter: Meter, now: int) -> list[int]:
        """Return, once, the units of each rate taken meanwhile that time has not brought back."""
        kept, self._kept = self._kept, None
        if kept is None:
            return [0] * len(meter.rates)
        return [
            min(
                max(0, rate.taken - before),
                -(-rate.spec.bucket.debt_ns(rate.tat, now) // rate.spec.bucket.interval_ns),
            )
            for rate, before in zip(meter.rates, kept + (0,) * len(meter.rates), strict=False)
        ]


def enter(meter: Meter, now: int, units: Sequence[int]) -> None:
    """Enter what was taken meanwhile into the state of the others."""
    if any(units):
        for rate, count in zip(meter.rates, units, strict=True):
            rate.tat = rate.spec.bucket.commit(rate.tat, now, count)
        meter.enter(now, units)


def _share(meter: Meter, now: int, share: float) -> None:
    if meter.share != share:
        meter.share = share
        meter.respecify(now)
