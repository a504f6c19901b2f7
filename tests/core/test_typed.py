"""What a person types is read, or refused in a sentence; no text is too odd for that."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.typed import PathError, path_of, whole_number
from tui.core.value_file import ValueFileError, read_value


@pytest.mark.parametrize(("text", "said"), [("~nobody-of-this-name/x", "has a home"), ("a\0b", "name of a")])
def test_what_is_no_path_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(PathError, match=said):
        path_of(text)
    with pytest.raises(ValueFileError, match=said):
        read_value(text)


def test_a_path_may_begin_at_the_home() -> None:
    assert path_of(" ~/x.md ") == Path.home() / "x.md"


@given(st.text(st.characters(categories=("Nd", "Lu")), max_size=30))
def test_a_number_has_digits_only_and_not_too_many(text: str) -> None:
    assert whole_number(text) == (int(text) if text.isdecimal() and len(text) <= 18 else None)


def test_more_digits_than_python_reads_are_no_number() -> None:
    assert whole_number("9" * 5000) is None
