"""The pane that a version is read in, from which one comes to the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.actions import bindings
from tui.widgets.reading.text_view import TextView

if TYPE_CHECKING:
    from textual.events import Click


class TemplateView(TextView):
    """A text view; enter or a double click opens its text for writing."""

    BINDINGS = bindings("template")

    def __init__(self) -> None:
        super().__init__(id="template")

    async def on_click(self, event: Click) -> None:
        """Open the text for writing on the second click."""
        if event.chain == 2:
            await self.run_action("screen.write")
