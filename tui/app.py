"""The application: it puts themes, engine and screens together."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events, on, work
from textual.app import SystemCommand
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.worker import WorkerFailed

from tui.action_table import ACTIONS, Action
from tui.actions import labels, use_keys
from tui.attention import EndOfWork, call_back
from tui.bridge import EngineNews
from tui.core.engine.events import RunChanged, SettingsChanged
from tui.core.engine.inbox import EngineStopped
from tui.core.settings import SettingsError
from tui.core.settings_errors import FieldError, refused_in
from tui.core.text import printable
from tui.keymap import read_keymap
from tui.no_color import colourless
from tui.screens.acts.base import Surface
from tui.screens.workbench import Workbench
from tui.themes import DARK, LIGHT, TERMINAL, THEMES
from tui.thrift import ThriftyApp
from tui.typing_order import InOrder
from tui.widgets.ink import Inked
from tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from textual.driver import Driver
    from textual.screen import Screen
    from textual.theme import Theme

    from tui.core.engine.engine import Engine
    from tui.core.engine.events import RunState
    from tui.palette import ActionsProvider
    from tui.widgets.key_line import Severity


def _palette() -> type[ActionsProvider]:
    from tui.palette import ActionsProvider  # only when the palette is opened

    return ActionsProvider


class PenstockApp(Inked, InOrder, ThriftyApp):
    """Starts the engine, shows the workbench, and ends both together."""

    TITLE = "penstock"
    COMMANDS = {_palette}  # noqa: RUF012 - as Textual declares it
    CSS_PATH = ["app.tcss", "screens/workbench.tcss", "plain.tcss"]  # noqa: RUF012 - as Textual declares it
    # (Textual does not load the styles of a default screen by itself.)
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.animation_level = "none"
        if self.no_color:
            self._filters = colourless(self._filters)  # not public either
        self._wanted_keys: Mapping[str, tuple[str, ...]] = engine.settings.keys
        self._work = EndOfWork()
        keymap = read_keymap(self._wanted_keys)
        use_keys(keymap)
        self.set_keymap({name: ",".join(keys) for name, keys in keymap.items()})
        for theme in THEMES:
            self.register_theme(theme)
        wanted = engine.settings.theme
        self.theme = wanted if wanted in self.available_themes else DARK.name

    def get_driver_class(self) -> type[Driver]:
        """Use the driver of our own where Textual would use the one that it is made from."""
        usual = super().get_driver_class()
        if usual.__name__ != "LinuxDriver":
            return usual
        from tui.driver import TerminalDriver  # there is no such module on Windows

        return TerminalDriver

    async def hand_on(self, event: events.Key | events.Paste) -> None:
        """Give an event to who has the focus; Textual's palette takes of a paste what cannot do harm."""
        if isinstance(event, events.Paste) and isinstance(self.screen, CommandPalette):
            event = events.Paste(printable(" ".join(event.text.split())))
        await super().hand_on(event)

    def _handle_exception(self, error: Exception) -> None:
        """End the program for what it has no answer to, but not for work that outlives its screen's parts.

        Not public; as `_fatal_error`.
        """
        late = isinstance(error, WorkerFailed) and isinstance(error.error, NoMatches)
        if not late or self.is_running:
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Show where Penstock itself failed, but unlike Textual no values of variables: one may be a key.

        Not public; the version of Textual is pinned, and a test lets an action fail.
        """
        from rich.segment import Segments
        from rich.traceback import Traceback

        traceback = Traceback(show_locals=False, width=None)
        self._exit_renderables.append(Segments(self.console.render(traceback, self.console.options)))
        self._close_messages_no_wait()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give the themes that are not ours the colours that only ours name."""
        theme = self.current_theme
        return dict(TERMINAL if theme.ansi else (DARK if theme.dark else LIGHT).variables)

    def get_default_screen(self) -> Screen[None]:
        """Begin with the workbench."""
        return Workbench(self.engine)

    def on_mount(self) -> None:
        """Start the engine once the first screen stands, and end when the terminal does."""
        self.engine.start()
        loop = asyncio.get_running_loop()
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        for number in (signal.SIGHUP, signal.SIGTERM):
            # Not the default end: runs in flight are written down and the terminal is given back.
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.exit)

    async def on_unmount(self) -> None:
        """Stop the engine, which cancels what runs and closes the database."""
        await asyncio.to_thread(self.engine.stop)

    # ---------------------------------------------------------------- settings

    @on(EngineNews)
    def _follow(self, news: EngineNews) -> None:
        """Take over what the settings file says now, and hear runs end: a screen's news come by here too."""
        for event in news.events:
            if isinstance(event, SettingsChanged):
                self._use_theme(event.settings.theme)
                self._use_keys(event.settings.keys)
            elif isinstance(event, RunChanged):
                self._call_back_at_the_end(event.state)
        if self.engine.failure is not None and self.engine.library is None:
            self.exit()  # it could not even begin: why is said where the program was started

    def _call_back_at_the_end(self, run: RunState) -> None:
        """Tell that the last run has ended, if the user is in another window.

        Terminals that do not tell where the focus is count as looked at. The news come once for each screen.
        """
        sentence = self._work.take_in(run)
        if sentence is not None and not self.app_focus:
            call_back(self, sentence, self.engine.settings.notice)

    def _use_theme(self, wanted: str) -> None:
        if wanted in self.available_themes:
            self.theme = wanted

    def _use_keys(self, wanted: Mapping[str, tuple[str, ...]]) -> None:
        if wanted == self._wanted_keys:
            return
        self._wanted_keys = wanted
        try:
            keymap = read_keymap(wanted)
        except FieldError as error:
            why = refused_in(self.engine.workspace.settings, ("keys", error.field), str(error))
            self._tell(f"{why} The keys in force stay as they are.", "error")
            return
        use_keys(keymap)
        self.set_keymap({name: ",".join(keys) for name, keys in keymap.items()})
        for screen in self.screen_stack:
            screen.query(KeyLine).refresh()

    @work(group="theme", exclusive=True)
    async def _keep_theme(self, theme: Theme) -> None:
        """Write a theme that was chosen here into the settings, where the next start finds it."""
        if theme.name == self.engine.settings.theme:
            return
        try:
            await asyncio.wrap_future(self.engine.configuring.change(("theme",), theme.name))
        except (SettingsError, OSError, EngineStopped) as error:
            self._tell(f"The theme is not kept. {error}", "error")

    def _tell(self, sentence: str, severity: Severity) -> None:
        if isinstance(self.screen, Surface):
            self.screen.key_line.tell(sentence, severity)

    # ---------------------------------------------------------------- the palette

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer every action of the table in the palette, beside Textual's themes and screenshot."""
        for command in super().get_system_commands(screen):
            if command.title in ("Theme", "Screenshot"):
                yield command
        if isinstance(screen, Surface):
            for action in ACTIONS:
                offered = action.palette and (self.engine.demo or not action.demo)
                if offered and action.place in screen.PLACES:
                    yield SystemCommand(action.title, about(action), self._caller(screen, action.call))

        for name in sorted(self.available_themes):
            yield SystemCommand(f"Theme: {name}", "Change the colours", partial(setattr, self, "theme", name))

    def _caller(self, screen: Screen[Any], call: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await self.run_action(call, default_namespace=screen)

        return run


def about(action: Action) -> str:
    """Return what the palette says below an action's title."""
    keys = f"key {' or '.join(labels(action))}" if labels(action) else ""
    return f"{action.help} ({keys})".removesuffix(" ()") if action.help else keys.replace("key", "Key", 1)
