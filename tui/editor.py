"""Opening a file in the user's editor."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tui.outside import NoProgram, chosen, hand_over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App

_GO_TO_LINE = frozenset(
    {"vi", "vim", "nvim", "view", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "ne"}
)
"""Editors that take `+LINE` before the file."""
_USUAL = ("sensible-editor", "nano", "vim", "vi")


def edit_file(
    app: App[object], path: Path, line: int = 1, environ: Mapping[str, str] = os.environ
) -> str | None:
    """Open `path` in $VISUAL, $EDITOR or an editor that is there, at `line` where the editor can.

    Waits until it ends; returns None, or one sentence on what went wrong.
    """
    try:
        command = chosen("editor", ("VISUAL", "EDITOR"), _USUAL, environ)
    except NoProgram as error:
        return str(error)
    at_line = [f"+{line}"] if Path(command[0]).name in _GO_TO_LINE else []
    return hand_over(app, [*command, *at_line, str(path)], set_by="$VISUAL or $EDITOR")
