"""Python's collector of cyclic garbage, kept away from a start and an end, where it finds nothing."""

from __future__ import annotations

import gc
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

START_S = 3.0
"""For how long a program starts."""


@contextmanager
def left_alone() -> Iterator[None]:
    """Collect no garbage while a program starts and when it has ended, only in between.

    What a start makes (modules, styles, the prompts) lives to the end. To look through it time and again
    costs a seventh of the start, and at the exit of the interpreter more than half of what that takes.
    """
    gc.disable()
    timer = threading.Timer(START_S, _begin)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        gc.disable()
        gc.freeze()


def _begin() -> None:
    gc.freeze()  # what there is now is not looked at again: also the pauses later are shorter
    gc.enable()
