"""The collector of garbage works between a start and an end, and at neither."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

import pytest

from tui import rubbish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def alarm(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Callable[[], None]]]:
    """What is to be called when the start is over, instead of by a clock."""
    found: list[Callable[[], None]] = []

    class Timer(threading.Timer):
        def start(self) -> None:
            found.append(self.function)

    monkeypatch.setattr(threading, "Timer", Timer)
    yield found
    gc.unfreeze()
    gc.enable()


def test_garbage_is_collected_between_a_start_and_an_end(alarm: list[Callable[[], None]]) -> None:
    with rubbish.left_alone():
        assert not gc.isenabled()
        alarm[0]()
        assert gc.isenabled()
        assert gc.get_freeze_count()
        gc.unfreeze()
    assert not gc.isenabled()
    assert gc.get_freeze_count()


def test_a_start_that_fails_leaves_nothing_to_be_looked_through(alarm: list[Callable[[], None]]) -> None:
    with pytest.raises(OSError, match="no terminal"), rubbish.left_alone():
        raise OSError("no terminal")
    assert alarm
    assert not gc.isenabled()
    assert gc.get_freeze_count()
