"""Turns: what divides a template, what does not, what is wrong with it, and that no value can change it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.prompts.document import parse_document
from tui.core.prompts.template import MissingValue
from tui.core.prompts.turns import ROLES, Turn, as_text, conversation, markers, split_turns
from tui.core.prompts.variables import Variable

CHAT = """\
<!-- system -->
Be brief.

<!-- user -->

Hello {{who}}.
  Indented.

<!--Assistant-->\t
Yes?
<!-- user -->
Count.
"""
PIECES = [
    "<!-- user -->",
    "<!-- system -->",
    "<!--assistant-->",
    "\n",
    "\r",
    "{{b}}",
    "user:",
    "  ",
    "x",
    "---",
]
VALUES = st.lists(st.sampled_from(PIECES) | st.text(max_size=9)).map("".join)


def said(template: str) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in split_turns(template)]


def found(body: str, system: str = "") -> list[tuple[str, str, int | None, int | None]]:
    front = f"---\nvariables: [who]\nsystem: {system}\n---\n\n" if system else "---\nname: a\n---\n\n"
    problems = parse_document((front + body).encode(), Path("a.md")).problems
    ours = [problem for problem in problems if problem.code not in ("undeclared", "unused-variable")]
    return [(problem.severity, problem.code, problem.line, problem.column) for problem in ours]


def test_markers_divide_a_template_that_begins_with_one() -> None:
    assert said(CHAT) == [
        ("system", "Be brief."),
        ("user", "Hello {{who}}.\n  Indented."),
        ("assistant", "Yes?"),
        ("user", "Count."),
    ]
    for turn in split_turns(CHAT):
        assert CHAT[turn.start :].startswith(turn.text)
    assert [CHAT[start:end] for start, end in markers(CHAT)] == ["system", "user", "Assistant", "user"]


@pytest.mark.parametrize(
    "template",
    [
        "Hello\nuser:\nand\n<!-- user -->\nmore",
        "user:\nHello\nassistant:\nYes?",
        " <!-- user -->\nHello",
        "<!-- user --> Hello",
        "<!-- the user -->\nHello",
        "<!-- toc -->\n# Heading",
        "```\n<!-- user -->\n```",
        "",
    ],
)
def test_anything_else_is_one_turn_as_it_stands(template: str) -> None:
    assert said(template) == [("user", template)]
    assert markers(template) == ()
    assert as_text(split_turns(template)) == template


def test_an_indented_marker_is_text() -> None:
    assert said("<!-- user -->\nA\n <!-- assistant -->\nB") == [("user", "A\n <!-- assistant -->\nB")]


def test_values_are_filled_in_turn_by_turn_and_the_systems_too() -> None:
    variables = (Variable("who", default="you"), Variable("how"))
    turns = conversation("Be {{how}}.", "<!-- user -->\nHi {{who}}.\n", variables, {"how": "kind"})
    assert turns == (Turn("system", "Be kind."), Turn("user", "Hi you."))


def test_everything_that_is_missing_is_told_at_once() -> None:
    template = "<!-- user -->\n{{a}}\n<!-- assistant -->\n{{b}}\n<!-- user -->\n!"
    with pytest.raises(MissingValue) as caught:
        conversation("{{c}}", template, [Variable(name) for name in "abc"], {})
    assert caught.value.names == ("a", "b", "c")


@given(values=st.fixed_dictionaries({"a": VALUES, "b": VALUES}), divided=st.booleans())
def test_no_value_changes_the_number_or_the_roles_of_the_turns(values: dict[str, str], divided: bool) -> None:
    template = "<!-- user -->\n{{a}}\n\n<!-- assistant -->\nx{{b}}\n{{a}}\n<!-- user -->\n{{b}}"
    if not divided:
        template = "{{a}}\n{{b}}"
    variables = (Variable("a"), Variable("b"))
    turns = conversation("{{a}}", template, variables, values)
    assert [turn.role for turn in turns] == ["system", *(turn.role for turn in split_turns(template))]
    assert turns[0].text == values["a"]
    assert turns[-1].text == (values["b"] if divided else f"{values['a']}\n{values['b']}")


@given(st.lists(st.tuples(st.sampled_from(ROLES), VALUES), min_size=2, max_size=5))
def test_no_text_of_a_turn_passes_for_a_marker_in_the_record(turns: list[tuple[str, str]]) -> None:
    text = as_text(Turn(role, said) for role, said in turns)  # type: ignore[arg-type]
    assert [turn.role for turn in split_turns(text)] == [role for role, _ in turns]


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        (CHAT, []),
        ("<!-- usr -->\nA\n<!-- assistant -->\nB\n<!-- user -->\nC", [("error", "unknown-role", 5, 1)]),
        ("<!-- user -->\nA\n<!-- tool -->\nB", [("error", "unknown-role", 7, 1)]),
        ("<!-- user -->\n\n<!-- assistant -->\nB\n<!-- user -->\nC", [("error", "empty-turn", 5, 1)]),
        ("<!-- user -->\nA\n<!-- system -->\nB", [("error", "system-turn", 7, 1)]),
        ("<!-- system -->\nA\n<!-- system -->\nB\n<!-- user -->\nC", [("error", "system-turn", 7, 1)]),
        ("<!-- system -->\nA", [("error", "no-user-turn", 5, 1)]),
        ("<!-- assistant -->\nA\n<!-- user -->\nB", [("warning", "assistant-first", 5, 1)]),
        ("\n\n<!-- user -->\nA\n<!-- assistant -->\nB", [("warning", "assistant-last", 9, 1)]),
        ("Hello\n<!-- user -->\nA\n<!-- user -->\nB", [("warning", "stray-marker", 6, 1)]),
        ("Hello\nuser:\nA", []),
    ],
)
def test_what_is_wrong_is_reported_with_its_place(
    body: str, problems: list[tuple[str, str, int | None, int | None]]
) -> None:
    assert found(body) == problems


def test_a_system_message_in_both_places_is_an_error() -> None:
    assert found("<!-- system -->\n{{who}}\n<!-- user -->\nB", "Be kind.") == [("error", "system-turn", 6, 1)]


@pytest.mark.parametrize(
    ("word", "fix"),
    [("model", "assistant"), ("Human", "user"), ("sytem", "system"), ("asistant", "assistant")],
)
def test_a_role_by_another_name_is_told_its_own(word: str, fix: str) -> None:
    data = f"<!-- user -->\nA\n<!-- {word} -->\nB".encode()
    problem = parse_document(data, Path("a.md")).problems[0]
    assert problem.fix == f"Write it as: <!-- {fix} -->"
