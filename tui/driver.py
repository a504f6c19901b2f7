"""The terminal's driver: it ends with its terminal, and reads keys as they were typed.

Textual's own (8.2.8) goes on at full speed when the terminal has gone and no hang-up was sent (`nohup`, some
wrappers), takes every SIGCONT for the end of a suspension and starts a second writer then, and waits for ever
when the writer has failed.
"""

from __future__ import annotations

import contextlib
import os
import queue
import selectors
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING, Any

from textual.drivers import linux_driver
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

from tui.nowhere import let_go
from tui.typed_keys import TypedKeys

if TYPE_CHECKING:
    from textual._parser import Parser

_TICK_S = 0.1
"""How often what was begun is looked at: an esc that nothing follows is a key."""
_PATIENCE_S = 2.0
"""How long the end waits for a line on which nothing moves."""


class Writer(WriterThread):
    """Takes what there is to write also when nobody can read it any more: who writes never waits for that."""

    ending = False
    """From now on wait for a line on which nothing moves once, and not for long."""
    _stalled = False

    def write(self, text: str) -> None:
        """Have a text written; waits while the line is slow."""
        if self._stalled:
            return
        try:
            self._queue.put(text, timeout=_PATIENCE_S if self.ending else None)
        except queue.Full:
            self._stalled = True

    def run(self) -> None:
        """Write until the end, or drop everything once that fails."""
        try:
            super().run()
        except (OSError, ValueError):  # the terminal has gone
            let_go(self._file)  # else Python exits with 120
            while self._queue.get() is not None:
                pass

    def stop(self) -> None:
        """End, once all is written or the line stands still for too long."""
        if self._stalled:
            return  # the thread is a daemon: it does not keep the program
        with contextlib.suppress(queue.Full):
            self._queue.put(None, timeout=_PATIENCE_S)
            self.join(_PATIENCE_S)


class TerminalDriver(LinuxDriver):
    """Not public what it is made from; the version of Textual is pinned, and tests drop the line."""

    def start_application_mode(self) -> None:
        """Take the terminal."""
        setattr(linux_driver, "WriterThread", Writer)  # noqa: B010 - where the driver looks for it
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        if isinstance(self._writer_thread, Writer):
            self._writer_thread.ending = True
        super().stop_application_mode()

    def _sigcont_application(self, *_: Any) -> None:
        """Come back from a suspension; somebody else's SIGCONT only has everything painted again."""
        if self._must_signal_resume:
            super()._sigcont_application()
        elif self._auto_restart:
            self._in_loop(self._app.post_message, self.SignalResume())
            self._in_loop(self._app.refresh)

    def run_input_thread(self) -> None:
        """Tell what is typed until input is disabled, or the terminal has gone: then the app ends."""
        parser: Parser[Any] = TypedKeys(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_TICK_S):
                    data = self._read()
                    if not data:
                        self._in_loop(self._app.exit)
                        return
                    for message in parser.feed(decode(data)):
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)

    def _read(self) -> bytes:
        """Return what was typed, nothing once there is no terminal."""
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

    def _in_loop(self, function: Any, *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(function, *arguments)
