"""A real terminal for the tests: a pty with the program in it, and an emulator that knows what it shows."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from typing import TYPE_CHECKING, Self

import pexpect
import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

PATIENCE_S = 30.0
"""How long to wait for something to show before giving up; a busy machine may need it."""


class Terminal:
    """Runs `python -m tui …` and keeps the screen as a person would see it."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        environ: Mapping[str, str],
        cwd: Path,
        columns: int = 120,
        rows: int = 40,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.received = 0
        """Bytes the program has sent so far."""
        self._child = pexpect.spawn(
            sys.executable,
            ["-m", "tui", *arguments],
            env={**_inherited(), "TERM": "xterm-256color", "COLORTERM": "truecolor", **environ},
            cwd=str(cwd),
            dimensions=(rows, columns),
            timeout=PATIENCE_S,
        )
        self._child.delaybeforesend = None  # a person's terminal does not wait before each key either

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child.child_fd < 0:
            return
        if self._child.isalive():
            self.kill()
        self._child.close()

    @property
    def pid(self) -> int:
        """The program's process."""
        return int(self._child.pid or 0)

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self._screen.display)

    def pump(self, seconds: float = 0.02) -> int:
        """Read what the program sends, waiting so long for it to begin; return how many bytes that was."""
        before, patience = self.received, seconds
        while True:
            try:
                data: bytes = self._child.read_nonblocking(65536, timeout=patience)  # type: ignore[assignment]
            except (pexpect.TIMEOUT, pexpect.EOF):
                return self.received - before
            self.received += len(data)
            # Not known to the emulator, which would show them as text: private modes, the kitty keyboard.
            self._stream.feed(
                re.sub(rb"\x1b\[[<>=?]?[0-9;]*[u$][a-z]?|\x1b\[[<>=][0-9;]*[a-zA-Z]", b"", data)
            )
            patience = 0

    def drain(self, seconds: float) -> None:
        """Read for so long without looking: an emulator would slow the program down."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            with contextlib.suppress(pexpect.TIMEOUT):
                self._child.read_nonblocking(65536, timeout=left)

    def wait(self, condition: Callable[[str], object], what: str) -> str:
        """Read until the screen satisfies `condition`, and return the screen."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if condition(self.text):
                return self.text
            self.pump()
        raise AssertionError(f"not seen within {PATIENCE_S:g} s: {what}\n{self.text}")

    def wait_for(self, pattern: str) -> str:
        """Read until the regular expression is on the screen."""
        return self.wait(lambda text: re.search(pattern, text), pattern)

    def wait_gone(self, pattern: str) -> str:
        """Read until the regular expression is off the screen."""
        return self.wait(lambda text: not re.search(pattern, text), f"{pattern} gone")

    def send(self, keys: str) -> None:
        """Type."""
        self._child.send(keys)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the window; of what stood there nothing is seen, unless it is painted anew."""
        self._screen.resize(rows, columns)
        self._screen.erase_in_display(2)
        self._child.setwinsize(rows, columns)

    def kill(self) -> None:
        """kill -9."""
        self._child.kill(9)
        self._child.wait()

    def hang_up(self) -> None:
        """Close the terminal, as a dropped line does, and wait until the program has ended."""
        os.close(self._child.child_fd)
        self._child.child_fd = -1
        self._child.closed = True
        self._child.wait()

    def ended(self) -> int:
        """Read until the program ends, and return its exit code."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            self.pump()
            if not self._child.isalive():
                return int(self._child.exitstatus if self._child.exitstatus is not None else -1)
        raise AssertionError(f"still running after {PATIENCE_S:g} s\n{self.text}")


def _inherited() -> dict[str, str]:
    """Return the environment without what a test runner says of its own terminal."""
    return {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
