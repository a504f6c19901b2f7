"""Telling a user who looks at another window that the last run has ended."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui.clipboard import multiplexed
from tui.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App

    from tui.core.engine.events import RunState
    from tui.core.settings import NoticeKind

_LONGEST = 200
"""Characters of a notice; GNU screen and some terminals drop a sequence that is much longer."""


class EndOfWork:
    """Knows which runs are going on, and says what came of them when the last one has ended."""

    def __init__(self) -> None:
        self._going_on: set[str] = set()
        self._ended: list[RunState] = []

    def take_in(self, run: RunState) -> str | None:
        """Return a sentence if this was the last one; the news of a run may come more than once."""
        if not run.over:
            self._going_on.add(run.id)
        elif run.id in self._going_on:
            self._going_on.discard(run.id)
            self._ended.append(run)
            if not self._going_on:
                ended, self._ended = self._ended, []
                return _sentence(ended)
        return None


def call_back(
    app: App[None], sentence: str, how: NoticeKind, environ: Mapping[str, str] = os.environ
) -> None:
    """Sound the bell, and let the terminal raise a notice of the desktop where the user wants it."""
    if how == "off":
        return
    app.bell()
    if how == "desktop" and app._driver is not None:  # nothing public writes
        app._driver.write(desktop_notice(sentence, environ))


def desktop_notice(sentence: str, environ: Mapping[str, str]) -> str:
    """Return the sequence for a notice: OSC 9, as iTerm2 has introduced it.

    Terminals that do not know it skip it, as they do with every unknown OSC.
    """
    return multiplexed(f"\x1b]9;{printable(sentence)[:_LONGEST]}\x07", environ)


def _sentence(ended: list[RunState]) -> str:
    failed = sum(run.status == "failed" for run in ended)
    if len(ended) == 1:
        run = ended[0]
        what = f"{run.name} v{run.version}" if run.name else "the question"
        return f"Penstock: {what} at {run.provider}: {run.status}"
    return f"Penstock: {len(ended):,} runs have ended" + (f", {failed:,} of them failed" if failed else "")
