"""What holds for all tests."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Let Ctrl+C mean the same however the tests were started.

    A shell starts what it runs in the background with SIGINT ignored, and programs inherit that.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
