"""What a provider's answer says about a limit, in the terms of this package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.core.quota.limits import Kind


@dataclass(frozen=True, slots=True)
class Observation:
    """One limit as the server states it; None is what it did not say.

    `reset_s` is the time in seconds until the limit is full again. An impossible figure counts as not said: a
    header is never an error.
    """

    kind: Kind
    limit: int | None = None
    remaining: int | None = None
    reset_s: float | None = None

    @property
    def usable_limit(self) -> int | None:
        """The limit, if it can be one."""
        return self.limit if _whole(self.limit) and self.limit else None

    @property
    def usable_remaining(self) -> int | None:
        """What is left, if it can be."""
        return self.remaining if _whole(self.remaining) else None


def _whole(figure: object) -> bool:
    return type(figure) is int and 0 <= figure <= 1_000_000_000_000
