"""Foreign text is shown harmlessly, and whole."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tui.core.text import printable, printable_lines


@given(st.text())
def test_nothing_that_could_steer_a_terminal_is_left(text: str) -> None:
    shown = printable(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in shown)
    assert not any("\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069" for char in shown)


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"))))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_escape_sequences_become_visible() -> None:
    assert printable("\x1b[31mred\x07\x7f\x9b") == "␛[31mred␇␡\ufffd"


def test_brackets_are_text() -> None:
    assert printable("[bold]not markup[/bold] {{x}}") == "[bold]not markup[/bold] {{x}}"


def test_joiners_stay_for_the_sake_of_emoji() -> None:
    family = "👩\u200d👩\u200d👧"
    assert printable(family) == family


def test_tabs_go_to_the_next_column_of_four() -> None:
    assert printable("a\tb") == "a   b"


def test_every_kind_of_line_end_is_one() -> None:
    assert printable_lines("a\r\nb\rc\nd") == ["a", "b", "c", "d"]


def test_a_unicode_line_separator_is_no_line_end() -> None:
    assert printable_lines("a\u2028b") == ["a\ufffdb"]
