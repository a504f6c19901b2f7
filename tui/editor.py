"""Handing the terminal to the user's editor and taking it back."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App, SuspendNotSupported

if TYPE_CHECKING:
    from collections.abc import Mapping

_GO_TO_LINE = frozenset(
    {"vi", "vim", "nvim", "view", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "ne"}
)
"""Editors that take `+LINE` before the file."""
_USUAL = ("sensible-editor", "nano", "vim", "vi")


def editor_command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the command of $VISUAL, else of $EDITOR, else an editor that is there; empty when none is."""
    named = environ.get("VISUAL") or environ.get("EDITOR")
    if named:
        return shlex.split(named)
    found = next((name for name in _USUAL if shutil.which(name, path=environ.get("PATH"))), None)
    return [found] if found else []


def edit_file(app: App[object], path: Path, line: int = 1) -> str | None:
    """Open `path` in the editor, at `line` where the editor can, and wait until it ends.

    Returns None, or one sentence on what went wrong. Only the screen waits: the engine has its own thread.
    """
    try:
        command = editor_command()
    except ValueError as error:
        return f"$VISUAL or $EDITOR cannot be read as a command ({error})."
    if not command:
        return "No editor was found: set $EDITOR to the command of yours."
    at_line = [f"+{line}"] if Path(command[0]).name in _GO_TO_LINE else []
    try:
        with app.suspend():
            # Not awaited on purpose: timers that go on while the terminal is away have been seen to deadlock.
            code = subprocess.run([*command, *at_line, str(path)], check=False).returncode
    except SuspendNotSupported:
        return "This terminal cannot be handed to an editor; open the file in another window."
    except OSError as error:
        return f"{command[0]} could not be started ({error.strerror}): set $EDITOR to another command."
    return None if code == 0 else f"{command[0]} ended with exit code {code}."
