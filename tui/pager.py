"""Showing a text in the user's pager."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui.outside import NoProgram, chosen, hand_over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App

_USUAL = ("less", "more")


def page(app: App[object], text: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Show `text` in $PAGER or a pager that is there, and wait until it ends.

    The text goes through a pipe, so that nothing of it stays on the disk. Returns None, or one sentence on
    what went wrong.
    """
    try:
        command = chosen("pager", ("PAGER",), _USUAL, environ)
    except NoProgram as error:
        return str(error)
    return hand_over(app, command, text, set_by="$PAGER")
