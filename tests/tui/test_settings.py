"""The settings screen: what is in force and where that is said; changes go into the file and hold at once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from tui.core.settings import parse_settings
from tui.core.workspace import Options, resolve
from tui.screens.settings import SettingsScreen
from tui.widgets.quota.panel import ProviderPanel
from tui.widgets.settings.accounts import accounts
from tui.widgets.settings.general import general, keys, places, prices
from tui.widgets.settings.setting import Origin, Setting, Sources

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.conftest import Desk, Opener
    from tui.widgets.settings.setting import Group

MINE = """# mine
theme = "penstock-light"  # by day
[providers.openai]
limits = { requests_per_minute = 45 }
[providers.openai.models."gpt-6-sol".limits]
requests_per_minute = 10
[providers.mine]
preset = "anthropic"
key_env = "MINE_KEY"
headers = { X-Team = "$TEAM" }
[prices."openai/gpt-6*"]
input = 0.1
output = 0.5
[keys]
run = "ctrl+n"
"""


def _find(groups: list[Group], *path: str) -> Setting:
    return next(one for group in groups for one in group.settings if one.keys == path)


def test_each_setting_says_where_it_comes_from_and_no_key_is_shown(tmp_path: Path) -> None:
    settings = parse_settings(MINE, tmp_path / "settings.toml")
    environ = {"PENSTOCK_VIM": "1", "OPENAI_API_KEY": "sk-secret", "TEAM": "hidden", "MINE_KEY": ""}
    sources = Sources(MINE, environ)
    missing = {"openai": (), "anthropic": ("ANTHROPIC_API_KEY",)}
    stated = prices(settings, sources)
    assert stated is not None
    groups = [
        general(settings, sources, ["nord", "penstock-light"]),
        *accounts(settings, sources, missing, environ=environ, simulated=False),
        stated,
        places(resolve(Options(prompts=tmp_path), None, {}), settings, sources),
        *keys(settings, sources),
    ]
    assert _find(groups, "theme").origin == Origin(line=2)
    assert _find(groups, "vim").origin == Origin(variable="PENSTOCK_VIM")
    assert _find(groups, "discover").origin == Origin()
    limit = _find(groups, "providers", "openai", "limits", "requests_per_minute")
    assert (limit.value, limit.origin.line) == ("45", 4)
    of_model = _find(groups, "providers", "openai", "models", "gpt-6-sol", "limits", "requests_per_minute")
    assert (of_model.value, of_model.origin.line) == ("10", 6)
    assert _find(groups, "prices", "openai/gpt-6*").value == "$0.1 in, $0.5 out"
    assert _find(groups, "keys", "run").value == "ctrl+n"
    assert _find(groups, "providers", "openai", "key_env").value == "key found in OPENAI_API_KEY"
    assert _find(groups, "providers", "anthropic", "key_env").value == "no key: set ANTHROPIC_API_KEY"
    assert _find(groups, "providers", "mine", "key_env").value == "no key: set MINE_KEY"
    assert _find(groups, "providers", "mine", "headers").value == "X-Team"
    assert not any(secret in repr(groups) for secret in ("sk-secret", "hidden"))


def test_a_file_that_is_broken_meanwhile_hides_no_setting(tmp_path: Path) -> None:
    settings = parse_settings(MINE, tmp_path / "settings.toml")
    theme = general(settings, Sources("theme = [", {}), ["nord"]).settings[0]
    assert (theme.value, theme.origin) == ("penstock-light", Origin())


async def _opened(desk: Desk) -> SettingsScreen:
    await desk.press("comma")
    await desk.until(lambda: isinstance(desk.app.screen, SettingsScreen), "the settings")
    screen = desk.app.screen
    assert isinstance(screen, SettingsScreen)
    await desk.until(lambda: screen.rows.length > 1, "the list")
    return screen


async def _answer(desk: Desk, screen: SettingsScreen, text: str, *path: str) -> None:
    screen.rows.go_to(*path)
    await desk.press("enter")
    await desk.until(lambda: screen.ask_line.open, "the question")
    screen.ask_line.field.value = text
    await desk.press("enter")


async def test_settings_are_changed_in_the_file_and_hold_at_once(open_app: Opener) -> None:
    async with open_app() as desk:
        path = desk.app.engine.workspace.settings
        path.write_text('# mine\nvim = false  # not yet\n[keys]\nrun = "ctrl+n"\n')
        screen = await _opened(desk)
        await desk.until(lambda: "ctrl+n" in desk.app.engine.settings.keys.get("run", ()), "the file's keys")
        screen.rows.go_to("vim")
        assert "settings.toml:2" in screen.rows.text
        await desk.press("enter")
        await desk.until(lambda: desk.app.engine.settings.vim, "vim")
        assert path.read_text().startswith("# mine\nvim = true  # not yet\n")
        await _answer(desk, screen, "0", "providers", "openai", "limits", "requests_per_minute")
        await desk.until(lambda: "requests_per_minute must be" in screen.key_line.message, "why not")
        screen.key_line.tell("")
        await _answer(desk, screen, "25", "providers", "openai", "limits", "requests_per_minute")
        await desk.until(
            lambda: desk.app.engine.providers["openai"].quota.limits.requests_per_minute == 25, "the limit"
        )
        await _answer(desk, screen, "5" * 5000, "providers", "openai", "limits", "requests_per_minute")
        await desk.until(lambda: "requests_per_minute must be" in screen.key_line.message, "why not")
        screen.rows.go_to("theme")
        await desk.press("enter")
        await desk.until(lambda: screen.pick_list.display, "the list")
        screen.rows.go_to("providers", "openai", "model")
        screen.action_change()
        await desk.until(lambda: not screen.pick_list.display, "the list goes with its question")
        await desk.until(lambda: screen.ask_line.open, "the next question")
        await desk.press("escape")
        await _answer(desk, screen, "nord", "theme")
        await desk.until(lambda: desk.app.theme == "nord", "the theme with that word")
        await _answer(desk, screen, "J", "keys", "view")
        await desk.until(lambda: "view = " in path.read_text(), "another key")
        await _answer(desk, screen, "b", "keys", "view")
        await desk.until(lambda: "is the key of 'browser' already" in screen.key_line.message, "the clash")
        screen.rows.go_to("vim")
        await desk.press("x")
        await desk.until(lambda: not desk.app.engine.settings.vim, "as usual")
        assert "vim" not in path.read_text()
        await desk.press("escape")
        await desk.until(lambda: desk.app.screen is desk.bench, "the workbench")
        await desk.press("J")
        await desk.until(lambda: desk.bench.desk.view == "preview", "the new key")


async def test_settings_are_found_folded_and_left(open_app: Opener) -> None:
    async with open_app((80, 24)) as desk:
        screen = await _opened(desk)
        await desk.press("G", "slash", *"deepseek flight")
        await desk.until(lambda: screen.rows.length == 2, "what has both words")
        assert isinstance(screen.rows.row, Setting), "the cursor is on the first that was found"
        assert "in flight" in screen.rows.text
        await desk.press("enter", "escape")
        await desk.until(lambda: screen.rows.length > 20, "all again")
        before = screen.rows.length
        await desk.press("g", "h")
        assert screen.rows.length < before
        await desk.press("l")
        assert screen.rows.length == before
        await desk.press("j")
        await desk.until(lambda: "The colours" in screen.about.text, "what the setting is for")


async def test_a_theme_chosen_in_the_palette_is_kept(open_app: Opener) -> None:
    async with open_app() as desk:
        path = desk.app.engine.workspace.settings
        commands = {command.title: command for command in desk.app.get_system_commands(desk.bench)}
        commands["Theme: nord"].callback()
        await desk.until(lambda: path.exists() and 'theme = "nord"' in path.read_text(), "the setting")
        path.write_text('theme = "penstock-light"\n')
        await desk.until(lambda: desk.app.theme == "penstock-light", "the file's theme")


async def test_a_provider_that_is_added_gets_its_panel_at_its_place(open_app: Opener) -> None:
    text = "[providers.openai]\nenabled = false\n[providers.deepseek]\nenabled = false\n"
    async with open_app((100, 24), demo=False, settings=text, MISTRAL_API_KEY="planted") as desk:
        strip = desk.bench.strip
        path = desk.app.engine.workspace.settings
        path.write_text("[providers.mistral]\n")
        await desk.until(lambda: "mistral" in strip, "the panel")
        panels = list(strip.query(ProviderPanel))
        assert [panel.state.name for panel in panels] == list(desk.app.engine.providers)
        assert desk.bench.provider == "mistral", "the only one that can be called"
        await desk.until(lambda: panels[-1].region.right == 99, "all in the line")
        assert all(left.region.right == right.region.x for left, right in pairwise(panels))
