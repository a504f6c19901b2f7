"""The settings: what is in force, where each is said, and changing them in the file, comments kept."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textual import on, work
from textual.getters import query_one

from tui.action_table import SCREENS
from tui.actions import bindings, key_of
from tui.bridge import EngineNews
from tui.core.engine.events import SettingsChanged
from tui.core.settings import SettingsError
from tui.core.settings_errors import FieldError
from tui.core.typed import whole_number
from tui.editor import edit_file
from tui.keymap import read_keymap
from tui.screens.acts.picking import Picking
from tui.widgets.ask_line import AskLine
from tui.widgets.heading import Heading
from tui.widgets.key_line import KeyLine
from tui.widgets.pick_list import Pick, PickList
from tui.widgets.settings.accounts import accounts
from tui.widgets.settings.general import general, keys, places, prices
from tui.widgets.settings.setting import Group, Setting, Sources
from tui.widgets.settings.setting_list import SettingList
from tui.widgets.title_bar import home_relative

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.widgets.ink import Word


class SettingsScreen(Picking):
    """Follows the file: what another program saves there shows here too."""

    CSS_PATH = "settings.tcss"
    PLACES = SCREENS["settings"]
    BINDINGS = bindings(*PLACES)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012 - as Textual declares it

    rows = query_one(SettingList)
    heading = query_one("#settings-heading", Heading)
    about = query_one("#settings-about", Heading)

    def compose(self) -> ComposeResult:
        """Yield the list between its title and what is known of the setting at the cursor."""
        path = home_relative(self.engine.workspace.settings)
        title: list[Word] = [("Settings", "strong"), (f"  {path}", "muted")]
        if self.engine.workspace.demo:
            title[1:] = [("  those of this demo: they end with it, your file stays as it is", "warning")]
        yield Heading(*title, id="settings-heading", rule=" ")
        yield SettingList()
        yield Heading(id="settings-about", rule=" ")
        yield KeyLine(self.PLACES)
        yield AskLine()
        yield PickList()

    def on_mount(self) -> None:
        """Read, and begin to listen."""
        self.listen()
        self.rows.file_name = self.engine.workspace.settings.name
        self.rows.focus()
        self._read()

    @on(EngineNews)
    def _take_in(self, news: EngineNews) -> None:
        for event in news.events:
            match event:
                case SettingsChanged():
                    self._read()

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        text = await self.answered(self.engine.configuring.read())
        self.rows.show(self._groups(Sources(text, os.environ)))

    def _groups(self, sources: Sources) -> list[Group]:
        settings, workspace = self.engine.settings, self.engine.workspace
        missing = {name: state.missing for name, state in self.engine.providers.items()}
        stated = prices(settings, sources)
        return [
            general(settings, sources, self.app.available_themes),
            *accounts(settings, sources, missing, environ=os.environ, simulated=workspace.demo),
            *([stated] if stated else []),
            places(workspace, settings, sources),
            *keys(settings, sources),
        ]

    @on(SettingList.Moved)
    def _show_about(self) -> None:
        row = self.rows.row
        left: list[Word] = []
        right: list[Word] = []
        if isinstance(row, Group):
            left = [(f"{key_of('settings-change')} folds and unfolds the group.", "muted")]
        elif isinstance(row, Setting):
            left = [(row.about, "text")]
            if row.origin.variable:
                right = [("the variable wins over the file", "warning")]
            elif row.keys:
                right = [("at once" if row.at_once else "from the next start on", "muted")]
        self.about.show(left, right)

    # ---------------------------------------------------------------- changing

    @on(SettingList.Wanted)
    def _clicked(self, message: SettingList.Wanted) -> None:
        self.action_change()

    @work(group="ask", exclusive=True)
    async def action_change(self) -> None:
        """Change the setting at the cursor; a group folds."""
        setting = self.rows.row
        if not isinstance(setting, Setting):
            self.rows.toggle()
        elif setting.origin.variable:
            self.key_line.tell(
                f"${setting.origin.variable} gives this value, and wins over the file: change it there.",
                "warning",
            )
        elif setting.kind == "fixed":
            self._open(setting)
        elif setting.kind == "switch":
            await self._write(setting, setting.value != "yes")
        elif setting.kind == "choice":
            if (chosen := await self._choose(setting)) is not None:
                await self._write(setting, chosen or None)
        else:
            names = "such as n, N, ctrl+n or f5; " if setting.kind == "keys" else ""
            hint = f"{names}empty: the usual"
            answer = await self.ask_line.ask(setting.label, setting.typed, hint=hint)
            if answer is not None:
                await self._take(setting, answer.strip())

    async def _choose(self, setting: Setting) -> str | None:
        picks = [
            Pick(each, each or "the usual one", marked=each == setting.typed) for each in setting.choices
        ]
        return await self.pick(setting.label, picks)

    async def _take(self, setting: Setting, answer: str) -> None:
        """Make of an answer what stands in a file: text, a figure, keys; nothing for none."""
        if setting.kind == "keys":
            named = answer.split()
            if problem := self._problem_of_keys(setting.keys[-1], named):
                self.key_line.tell(problem, "error")
                return
            await self._write(setting, (named if len(named) > 1 else named[0]) if named else None)
        elif setting.kind == "figure":
            await self._write(setting, _figure(answer.replace(",", "").replace("_", "")))
        elif setting.keys[-1] == "key_env":
            await self._write(setting, answer.split() or None)
        else:
            await self._write(setting, answer or None)

    def _problem_of_keys(self, action: str, named: list[str]) -> str:
        wanted = {name: list(keys) for name, keys in self.engine.settings.keys.items() if name != action}
        try:
            read_keymap({**wanted, action: named} if named else wanted)
        except FieldError as error:
            return f"{str(error).rstrip('.')}."
        return ""

    async def _write(self, setting: Setting, value: object) -> None:
        await self.to_its_end(self._change(setting, value))

    async def _change(self, setting: Setting, value: object) -> None:
        changed = self.engine.configuring.change(setting.keys, value)
        await self.answered(changed, known=(SettingsError, OSError))
        when = "" if setting.at_once else " It takes effect at the next start."
        what = ".".join(setting.keys)
        where = "changed until this demo ends" if self.engine.workspace.demo else "written to the file"
        said = f"{what} is as usual again." if value is None else f"{what} is {where}."
        self.key_line.tell(said + when)

    @work(group="ask", exclusive=True)
    async def action_usual(self) -> None:
        """Take the setting at the cursor out of the file."""
        setting = self.rows.row
        if isinstance(setting, Setting) and setting.origin.line is not None and setting.kind != "fixed":
            await self._write(setting, None)
        else:
            self.key_line.tell("The file does not say this here, so there is nothing to take out.")

    def action_open(self) -> None:
        """Open the file in the user's editor, at the setting if the file has it."""
        row = self.rows.row
        self._open(row if isinstance(row, Setting) else None)

    @work(group="edit", exclusive=True)
    async def _open(self, setting: Setting | None) -> None:
        path = self.engine.workspace.settings
        if setting is not None and not setting.keys:
            self.key_line.tell(setting.about)
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.key_line.tell(f"{path.parent} could not be made ({error.strerror}).", "error")
            return
        line = (setting.origin.line if setting is not None else None) or 1
        if problem := edit_file(self.app, path, line):
            self.key_line.tell(problem, "error")

    # ---------------------------------------------------------------- looking

    def action_fold(self) -> None:
        """Fold the group, or go to its title."""
        self.rows.fold(folded=True)

    def action_unfold(self) -> None:
        """Unfold the group, or go to its first setting."""
        self.rows.fold(folded=False)

    @work(group="ask", exclusive=True)
    async def action_filter(self) -> None:
        """Ask for words, and show the settings that have them."""
        found = await self.ask_line.ask("/", hint="words to look for", typed=self.rows.filter)
        if found is None:
            self.rows.filter("")

    def action_back(self) -> None:
        """Show all settings again, or go back."""
        if self.rows.filtered:
            self.rows.filter("")
        else:
            self.dismiss()


def _figure(text: str) -> object:
    """Return a number, None for nothing; what is none is left to the settings, which say what is wrong."""
    if text.isdecimal():
        number = whole_number(text)
        return text if number is None else number
    try:
        return float(text) if text else None
    except ValueError:
        return text
