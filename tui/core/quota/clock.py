"""The one clock of every quota: nanoseconds since the machine started, the time it slept included."""

from __future__ import annotations

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", None)

if _CLOCK is None:
    now_ns = time.monotonic_ns
else:
    _BOOTTIME: int = _CLOCK

    def now_ns() -> int:
        """Return the ns since boot, suspend included, the same for all processes (clock_gettime(2))."""
        return time.clock_gettime_ns(_BOOTTIME)
