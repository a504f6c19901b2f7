"""Streams that nobody reads any more: what they still hold goes nowhere, and does not fail at the end."""

from __future__ import annotations

import contextlib
import os
from typing import IO


def let_go(stream: IO[str]) -> None:
    """Have all that is still written to a stream go nowhere; Python would try it once more and complain."""
    with contextlib.suppress(OSError, ValueError):  # as of a stream that is none of the system's
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
