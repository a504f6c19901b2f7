"""An app that renders only what an update touches, and sends the terminal only the cells that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual._compositor import CompositorUpdate
from textual.app import App
from textual.screen import Screen

from tui.compositor import NarrowCompositor
from tui.frame import Frame
from tui.styles_cache import forget_with_widget

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.geometry import Offset
    from textual.widget import Widget


class ThriftyApp(App[None]):
    """Stands between Textual's compositor and its driver.

    `_display` and `_register` are not public; the version of Textual is pinned, and tests compare what a
    terminal shows with and without this class.
    """

    def __init__(self) -> None:
        super().__init__()
        forget_with_widget()
        self._frame = Frame()
        self._sent_cursor: Offset | None = None

    def on_mount(self) -> None:
        """Forget the frame whenever another program has had the terminal."""
        for signal in (self.app_suspend_signal, self.app_resume_signal):
            signal.subscribe(self, lambda _: self._frame.forget())

    def on_resize(self) -> None:
        """Send everything again: a terminal cuts lines, even if it comes back to the size it had."""
        self._frame.forget()
        self.refresh()

    def _register(self, parent: DOMNode, *widgets: Widget, **places: Any) -> list[Widget]:
        for widget in widgets:
            if isinstance(widget, Screen):
                widget._compositor = NarrowCompositor()  # nothing was composed yet
        return super()._register(parent, *widgets, **places)

    def _display(self, screen: Screen[object], renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate) and self._would_write():
            difference = self._frame.take_in(renderable, self.size)
            if difference is not None:
                if not difference.runs and self._sent_cursor == self.cursor_position:
                    super()._display(screen, None)  # nothing to send, not even a cursor movement
                    return
                self._sent_cursor = self.cursor_position
                renderable = difference
        super()._display(screen, renderable)

    def _would_write(self) -> bool:
        """Whether Textual would send an update now; what it would not send, the frame must not take in."""
        driver = self._driver
        if driver is None or driver.is_headless or driver.is_inline:
            return False
        return bool(self._running and not self._closed and not self._batch_count)
