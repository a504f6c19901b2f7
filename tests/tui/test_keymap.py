"""Keys that the user gives to actions: in force everywhere, and refused where they would not work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.readme import README, with_keys
from tui.action_table import ACTIONS, default_keys
from tui.cli import main
from tui.core.settings_errors import FieldError
from tui.keymap import read_keymap
from tui.screens.help import Help, help_lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.conftest import Opener


async def test_an_action_has_the_keys_of_the_settings_only(open_app: Opener) -> None:
    async with open_app(settings='[keys]\nrun = "ctrl+n"\nhelp = ["f1", "K"]\n') as desk:
        answer = desk.bench.desk.answer
        await desk.until(lambda: "press ctrl+n to run" in answer.text.text, "the key in the sentence")
        assert ("ctrl+n", "key") in desk.bench.key_line.words(0)
        commands = {c.title: c.help for c in desk.app.get_system_commands(desk.bench)}
        assert "key ctrl+n" in commands["Run the version at hand"]
        assert any("ctrl+n" in line.text and "Run the version" in line.text for line in help_lines())
        await desk.press("r")
        assert answer.run is None
        await desk.press("ctrl+n")
        await desk.until(lambda: answer.run, "a run")
        await desk.press("question_mark")
        assert not isinstance(desk.app.screen, Help)
        await desk.press("f1")
        assert isinstance(desk.app.screen, Help)
        text = README.read_text(encoding="utf-8")
        assert with_keys(text) == text, "the README lists the usual keys"
    async with open_app() as desk:
        await desk.press("question_mark")
        assert isinstance(desk.app.screen, Help), "another app has the usual keys again"


async def test_two_actions_can_change_their_keys(open_app: Opener) -> None:
    async with open_app(settings='[keys]\nview = "b"\nbrowser = "t"\n') as desk:
        await desk.press("t")
        assert desk.bench.browser_hidden
        await desk.press("b")
        assert desk.bench.desk.view == "preview"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("n", "n"), ("N", "N"), ("?", "question_mark"), ("question_mark", "question_mark"), ("é", "é"),
        ("ctrl+l", "ctrl+l"), ("alt+x", "alt+x"), ("f5", "f5"), ("shift+tab", "shift+tab"), ("+", "plus"),
        ("<", "less_than_sign"),
    ],
)  # fmt: skip
def test_keys_as_people_write_them(key: str, name: str) -> None:
    assert read_keymap({"no-answer": [key]}) == {"no-answer": (name,)}


def test_every_usual_key_can_be_written_in_the_settings() -> None:
    for action in ACTIONS:
        if keys := default_keys(action):
            assert read_keymap({action.id: keys}) == {action.id: keys}


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"rum": ["x"]}, "there is no action 'rum', did you mean 'run'?"),
        ({"xyzzy": ["x"]}, "`penstock config keys` lists them"),
        ({"run": ["ctlr+n"]}, "there is no key 'ctlr+n'"),
        ({"run": ["enterr"]}, "there is no key 'enterr'"),
        ({"run": [""]}, "there is no key ''"),
        ({"run": []}, "run needs a key"),
        ({"run": ["e"]}, "'e' is the key of 'edit' already"),
        ({"run": ["x"], "edit": ["x"]}, "'x' is the key of"),
        ({"good": ["r"]}, "'r' is the key of 'run' already"),
        ({"weights": ["q"]}, "'q' is the key of 'quit' already"),
        ({"failed-again": ["q"]}, "'q' is the key of 'quit' already"),
        ({"column-mark": ["j"]}, "'j' is the key of 'cursor-down' already"),
        ({"repeats-more": ["a"]}, "'a' is the key of 'plan-pick-all' already"),
        ({"revision-runs": ["g"]}, "'g' is the key of 'first' already"),
    ],
)
def test_keys_that_would_not_work_are_refused(keys: dict[str, list[str]], message: str) -> None:
    with pytest.raises(FieldError) as refusal:
        read_keymap(keys)
    assert message in str(refusal.value)


def test_a_refusal_names_file_line_and_column(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"

    def said(text: str) -> str:
        settings.write_text(text)
        result = CliRunner().invoke(main, ["--settings", str(settings), "config", "keys"])
        return " ".join(result.output.split())

    assert f"{settings}:3:1: there is no action 'rum'" in said('# mine\n[keys]\nrum = "x"\n')
    assert f"{settings}:2:1: keys.run: it is a key" in said("[keys]\nrun = 5\n")
    good = said('[keys]\nrun = "ctrl+n"\n')
    assert 'run = "ctrl+n" # Run the version at hand' in good
    assert 'edit = "e" # Edit' in good
