"""What a report of a fault needs to say, over the screen it was asked for on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui.actions import bindings, key_of
from tui.clipboard import copy
from tui.core.about import Facts, about, as_text
from tui.screens.text_box import TextBox
from tui.widgets.reading.text_view import word_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from textual.app import App

    from tui.core.engine.engine import Engine
    from tui.widgets.reading.text_view import Line


class About(TextBox):
    """Shows versions, places and the terminal, to be copied."""

    BINDINGS = bindings("help", "about")

    def __init__(self, app: App[None], engine: Engine, environ: Mapping[str, str] = os.environ) -> None:
        found = about(engine.workspace, engine.settings, environ)
        found.append(_screen(app))
        self._text = as_text(found)
        super().__init__("About this Penstock", list(_lines(found)), f"{key_of('copy-about')} copies")

    def action_copy(self) -> None:
        """Copy it all."""
        copy(self.app, self._text)
        self.hint("copied")


def _lines(found: Sequence[Facts]) -> Iterator[Line]:
    width = 2 + max(len(name) for _, pairs in found for name, _ in pairs)
    for title, pairs in found:
        if title != found[0][0]:
            yield word_line([])
        yield word_line([(title, "heading")])
        for name, value in pairs:
            yield word_line([(f"  {name:<{width}}", "muted"), (value, "text")], indent=width + 2)


def _screen(app: App[None]) -> Facts:
    """Return what Textual has found out of the terminal."""
    pairs = (
        ("size", f"{app.size.width} x {app.size.height}"),
        ("colours", app.console.color_system or "none"),
        ("theme", app.theme),
        ("focus", "in this window" if app.app_focus else "in another window"),
        ("driver", type(app._driver).__name__),
    )
    return "Screen", pairs
