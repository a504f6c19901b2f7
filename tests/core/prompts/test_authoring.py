"""What new versions and prompts are called and say."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.prompts.authoring import (
    NameProblem,
    check_name,
    copied_version,
    new_prompt,
    renamed_content,
    renamed_path,
    version_path,
)
from tui.core.prompts.document import parse_document

NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=30)
BODIES = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=60)
FRONT = [
    "name: tale",
    "version: 1 # first",
    "active: true  # yes",
    "tags: [a, b]",
    "weight: 0.5",
    "# a remark",
    "other: {x: [1]}",
    "system: |\n  version: 9\n  active: true",
]
LINES = st.lists(st.sampled_from(FRONT), unique=True)


@given(LINES, BODIES, st.integers(2, 999_999_999), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_copied_version_differs_in_two_lines_only(
    front: list[str], body: str, version: int, newline: str, mark: bool
) -> None:
    text = "\n".join(["---", *front, "---", "", "x" + body])
    data = (("\ufeff" if mark else "") + text.replace("\n", newline)).encode()
    copy = copied_version(data, version)
    parsed = parse_document(copy, PurePosixPath("tale-v1.md")).document
    assert parsed is not None
    assert (parsed.version, parsed.active) == (version, False)
    before, after = data.split(b"\n"), copy.split(b"\n")

    def others(lines: list[bytes]) -> list[bytes]:
        return [line for line in lines if not line.startswith((b"version:", b"active:"))]

    assert others(after) == others(before)
    assert len(after) - len(before) == sum(
        not any(line.startswith(key) for line in front) for key in ("version", "active")
    )
    assert copied_version(copy, version) == copy


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tale-v1.md", "tale-v7.md"),
        ("sub/tale.md", "sub/tale-v7.md"),
        ("a-v2-v10.md", "a-v2-v7.md"),
        ("-v1.md", "-v7.md"),
        ("v1.md", "v1-v7.md"),
    ],
)
def test_a_version_stands_beside_the_others(path: str, expected: str) -> None:
    assert version_path(PurePosixPath(path), 7) == PurePosixPath(expected)


@given(NAMES)
def test_every_name_that_is_accepted_makes_a_good_prompt(name: str) -> None:
    try:
        made, path, data = new_prompt(name)
    except NameProblem as problem:
        assert str(problem).isprintable()
        return
    parsed = parse_document(data, path)
    assert parsed.document is not None
    assert parsed.problems == ()
    assert (parsed.document.name, parsed.document.version) == (made, 1)


def test_a_name_typed_as_a_file_is_taken_for_the_prompts() -> None:
    assert new_prompt("sea/tides.md")[:2] == ("tides", PurePosixPath("sea/tides-v1.md"))
    for text in ("/etc/tides", "sea//tides", "tides-v3", "tides-v3.md", ".md", "../tides", ""):
        with pytest.raises(NameProblem):
            new_prompt(text)


@given(NAMES.map(str.strip).filter(bool))
def test_a_renamed_file_says_its_new_name(name: str) -> None:
    try:
        check_name(name)
    except NameProblem:
        return
    for path, data in (
        ("tale-v3.md", b"Once\n"),
        ("tale-v3.md", b"---\nname: tale\n---\nOnce\n"),
        ("odd.md", b"---\r\nname: 'tale'\r\nversion: 3\r\n---\r\nOnce\r\n"),
    ):
        target = renamed_path(PurePosixPath(path), "tale", name)
        document = parse_document(renamed_content(data, target, name), target).document
        assert document is not None
        assert (document.name, document.version, document.template) == (name, 3, "Once")
