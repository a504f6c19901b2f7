"""What acts reach: on any full screen the engine and the bottom row, on the workbench its panes too."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from textual import on
from textual.getters import query_one
from textual.reactive import var
from textual.widgets import Input

from tui.bridge import Bridge, EngineNews
from tui.core.engine.events import Notice
from tui.core.engine.inbox import EngineStopped
from tui.core.prompts.snapshot import renamed
from tui.screens.acts.helping import Helping, Result
from tui.typing_order import InOrder
from tui.widgets.ask_line import AskLine
from tui.widgets.browser.browser import Browser
from tui.widgets.desk.desk import Desk
from tui.widgets.desk.runs import RunBook
from tui.widgets.desk.value_book import ValueBook
from tui.widgets.key_line import KeyLine
from tui.widgets.quota.strip import QuotaStrip
from tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Callable, Coroutine
    from contextlib import AbstractContextManager

    from tui.core.engine.engine import Engine
    from tui.core.engine.events import ProviderState
    from tui.core.prompts.snapshot import LibrarySnapshot


T = TypeVar("T")
S = TypeVar("S")
P = ParamSpec("P")


class NoAnswer(asyncio.CancelledError):
    """The engine has none for a screen: why has been told, or the screen was left. It ends a worker."""


def unless_no_answer(
    handler: Callable[Concatenate[S, P], Coroutine[Any, Any, None]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, None]]:
    """Let a handler of a key or a message end where `answered` ends a worker."""

    @functools.wraps(handler)
    async def handled(screen: S, /, *args: P.args, **kwargs: P.kwargs) -> None:
        with contextlib.suppress(NoAnswer):
            await handler(screen, *args, **kwargs)

    return handled


class Surface(Helping[Result]):
    """A full screen: the engine behind it, and the bottom row with its keys, messages and questions."""

    key_line = query_one(KeyLine)
    ask_line = query_one(AskLine)

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self._bridge: Bridge | None = None
        self._acts: set[asyncio.Task[Any]] = set()

    def listen(self) -> None:
        """From now on hear of the engine, as EngineNews, until the screen goes."""
        self._bridge = Bridge(self.engine, self.post_message)

    def on_unmount(self) -> None:
        """Hear no more."""
        if self._bridge is not None:
            self._bridge.close()

    async def answered(
        self, future: concurrent.futures.Future[T], *, known: tuple[type[Exception], ...] = ()
    ) -> T:
        """Return what the engine answers, for a worker; why it cannot is told, and ends the worker.

        The reasons are trouble with the engine or the database, and those that are `known` besides. An answer
        that comes when the screen was left ends the worker too. Raises NoAnswer, which a handler of a key or
        a message has to catch: with it the screen would end.
        """
        from tui.core.store.database import DatabaseError  # slow to import; the engine has it by now

        told: tuple[type[Exception], ...] = (DatabaseError, EngineStopped, *known)
        try:
            answer = await asyncio.wrap_future(future)
        except told as error:
            if self.in_use:
                self.key_line.tell(str(error), "error")
            raise NoAnswer from error
        if not self.in_use:
            raise NoAnswer
        return answer

    async def to_its_end(self, act: Coroutine[Any, Any, T]) -> T:
        """Carry an act out, for a worker; a key may cancel that, but not what the user has asked for."""
        task = asyncio.create_task(act)
        self._acts.add(task)
        task.add_done_callback(self._acts.discard)
        return await asyncio.shield(task)

    def keys_waiting(self) -> AbstractContextManager[None]:
        """Hold keys back during an act that brings about what those behind its own key are meant for."""
        return self.app.keys_waiting() if isinstance(self.app, InOrder) else contextlib.nullcontext()

    @property
    def in_use(self) -> bool:
        """Whether the screen has its parts; one that was left loses them before its workers end."""
        return self.app.is_running and self in self.app.screen_stack

    @on(EngineNews)
    def _tell_notices(self, news: EngineNews) -> None:
        for event in news.events:
            if isinstance(event, Notice):
                self.key_line.tell_also(event.message, event.severity)

    def action_jump(self) -> None:
        """Put a letter on all that can be gone to, and go to where the one that is typed is."""
        from tui.screens.jump import Jump  # only when asked for

        def go(there: Callable[[], object] | None) -> None:
            if there is not None:
                there()

        self.app.push_screen(Jump(self), go)

    def action_about(self) -> None:
        """Show what a report of a fault needs to say."""
        from tui.screens.about import About  # only when asked for

        self.app.push_screen(About(self.app, self.engine))


class Bench(Surface[None]):
    """The panes by name; the acts are classes on top of this one, and the workbench is all of them."""

    provider: var[str | None] = var(None)
    """The provider that runs go to."""
    browser_hidden: var[bool] = var(False, toggle_class="-no-browser")

    browser = query_one(Browser)
    desk = query_one(Desk)
    strip = query_one(QuotaStrip)
    title_bar = query_one(TitleBar)
    filter_field = query_one("#filter", Input)

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.runs = RunBook()
        self.book = ValueBook()
        self._library: LibrarySnapshot | None = None
        self.recalled: set[str] = set()
        """The prompts whose last answer was asked of the database."""

    def show_library(self, library: LibrarySnapshot) -> None:
        """List the prompts; answers and values go with one that is called otherwise now."""
        for old, new in renamed(self._library or library, library).items():
            self.runs.rename(old, new)
            self.desk.values.rename(old, new)
        self._library = library
        self.browser.show(library)

    @property
    def state(self) -> ProviderState | None:
        """The chosen provider's state, None while there is none."""
        return self.engine.providers.get(self.provider or "")

    @property
    def at_rest(self) -> bool:
        """Whether all prompts are read, and the screen is back where it was left."""
        raise NotImplementedError

    async def act_when_at_rest(self) -> None:
        """Carry out a run that was asked for too early, once the screen is at rest."""
        raise NotImplementedError

    async def follow_cursor(self) -> None:
        """Put on the desk what the browser's cursor is on, unless it lies there already.

        Called whenever that matters, not only by the browser's message: keys typed in a burst overtake it.
        """
        raise NotImplementedError

    async def go_to(self, name: str, version: int) -> None:
        """Put a version on the desk with its answer in sight."""
        raise NotImplementedError

    def show_answer(self) -> None:
        """Show the run of what is at hand, or say how to get one."""
        raise NotImplementedError

    def show_count(self) -> None:
        """Say how many prompts the browser lists."""
        raise NotImplementedError
