"""What a prompt file's bytes say, and what is said of bytes that are none."""

from __future__ import annotations

import json
from pathlib import PurePath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.core.prompts.document import (
    MAX_BYTES,
    Parsed,
    PromptDocument,
    Variable,
    content_hash,
    parse_document,
)
from tui.core.prompts.problems import Problem

SPECIFIED = """\
---
name: character-generation
version: 1
variables: [genre, character_type, existing_characters]
active: true
---

# Character Generation Prompt

Generate a character for a {{genre}} story.

**Character Type:** {{character_type}}

**Existing Characters:** {{existing_characters}}
"""

RICH = b"""---
name: rich
version: "2"
variables:
  genre: {type: string, default: 1.10, description: "the kind: any", choices: [1.10, noir]}
  tone:
tags: [a, b]
active: true # yes
weight: 0.5
system: |
  Be {{tone}}.
parameters: {temperature: 0.7, stop: ["\\n"]}
created: 2024-05-01
on: yes
---

Hi {{ genre }}

---
and on
"""

FRAGMENTS = [
    b"---\n",
    b"\n",
    b":",
    b" ",
    b"*",
    b"&a ",
    b"!!",
    b"{",
    b"}",
    b"[",
    b"]",
    b"'",
    b'"',
    b"\\",
    b"\t",
    b"#",
]
FRAGMENTS += [
    b"|",
    b"? ",
    b"- ",
    b"\xff",
    b"\xc2\x85",
    b"\0",
    b"%",
    b"\r",
    b"...\n",
    b"\xef\xbb\xbf",
    b"\\ud800",
]


def parse(text: str, name: str = "tale.md") -> Parsed:
    return parse_document(text.encode(), PurePath("folder") / name)


def document_of(text: str, name: str = "tale.md") -> PromptDocument:
    parsed = parse(text, name)
    assert parsed.document is not None, parsed.problems
    return parsed.document


def front(*lines: str, body: str = "Hello.") -> str:
    return "\n".join(("---", *lines, "---", "", body, ""))


def only_problem(text: str) -> Problem:
    (problem,) = parse(text).problems
    return problem


def test_the_specified_file() -> None:
    parsed = parse(SPECIFIED, "character-generation-v1.md")
    document = parsed.document
    assert parsed.problems == ()
    assert document is not None
    assert (document.name, document.version, document.active) == ("character-generation", 1, True)
    names = ("genre", "character_type", "existing_characters")
    assert document.variables == tuple(Variable(name) for name in names)
    assert all(variable.required for variable in document.variables)
    assert document.template.startswith("# Character Generation Prompt\n\nGenerate")
    assert document.template.endswith("{{existing_characters}}")
    assert SPECIFIED.split("\n")[document.body_line - 1] == "# Character Generation Prompt"


def test_every_key_at_once() -> None:
    parsed = parse_document(RICH, PurePath("x.md"))
    document = parsed.document
    assert parsed.problems == ()
    assert document is not None
    assert (document.name, document.version, document.weight, document.tags) == ("rich", 2, 0.5, ("a", "b"))
    assert document.variables == (
        Variable("genre", default="1.10", description="the kind: any", choices=("1.10", "noir")),
        Variable("tone"),
    )
    assert document.system == "Be {{tone}}."
    assert document.parameters == {"temperature": 0.7, "stop": ["\n"]}
    assert document.template == "Hi {{ genre }}\n\n---\nand on"
    assert document.front_matter["created"] == "2024-05-01"
    assert document.front_matter["on"] == "yes"
    assert json.loads(json.dumps(document.front_matter)) == document.front_matter


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tale-v3.md", ("tale", 3)),
        ("tale-v2-v12.md", ("tale-v2", 12)),
        ("tale.md", ("tale", 1)),
        ("tale-v1.2.md", ("tale-v1.2", 1)),
        ("-v3.md", ("-v3", 1)),
        ("bad\udcff\n-v1.md", ("bad??", 1)),
    ],
)
def test_without_front_matter_the_file_name_names_the_prompt(name: str, expected: tuple[str, int]) -> None:
    document = document_of("Just text, {{ not a variable }}.\n", name)
    assert (document.name, document.version) == expected
    assert document.template == "Just text, {{ not a variable }}."
    assert (document.active, document.variables, document.body_line) == (True, (), 1)


def test_empty_keys_count_as_missing() -> None:
    document = document_of(
        front("name:", "version:", "active:", "tags:", "parameters:", "system:"), "tale-v4.md"
    )
    assert (document.name, document.version, document.active) == ("tale", 4, True)
    assert (document.tags, document.parameters, document.system) == ((), {}, "")


@pytest.mark.parametrize("first", ["---", "--- ", "---\t", "\ufeff---"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_delimiters_marks_and_line_ends(first: str, newline: str) -> None:
    text = newline.join((first, "name: x", "note: ----", "---  ", "", "  kept", "----", "---", "end", "", ""))
    document = document_of(text)
    assert document.name == "x"
    assert document.template == "  kept\n----\n---\nend"
    assert document.body_line == 6


def test_four_dashes_are_no_delimiter() -> None:
    assert document_of("----\nname: x\n----\n").template == "----\nname: x\n----"


def test_one_blank_line_is_dropped_and_no_more() -> None:
    assert document_of("---\nname: x\n---\n\n\n\ttext  \n\n\n").template == "\n\ttext  "


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("---\nname: x\n\nbody\n", "unclosed", 1),
        ("---", "unclosed", 1),
        ("\n\n---\nname: x\n---\nbody\n", "late-front-matter", 3),
        ("", "empty", 1),
        ("---\nname: x\n---\n\n  \n", "empty", 5),
    ],
)
def test_files_that_are_cut_short_or_start_late(text: str, code: str, line: int) -> None:
    problem = only_problem(text)
    assert (problem.severity, problem.code, problem.line) == ("error", code, line)
    assert problem.fix


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"x" * (MAX_BYTES + 1), "too-large", (None, None)),
        (b"caf\xc3\xa9 \xff", "not-utf8", (1, 6)),
        (b"\xef\xbb\xbfone\ntwo \xe9\n", "not-utf8", (2, 5)),
        ("name".encode("utf-16"), "not-utf8", (1, 1)),
        (b"one\ntw\0o", "nul", (2, 3)),
    ],
)
def test_bytes_that_are_no_text(data: bytes, code: str, place: tuple[int | None, int | None]) -> None:
    (problem,) = parse_document(data, PurePath("x.md")).problems
    assert (problem.severity, problem.code) == ("error", code)
    assert (problem.line, problem.column) == place
    assert problem.fix


def test_the_largest_file_is_read() -> None:
    assert parse_document(b"x" * MAX_BYTES, PurePath("x.md")).document is not None


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("version: v2", "version: 2"),
        ("version: 2.0", "version: 2"),
        ("version: 1.10", "whole numbers"),
        ("version: true", "whole numbers"),
        ("version: -1", "whole numbers"),
        ("version: [1]", "whole numbers"),
        ("active: yes", "active: true"),
        ("active: off", "active: false"),
        ('active: "true"', "active: true"),
        ("active: 1", "active: true"),
        ("weight: -0.5", "weight: 1"),
        ("weight: 50%", "weight: 50"),
        ('weight: "0.5"', "weight: 0.5"),
        ("weight: true", "weight: 1"),
        ("weight: .inf", "weight: 1"),
        ("name: [x]", "name: some text"),
        ("model: {id: x}", "model: some text"),
        ("parameters: [x]", "parameters: {temperature: 0.7}"),
        ("tags: {a: 1}", "tags: [one, two]"),
        ("tags: [a, [b]]", "tags: [one, two]"),
        ("variables: genre, tone", "variables: [genre, tone]"),
        ("variables: 1", "variables: [1]"),
    ],
)
def test_a_wrong_type_is_an_error_at_its_key(line: str, fix: str) -> None:
    problem = only_problem(front("description: first", f"{line}"))
    assert (problem.severity, problem.code, problem.line, problem.column) == ("error", "type", 3, 1)
    assert line.split(":")[0] in problem.message
    assert fix in problem.fix


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["variables: [a, b]"], [Variable("a"), Variable("b")]),
        (
            ["variables:", "  a:", "  b: 3", '  c: ""'],
            [Variable("a"), Variable("b", default="3"), Variable("c", default="")],
        ),
        (["variables: {a: {default: null}}"], [Variable("a")]),
        (["variables: {a: {default: true, type: boolean}}"], [Variable("a", "boolean", "true")]),
        (["variables: {a: {default: [1, é]}}"], [Variable("a", default='[1, "é"]')]),
        (["variables: {a: {default: 007}}"], [Variable("a", default="007")]),
        (["variables: {a: {enum: [x, 2], kind: text}}"], [Variable("a", "text", choices=("x", "2"))]),
        (["variables: {a: {required: false}}"], [Variable("a", default="")]),
        (["variables:", "- name: a", "  default: b", "- c"], [Variable("a", default="b"), Variable("c")]),
        (["inputs: [a]"], [Variable("a")]),
        (["inputs: {a: 1}"], [Variable("a", default="1")]),
        (["inputs: {a: 1}", "variables: [b]"], [Variable("b")]),
        (["inputs: some text"], []),
        (["variables: [жанр, _x, a.b-c]"], [Variable("жанр"), Variable("_x"), Variable("a.b-c")]),
    ],
)
def test_the_forms_of_variables(lines: list[str], expected: list[Variable]) -> None:
    body = " ".join("{{" + variable.name + "}}" for variable in expected) or "none"
    assert list(document_of(front(*lines, body=body)).variables) == expected


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("variables: [1st]", 13),
        ("variables: [a b]", 13),
        ("variables: [a, a]", 16),
        ("variables: [{x: 1}]", 13),
        ("variables: [[a]]", 13),
        ("variables: {'': 1}", 13),
        ("variables: {a: [b]}", 13),
        ("variables: {a: {choices: {b: c}}}", 17),
        ("variables: {a: {description: [b]}}", 17),
    ],
)
def test_declarations_that_are_none(line: str, column: int) -> None:
    problem = only_problem(front(line))
    assert (problem.severity, problem.line, problem.column) == ("error", 2, column)
    assert problem.fix


def test_undeclared_and_unused_names_are_warned_of_where_they_stand() -> None:
    text = front(
        "variables: [genre, mood]", "system: |", "  Be {{ kind }}.", body="Hi\n  {{gnre}} {{gnre}} {{kind}}"
    )
    parsed = parse(text)
    assert parsed.document is not None
    found = [(problem.code, problem.line, problem.column) for problem in parsed.problems]
    assert found == [
        ("unused-variable", 2, 13),
        ("unused-variable", 2, 20),
        ("undeclared", 4, 6),
        ("undeclared", 8, 3),
    ]
    assert all(problem.severity == "warning" for problem in parsed.problems)
    assert "`genre`" in parsed.problems[3].fix


def test_declared_names_behind_braces_that_nothing_closes_are_warned_of() -> None:
    body = (
        "{{genre}} {{ genre }} {{genres and {{toner}\n {{ tone | upper }} {{genre} {{genre\n{{#if x}} {{tone"
    )
    parsed = parse(front("variables: [genre, tone]", "system: |", "  Be {{tone", body=body))
    found = [(problem.code, problem.line, problem.column) for problem in parsed.problems]
    assert ("unclosed", 4, 6) in found
    assert ("unclosed", 8, 21) in found
    assert [code for code, *_ in found if code == "unclosed"] == ["unclosed"] * 2, "each name once"
    fix = next(problem.fix for problem in parsed.problems if problem.line == 8)
    assert fix == "Write `{{genre}}`."


def test_a_use_in_system_is_a_use() -> None:
    assert parse(front("variables: [tone]", 'system: "Be {{tone}}."')).problems == ()


def test_a_default_outside_the_choices_is_warned_of() -> None:
    problem = only_problem(front("variables: {a: {choices: [x, y], default: z}}", body="{{a}}"))
    assert (problem.severity, problem.code) == ("warning", "default-not-a-choice")


def test_a_name_of_two_lines_is_refused() -> None:
    problem = only_problem(front('name: "a\\nb"'))
    assert problem.code == "type"
    assert problem.fix.endswith("name: a b")


def test_the_hash_is_of_the_bytes() -> None:
    assert content_hash(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert content_hash(b"a\r\n") != content_hash(b"a\n")


def test_problems_and_variables_survive_json() -> None:
    problem = Problem("warning", "x", "What.", 7, 12, "Do.")
    assert Problem.from_dict(json.loads(json.dumps(problem.as_dict()))) == problem
    assert problem.report("p.md") == "p.md:7:12: warning: What. Do."
    assert Problem("error", "x", "What.").report("p.md") == "p.md: error: What."
    assert Problem("error", "x", "What.", 3).where("p.md") == "p.md:3"
    variable = Variable("a", "integer", "1", "how many", ("1", "2"))
    assert Variable.from_dict(json.loads(json.dumps(variable.as_dict()))) == variable


def assert_sound(data: bytes) -> None:
    parsed = parse_document(data, PurePath("x-v1.md"))
    broken = any(problem.severity == "error" for problem in parsed.problems)
    assert (parsed.document is None) is broken
    lines = data.count(b"\n") + 1
    for problem in parsed.problems:
        assert problem.message
        assert "\n" not in problem.report("x.md")
        assert problem.line is None or 1 <= problem.line <= lines
        assert problem.column is None or problem.column >= 1
    if parsed.document:
        json.dumps(parsed.document.front_matter, allow_nan=False)
        parsed.document.template.encode()


@given(st.binary() | st.binary().map(lambda data: b"---\n" + data + b"\n---\nx"))
@example(b"---\n\r\r\n---\nx")
def test_no_bytes_make_it_raise(data: bytes) -> None:
    assert_sound(data)


@given(
    st.lists(st.tuples(st.integers(0, len(RICH)), st.integers(0, 6), st.sampled_from(FRAGMENTS)), max_size=5)
)
def test_no_damage_to_a_good_file_makes_it_raise(edits: list[tuple[int, int, bytes]]) -> None:
    data = RICH
    for start, removed, inserted in edits:
        data = data[:start] + inserted + data[start + removed :]
    assert_sound(data)


@given(st.text(alphabet=st.characters(exclude_characters="\r\0", codec="utf-8")))
def test_below_a_front_matter_nothing_is_lost(body: str) -> None:
    parsed = parse_document(f"---\nname: x\n---\n\n{body}\n".encode(), PurePath("x.md"))
    if parsed.document is None:
        assert not body.strip()
    else:
        assert parsed.document.template == body.rstrip("\n")


def test_a_front_matter_that_lost_its_first_delimiter_is_not_taken_for_a_body() -> None:
    good = b"---\nname: noir\nversion: 1\n---\n\nWrite.\n"
    [problem] = parse_document(good.removeprefix(b"---\n"), PurePath("noir-v1.md")).problems
    assert (problem.severity, problem.code, problem.line, problem.column) == ("error", "unopened", 1, 1)
    assert not parse_document(b"name: noir\n\nA body that begins like that.\n", PurePath("a.md")).problems
