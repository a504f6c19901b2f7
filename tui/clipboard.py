"""Copying to the clipboard of the user's terminal, also over SSH and inside tmux or screen."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App

_SCREEN_CHUNK = 76
"""GNU screen takes strings of up to 256 bytes; what passes them through is cut well below that."""
_TMUX_PATIENCE_S = 2.0


def copy(app: App[object], text: str, environ: Mapping[str, str] = os.environ) -> None:
    """Put `text` on the clipboard as far as the terminal allows it; a failure is no error of the app's.

    Inside tmux its own `load-buffer -w` is the surest way: it works with tmux's default settings, and the
    text is in tmux's buffer at least. Else OSC 52 (xterm's control sequences, "Manipulate Selection Data").
    Returns at once, since tmux may take its time.
    """
    if "TMUX" in environ:
        threading.Thread(target=_copy_in_tmux, args=(app, text, environ), daemon=True).start()
    else:
        _write(app, osc52(text, environ))


def _copy_in_tmux(app: App[object], text: str, environ: Mapping[str, str]) -> None:
    if not _through_tmux(text, environ):
        _write(app, osc52(text, environ))


def _write(app: App[object], sequence: str) -> None:
    if app._driver is not None:  # as App.copy_to_clipboard does: nothing public writes
        app._driver.write(sequence)


def osc52(text: str, environ: Mapping[str, str]) -> str:
    """Return the sequence that sets the clipboard."""
    data = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    return multiplexed(f"\x1b]52;c;{data}\x07", environ)


def multiplexed(plain: str, environ: Mapping[str, str]) -> str:
    """Return a sequence for the terminal, wrapped for the tmux or screen that stands in between."""
    if "TMUX" in environ:
        return f"\x1bPtmux;{plain.replace(chr(27), chr(27) * 2)}\x1b\\"
    if environ.get("TERM", "").startswith("screen"):
        pieces = [plain[i : i + _SCREEN_CHUNK] for i in range(0, len(plain), _SCREEN_CHUNK)]
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return plain


def _through_tmux(text: str, environ: Mapping[str, str]) -> bool:
    tmux = shutil.which("tmux", path=environ.get("PATH"))
    if tmux is None:
        return False
    try:
        done = subprocess.run(
            [tmux, "load-buffer", "-w", "-"],
            input=text.encode("utf-8", "replace"),
            timeout=_TMUX_PATIENCE_S,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
