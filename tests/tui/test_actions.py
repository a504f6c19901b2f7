"""The action table: the one source of keys, help, palette and README."""

from __future__ import annotations

from collections import Counter

from tests.readme import README, with_keys
from tui.action_table import ACTIONS, PLACES
from tui.actions import labels
from tui.app import about
from tui.screens.help import help_lines


def test_the_readme_has_the_keys_of_the_table() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_keys(text) == text, "run `uv run python -m tests.readme`"


def test_the_help_names_every_action_that_a_user_can_take() -> None:
    shown = "\n".join(line.text for line in help_lines())
    assert all(action.title in shown for action in ACTIONS if action.place in PLACES)


def test_the_palette_says_each_key_as_it_is_typed() -> None:
    for action in ACTIONS:
        assert " or ".join(labels(action)) in about(action)


def test_no_key_means_two_things_in_one_place() -> None:
    keys = Counter((action.place, key) for action in ACTIONS for key in action.keys.split(",") if key)
    assert [key for key, times in keys.items() if times > 1] == []


def test_no_action_needs_a_key_that_terminals_do_not_send() -> None:
    for action in ACTIONS:
        assert any(
            not key.startswith(("f1", "f2", "shift+enter", "ctrl+enter", "ctrl+shift"))
            for key in action.keys.split(",")
        )


def test_every_id_is_unique() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
