"""Front matter as YAML: what is read, what is refused, and the corrected lines that are proposed."""

from __future__ import annotations

import json

import pytest
import yaml
from frontmatter.default_handlers import SafeLoader as FastLoader
from hypothesis import given
from hypothesis import strategies as st

from tui.core.prompts import yaml_reader
from tui.core.prompts.yaml_reader import MAX_DEPTH, MAX_LENGTH, JsonValue, YamlError, read_yaml
from tui.core.prompts.yaml_repair import find_problems, quote

BROKEN = [
    ("a: b: c", 'a: "b: c"'),
    ("a: b: c # why", 'a: "b: c" # why'),
    ("a: b: see #12", 'a: "b: see #12"'),
    ("globs: **/*.ts", 'globs: "**/*.ts"'),
    ("x: @me", 'x: "@me"'),
    ("x: `code`", 'x: "`code`"'),
    ("x: %d", 'x: "%d"'),
    ("x: {{ name }}", 'x: "{{ name }}"'),
    ("x: {{name}} and more", 'x: "{{name}} and more"'),
    ("x: [a, b", "x: [a, b]"),
    ("x: [a] [b]", 'x: "[a] [b]"'),
    ("x: 'it's'", 'x: "it\'s"'),
    ('x: "a" b', "x: '\"a\" b'"),
    ('x: "abc', 'x: "abc"'),
    ('x: "C:\\dir"', "x: 'C:\\dir'"),
    ("x: !tag y", 'x: "!tag y"'),
    ("x: !!python/object/apply:os.system [id]", 'x: "!!python/object/apply:os.system [id]"'),
    ("x: &anchor y", 'x: "&anchor y"'),
    ("x: *alias", 'x: "*alias"'),
    ("x: - y", 'x: "- y"'),
    ("x: > y", 'x: "> y"'),
    ("\tx: y", "x: y"),
    ("x:y", "x: y"),
    ("- @me", '- "@me"'),
]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("true", True),
        ("False", False),
        ("on", "on"),
        ("yes", "yes"),
        ("y", "y"),
        ("12", 12),
        ("-3", -3),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2024-05-01", "2024-05-01"),
        ("1.10", 1.1),
        ("6e3", 6000.0),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        (str(2**63 - 1), 2**63 - 1),
        (str(-(2**63)), -(2**63)),
        (str(2**63), str(2**63)),
        ("9" * 5000, "9" * 5000),
        ('"12"', "12"),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: JsonValue) -> None:
    read = read_yaml(f"key: {text}\n").values["key"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x 1\nb: *x\n", "yaml-refused"),
        ("a: !!str 1", "yaml-refused"),
        ("a: !!python/name:os.system ''", "yaml-refused"),
        ("a: 1\na: 2", "duplicate-key"),
        ("a: {b: 1, b: 2}", "duplicate-key"),
        ("? [a]\n: b", "yaml-refused"),
        ("a: 1\n--- \nb: 2", "yaml-refused"),
        ("a: " + "[" * 20_000, "yaml-refused"),
        ("a: " + "{b: " * (MAX_DEPTH + 1), "yaml-refused"),
        ("- " * 10_000, "yaml-refused"),
        ("a: " + "x" * MAX_LENGTH, "yaml"),
        ("just text", "yaml"),
        ("- a\n- b", "yaml"),
        ("a: \x07", "yaml"),
        ('a: "\\ud800"', None),
        ('a: "\\0"', None),
        ('a: "\\UFFFFFFFF"', None),
    ],
)
@pytest.mark.parametrize("loader", [yaml.SafeLoader, FastLoader])
def test_what_is_refused(
    text: str, code: str | None, loader: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_reader, "SafeLoader", loader)
    with pytest.raises(YamlError) as caught:
        read_yaml(text)
    assert code is None or caught.value.code == code
    assert caught.value.fix


@pytest.mark.parametrize(("line", "corrected"), BROKEN)
@pytest.mark.parametrize("loader", [yaml.SafeLoader, FastLoader])
def test_the_corrected_line_is_proposed(
    line: str, corrected: str, loader: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_reader, "SafeLoader", loader)
    entry = "list:\n" if line.startswith("-") else "before: 1\n"
    after = "" if line.startswith("-") else "after: 2\n"
    (problem,) = find_problems(f"{entry}{line}\n{after}", first_line=2)
    assert (problem.line, problem.fix) == (3, f"Write it as: {corrected}")
    read_yaml(f"{entry}{corrected}\n{after}")


def test_every_broken_line_is_reported_at_once() -> None:
    text = "a: b: c\nfine: 1\nglobs: *.ts\nx: {{y}}\n"
    assert [problem.line for problem in find_problems(text, first_line=2)] == [2, 4, 5]


def test_no_line_is_proposed_that_would_not_mend() -> None:
    (problem,) = find_problems("a: 1\n b: 2\n", first_line=2)
    assert problem.line == 3
    assert "Write it as" not in problem.fix


def test_a_long_line_is_not_worth_quadratic_time() -> None:
    (problem,) = find_problems("a: *" + " " * 30_000 + "*\n", first_line=2)
    assert "Write it as" not in problem.fix


def test_spots_are_offsets_of_keys_and_values() -> None:
    text = "a: 'x' # c\nb:\r\n  - é\n  - {c: 1.10}\n"
    spots = read_yaml(text).spots
    assert text[spots[("a",)].start : spots[("a",)].end] == "'x'"
    assert text[spots[("b",)].key] == "b"
    assert text[spots[("b", 0)].start : spots[("b", 0)].end] == "é"
    inner = spots[("b", 1, "c")]
    assert (text[inner.key], text[inner.start : inner.end], inner.text) == ("c", "1.10", "1.10")


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)
WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=126))
VALUES = st.recursive(
    SCALARS | WORDS, lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner), max_leaves=8
)


@given(st.dictionaries(WORDS, VALUES, min_size=1))
def test_json_reads_as_itself(data: dict[str, JsonValue]) -> None:
    assert read_yaml(json.dumps(data)).values == data


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_a_quoted_text_reads_as_itself(text: str) -> None:
    for mark in "'\"":
        assert read_yaml(f"key: {quote(text, mark)} # comment").values == {"key": text}


@given(st.text())
def test_no_text_makes_the_reader_raise_anything_else(text: str) -> None:
    try:
        read_yaml(text)
    except YamlError as error:
        assert 0 <= error.offset <= len(text)
