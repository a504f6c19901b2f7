"""Whether values fit their variables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.prompts.fitting import choices_of, kind_of, misfit, nearest_choice
from tui.core.prompts.variables import Variable


@pytest.mark.parametrize(
    ("type_", "text", "fits"),
    [
        ("integer", "900", True),
        ("int", "-3", True),
        ("integer", "9.5", False),
        ("integer", "many", False),
        ("number", "1e3", True),
        ("float", "1.50", True),
        ("number", "1e999", False),
        ("number", "nan", False),
        ("boolean", "true", True),
        ("bool", "yes", False),
        ("string", "anything\nat all", True),
        ("array", "a, b", True),
    ],
)
def test_a_figure_is_told_from_what_is_none(type_: str, text: str, fits: bool) -> None:
    assert (misfit(Variable("x", type_), text) == "") is fits


def test_an_empty_value_is_none_yet() -> None:
    assert misfit(Variable("x", "integer"), "") == ""
    assert misfit(Variable("x", choices=("a", "b")), "") == ""


def test_of_many_choices_none_is_named() -> None:
    few, many = Variable("x", choices=("a", "b")), Variable("x", choices=tuple("abcdefgh"))
    assert misfit(few, "z") == "not a or b"
    assert misfit(many, "z\x1b[2J") == "not among the choices"


@given(st.text(), st.sampled_from(["integer", "number", "boolean", "string", "?"]))
def test_any_text_is_judged_in_one_harmless_line(text: str, type_: str) -> None:
    variable = Variable("x", type_)
    said = misfit(variable, text)
    assert said.isprintable()
    if kind_of(variable) == "text":
        assert said == ""


@given(st.lists(st.text(min_size=1), min_size=1, unique=True), st.text())
def test_a_choice_is_found_by_its_letters_or_not_at_all(choices: list[str], typed: str) -> None:
    found = nearest_choice(tuple(choices), typed)
    if found is not None:
        assert typed.strip().casefold() in found.casefold()
        assert typed not in choices


def test_true_and_false_are_choices() -> None:
    assert choices_of(Variable("x", "boolean")) == ("true", "false")
    assert nearest_choice(("true", "false"), "F") == "false"
