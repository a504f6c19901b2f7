"""The end of a terminal that has gone: nothing that it did not take is tried again."""

from __future__ import annotations

import os

from tui.driver import Writer


def test_what_a_terminal_that_has_gone_did_not_take_is_not_tried_again_at_the_end() -> None:
    master, slave = os.openpty()
    with os.fdopen(slave, "w") as terminal:
        writer = Writer(terminal)
        os.close(master)
        writer.write("too late")
        writer.start()
        writer.write("and later")
        writer.stop()
        terminal.flush()  # as Python does at its end; where that fails it exits with 120
