"""Placeholders are found where they stand, and replaced in one pass."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.prompts.template import MissingValue, UnknownValue, placeholders, render, unclosed
from tui.core.prompts.variables import Variable

NAMES = st.sampled_from(["a", "genre", "character_type", "x.y-z", "жанр"])
TEXTS = st.text(st.sampled_from("ab {}%\n$\\1")) | st.sampled_from(
    ["{{a}}", "{{ genre }}", "{{", "}}", r"\g<0>"]
)


def test_found_where_they_stand() -> None:
    template = "{{a}} {{ b }}{{\tc_d\t}} {{a}}"
    found = placeholders(template, {"a", "c_d"})
    assert [(item.name, item.declared) for item in found] == [
        ("a", True),
        ("b", False),
        ("c_d", True),
        ("a", True),
    ]
    assert [template[item.start : item.end] for item in found] == ["{{a}}", "{{ b }}", "{{\tc_d\t}}", "{{a}}"]


@pytest.mark.parametrize(
    "text",
    [
        "{{}}",
        "{{ }}",
        "{{1a}}",
        "{{a b}}",
        "{{#if a}}",
        "{{/if}}",
        "{{a|upper}}",
        "{a}",
        "{{a}",
        "{{\na}}",
        "${{ x[0] }}",
    ],
)
def test_what_is_no_placeholder(text: str) -> None:
    assert placeholders(text, {"a", "x"}) == ()
    assert render(text, [Variable("a")], {"a": "value"}) == text


def test_values_then_defaults_and_an_empty_text_is_a_value() -> None:
    variables = [Variable("a"), Variable("b", default="B"), Variable("c", default="C")]
    assert render("{{a}}/{{ b }}/{{c}}/{{d}}", variables, {"a": "1", "b": ""}) == "1//C/{{d}}"


def test_braces_around_a_placeholder_stay() -> None:
    assert render('{"x": {{a}}}', [Variable("a")], {"a": "1"}) == '{"x": 1}'


def test_missing_values_are_named_as_declared() -> None:
    variables = [Variable("tone"), Variable("genre"), Variable("unused"), Variable("ready", default="")]
    with pytest.raises(MissingValue) as caught:
        render("{{genre}} {{tone}} {{ready}} {{undeclared}}", variables, {})
    assert caught.value.names == ("tone", "genre")
    assert "`tone`, `genre`" in str(caught.value)


def test_an_unknown_value_names_the_nearest_variable() -> None:
    with pytest.raises(UnknownValue, match=r"`gnre`.*did you mean `genre`\?") as caught:
        render("{{genre}}", [Variable("genre"), Variable("tone")], {"gnre": "noir"})
    assert (caught.value.name, caught.value.nearest) == ("gnre", "genre")


@pytest.mark.parametrize(("variables", "hint"), [([Variable("tone")], "`tone`"), ([], "declare it")])
def test_an_unknown_value_like_none(variables: list[Variable], hint: str) -> None:
    with pytest.raises(UnknownValue, match=hint) as caught:
        render("text", variables, {"zzz": "1"})
    assert caught.value.nearest is None


@given(st.lists(st.tuples(TEXTS, NAMES)), st.dictionaries(NAMES, TEXTS))
def test_one_pass_leaves_values_inert(pieces: list[tuple[str, str]], values: dict[str, str]) -> None:
    """The pieces between placeholders hold braces only where they cannot join with one."""
    safe = [(text.replace("{", "<").replace("}", ">"), name) for text, name in pieces]
    template = "".join(f"{text}{{{{{name}}}}}" for text, name in safe)
    expected = "".join(text + values.get(name, f"{{{{{name}}}}}") for text, name in safe)
    assert render(template, [Variable(name) for name in values], values) == expected


@given(st.text(st.sampled_from("ab{} .\n")), st.sets(NAMES))
def test_offsets_rebuild_the_template(template: str, declared: set[str]) -> None:
    found = placeholders(template, declared)
    assert all(one.end <= other.start for one, other in pairwise(found))
    for item in found:
        assert template[item.start : item.end].strip("{} \t") == item.name
        assert item.declared is (item.name in declared)
    assert render(template, [Variable(name, default="{{" + name + "}}") for name in "ab"], {}).count(
        "{{"
    ) == template.count("{{")


@given(st.text("{}ab| \n", max_size=40))
def test_no_placeholder_is_unclosed_and_nothing_unclosed_is_a_placeholder(template: str) -> None:
    closed = {one.start for one in placeholders(template, ["a", "ab", "b"])}
    opened = {one.start for one in unclosed(template, ["a", "ab", "b"])}
    assert not closed & opened
