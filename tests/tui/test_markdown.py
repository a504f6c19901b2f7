"""Markdown lines without their marks, read one at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.text import printable
from tui.widgets.reading.markdown import Read, marked, muted, unmarked

LINES = st.text(st.sampled_from("ab *_`#->|[]()\\~1.漢\u0301")) | st.text(
    st.characters(exclude_categories=("Cc", "Cs"))
).map(printable)


@given(LINES, st.booleans())
def test_the_spans_cover_what_is_shown(line: str, in_code: bool) -> None:
    for reader in (marked, muted, unmarked):
        read = reader(line, in_code)
        assert "".join(read.text[start:end] for start, end, _ in read.spans) == read.text
    assert unmarked(line, in_code).in_code == marked(line, in_code).in_code


@given(st.text(st.characters(categories=("L", "N", "Zs")), min_size=1))
def test_a_line_without_marks_stays_as_it_is(line: str) -> None:
    assert unmarked(line, False).text == line


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("## A **strong** title ##", "A strong title"),
        ("- *one* of `two`", "• one of two"),
        ("  12. twelve", "  12. twelve"),
        ("> > said __she__", "▏ ▏ said she"),
        ("snake_case and 2 * 3 * 4", "snake_case and 2 * 3 * 4"),
        ("**open and *open", "**open and *open"),
        (r"\*not emphasis\*", "*not emphasis*"),
        ("``a ` b`` and ***both***", "a ` b and both"),
        ("| **a** | b |", "| **a** | b |"),
        ("```python", "python"),
    ],
)
def test_marks_go_and_what_they_mean_stays(line: str, shown: str) -> None:
    assert unmarked(line, False).text == shown


def test_what_marks_mean_is_seen_in_the_inks() -> None:
    def inks(line: str) -> list[tuple[str, str]]:
        read: Read = unmarked(line, False)
        return [(read.text[start:end], ink) for start, end, ink in read.spans]

    assert inks("# Top") == [("Top", "heading")]
    assert inks("a **b** *c* `d`") == [
        ("a ", "text"), ("b", "strong"), (" ", "text"), ("c", "emphasis"), (" ", "text"), ("d", "code"),
    ]  # fmt: skip
    assert unmarked("- item", False).indent == 2


def test_code_stands_in_and_keeps_its_marks() -> None:
    read = unmarked("x = '**'", True)
    assert (read.text, read.in_code) == ("  x = '**'", True)
    assert unmarked("```", True).in_code is False
