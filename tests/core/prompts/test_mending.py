"""What `penstock check --fix` changes by itself, and that it changes nothing else."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.cases.document import parse_cases
from tui.core.prompts.document import parse_document
from tui.core.prompts.mending import Mended, mend_cases, mend_prompt

PATH = PurePosixPath("a-v1.md")


def mended(front: str, body: str, *known: str) -> str | None:
    found = mend_prompt(f"---\n{front}\n---\n{body}".encode(), PATH, known)
    if found is None:
        return None
    head, middle, rest = found.data.decode().split("---\n", 2)
    assert (head, rest) == ("", body)
    return middle.removesuffix("\n")


@pytest.mark.parametrize(
    ("front", "after"),
    [
        ("globs: **/*.ts", 'globs: "**/*.ts"'),
        ("description: see: this # why", 'description: "see: this" # why'),
        ('description: say "hi": now', "description: 'say \"hi\": now'"),
        ("title: {{a}} is", 'title: "{{a}} is"'),
        ("a: @x\nb: `y`", 'a: "@x"\nb: "`y`"'),
        ("name: x", None),
        ("a: [x", None),
        ("a: 1\na: 2", None),
        ("a:\n\tb: 1", None),
    ],
)
def test_plain_values_are_quoted_where_that_is_all(front: str, after: str | None) -> None:
    assert mended(front, "Hi.\n") == after


@pytest.mark.parametrize(
    ("front", "after"),
    [
        ("name: x", "name: x\nvariables: [a]"),
        ("variables: []", "variables: [a]"),
        ("variables:", "variables: [a]"),
        ("variables:   # none yet\nname: x", "variables: [a]   # none yet\nname: x"),
        ("variables: ~\nname: x", "variables: [a]\nname: x"),
        ("variables:\n\nname: x", "variables: [a]\n\nname: x"),
        ("variables: [b, ]", "variables: [b, a ]"),
        ("variables: [b]", "variables: [b, a]"),
        ("variables:\n  - b   # c\nname: x", "variables:\n  - b   # c\n  - a\nname: x"),
        ("variables:\n- name: b\n  default: 3", "variables:\n- name: b\n  default: 3\n- a"),
        ("variables: {b: 1}", "variables: {b: 1, a: {}}"),
        ("variables:\n  b: {default: x}\nname: x", "variables:\n  b: {default: x}\n  a:\nname: x"),
        ("inputs:\n  b: |\n    l\n\n    m\nname: x", "inputs:\n  b: |\n    l\n\n    m\n  a:\nname: x"),
        ("variables: [a]", None),
    ],
)
def test_a_declaration_is_added_in_the_form_that_is_there(front: str, after: str | None) -> None:
    assert mended(front, "{{a}} {{b}} {{other}}\n", "a") == after


def test_a_name_that_nobody_knows_is_not_declared() -> None:
    assert mended("name: x", "Code: {{a}}\n") is None
    assert mended("name: x", "{{b}}\n", "a") is None


def test_line_ends_and_byte_order_mark_stay() -> None:
    data = "\ufeff---\r\nglobs: **\r\n---\r\nHi {{a}}.\r\n\n".encode()
    found = mend_prompt(data, PATH, ["a"])
    assert found is not None
    assert found.data == '\ufeff---\r\nglobs: "**"\r\nvariables: [a]\r\n---\r\nHi {{a}}.\r\n\n'.encode()


def test_cases_are_quoted_too() -> None:
    data = b"- name: a: b\n  vars:\n    x: *y # z\n"
    found = mend_cases(data)
    assert found == Mended(
        b'- name: "a: b"\n  vars:\n    x: "*y" # z\n', ("Quoted what has to be quoted in YAML.",)
    )
    document = parse_cases(found.data).document
    assert document is not None
    assert document.cases[0].vars == {"x": "*y"}
    assert mend_cases(b"- name: a\n") is None
    assert mend_cases(b"\xff") is None


LINES = st.lists(
    st.sampled_from(
        [
            "name: x",
            "globs: **",
            "d: a: b",
            "variables: [b]",
            "variables:",
            "  c: 1",
            "- b",
            "- a: b",
            "x: [",
            "#",
        ]
    ),
    max_size=5,
)


@given(LINES, st.text(max_size=40), st.sampled_from(["\n", "\r\n"]))
def test_whatever_comes_out_reads_and_has_the_same_body(lines: list[str], body: str, end: str) -> None:
    head = "---" + end + "".join(line + end for line in lines) + "---" + end
    data = (head + "{{a}}" + body).encode("utf-8", "replace")
    found = mend_prompt(data, PATH, ["a"])
    if found is None:
        return
    assert found.data.endswith(data[len(head.encode()) :])
    assert "yaml" not in {problem.code for problem in parse_document(found.data, PATH).problems}
    assert mend_prompt(found.data, PATH, ["a"]) is None, "once is enough"
