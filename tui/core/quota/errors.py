"""What can go wrong with a quota, each as one sentence that its reader can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class QuotaError(Exception):
    """Base of every error of this package; `str(error)` is a sentence for the user."""


class LimitError(QuotaError, ValueError):
    """A figure of a limit, or of a cost, that cannot be meant; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class TooLarge(QuotaError):
    """One call asks for more than the limit allows in a whole period, so that waiting cannot help."""

    def __init__(self, name: str, dimension: str, cost: int, limit: int) -> None:
        super().__init__(
            f"{name}: this call needs {cost:,} {dimension}, but the limit is {limit:,}; "
            f"shorten it or raise {dimension.replace(' ', '_')} in the settings."
        )
        self.dimension, self.cost, self.limit = dimension, cost, limit


class WouldExceedDeadline(QuotaError):
    """The call cannot go within its timeout; `eta` is the number of seconds it would have to wait."""

    def __init__(self, name: str, eta: float, timeout: float) -> None:
        super().__init__(
            f"{name}: the quota has room for this call in {eta:.1f} s, later than its timeout of "
            f"{timeout:g} s; allow more time or try again then."
        )
        self.eta, self.timeout = eta, timeout


class QueueFull(QuotaError):
    """As many calls wait as may wait."""

    def __init__(self, name: str, waiting: int) -> None:
        super().__init__(f"{name}: {waiting:,} calls are waiting already; start fewer at once.")
        self.waiting = waiting


class QuotaExhausted(QuotaError):
    """The quota is gone for so long that a call is refused rather than kept waiting; `until` has a zone."""

    def __init__(self, name: str, until: datetime, reason: str) -> None:
        super().__init__(
            f"{name}: no calls before {until:%Y-%m-%d %H:%M %Z} ({reason}); use another provider until then."
        )
        self.until, self.reason = until, reason


class Dismissed(QuotaError):
    """The call was sent away while it waited, for a reason that has nothing to do with the quota."""


class Closed(QuotaError):
    """The limiter was closed while the call waited, or before it asked."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: the call was not sent because the program is closing.")
