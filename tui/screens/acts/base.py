"""What every act on the workbench reaches: the engine, the panes, and what is at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.getters import query_one
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Input

from tui.widgets.ask_line import AskLine
from tui.widgets.browser.browser import Browser
from tui.widgets.desk.desk import Desk
from tui.widgets.desk.runs import RunBook
from tui.widgets.desk.value_book import ValueBook
from tui.widgets.key_line import KeyLine
from tui.widgets.pick_list import PickList
from tui.widgets.quota.strip import QuotaStrip
from tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from tui.core.engine.engine import Engine
    from tui.core.engine.events import ProviderState


class Bench(Screen[None]):
    """The panes by name; the acts are classes on top of this one, and the workbench is all of them."""

    provider: var[str | None] = var(None)
    """The provider that runs go to."""
    browser_hidden: var[bool] = var(False, toggle_class="-no-browser")

    browser = query_one(Browser)
    desk = query_one(Desk)
    strip = query_one(QuotaStrip)
    title_bar = query_one(TitleBar)
    key_line = query_one(KeyLine)
    ask_line = query_one(AskLine)
    pick_list = query_one(PickList)
    filter_field = query_one("#filter", Input)

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.runs = RunBook()
        self.book = ValueBook()

    @property
    def state(self) -> ProviderState | None:
        """The chosen provider's state, None while there is none."""
        return self.engine.providers.get(self.provider or "")

    async def follow_cursor(self) -> None:
        """Put on the desk what the browser's cursor is on, unless it lies there already.

        Called whenever that matters, not only by the browser's message: keys typed in a burst overtake it.
        """
        raise NotImplementedError

    def show_answer(self) -> None:
        """Show the run of what is at hand, or say how to get one."""
        raise NotImplementedError

    def show_count(self) -> None:
        """Say how many prompts the browser lists."""
        raise NotImplementedError
