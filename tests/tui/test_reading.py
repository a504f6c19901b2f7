"""Wrapping and colouring, the pure parts of the reading pane."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.core.text import printable
from tui.widgets.desk.texts import Marks
from tui.widgets.ink import clip, fit, width_of
from tui.widgets.reading.highlight import Span, markdown_spans, overlay
from tui.widgets.reading.rows import common, wrap_lines
from tui.widgets.reading.text_view import Line, coloured
from tui.widgets.reading.wrapping import wrap, wrapped

LINES = st.text(st.characters(exclude_categories=("Cc", "Cs"))).map(printable)


@given(LINES, st.integers(2, 40))
def test_rows_cover_the_text_without_a_gap_and_fit(text: str, width: int) -> None:
    rows = wrap(text, width)
    assert rows[0][0] == 0
    assert rows[-1][1] == len(text)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(rows))
    # A space at the end of a row may hang over the edge: it is not seen there.
    assert all(cell_len(text[start:end].rstrip(" ")) <= width for start, end in rows)


@given(LINES, st.integers(2, 40))
def test_no_row_but_that_of_an_empty_text_is_empty(text: str, width: int) -> None:
    assert all(start < end for start, end in wrap(text, width)) or not text


def test_words_stay_whole_where_they_can() -> None:
    assert [("the quick brown fox"[a:b]) for a, b in wrap("the quick brown fox", 10)] == [
        "the quick ",
        "brown fox",
    ]
    assert [("abcdefgh"[a:b]) for a, b in wrap("abcdefgh", 3)] == ["abc", "def", "gh"]


def test_a_wide_character_never_straddles_the_edge() -> None:
    assert wrap("漢字漢字", 3) == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert wrapped("漢字 no 字", 7) == ["漢字 no", "字"]


@given(LINES, st.booleans())
def test_colouring_stays_within_the_line(line: str, in_code: bool) -> None:
    spans, _ = markdown_spans(line, in_code=in_code)
    assert all(0 <= start <= end <= len(line) for start, end, _ in spans)
    covered = overlay(spans, (), len(line))
    assert "".join(line[start:end] for start, end, _ in covered) == line


def test_a_fence_opens_and_closes() -> None:
    inside = markdown_spans("```py", in_code=False)[1]
    assert inside
    assert markdown_spans("# no heading", in_code=True)[0][0].ink == "code"
    assert not markdown_spans("```", in_code=True)[1]


def test_the_upper_layer_wins() -> None:
    assert overlay([Span(0, 4, "heading")], [Span(1, 2, "variable")], 5) == [
        Span(0, 1, "heading"),
        Span(1, 2, "variable"),
        Span(2, 4, "heading"),
        Span(4, 5, "text"),
    ]


@given(
    st.lists(st.tuples(LINES, st.just("text"))),
    st.lists(st.tuples(LINES, st.just("text"))),
    st.integers(1, 60),
)
def test_a_fitted_line_is_as_wide_as_its_room(
    left: list[tuple[str, str]], right: list[tuple[str, str]], width: int
) -> None:
    assert width_of(fit(left, right, width)) == width


def test_what_is_left_out_of_a_line_shows_once() -> None:
    words = [("chap…", "strong"), ("  v1", "text"), ("   clean", "muted")]
    assert [text for text, _ in fit(words, (), 6)] == ["chap…", " "]
    assert "".join(text for text, _ in fit(words, (), 8)) == "chap…   "
    assert "".join(text for text, _ in fit(words, (), 12)) == "chap…  v1…  "


@given(LINES, st.integers(0, 20))
def test_clipping_never_overflows(text: str, width: int) -> None:
    assert cell_len(clip(text, width)) <= width


SOURCES = st.lists(st.builds(Line, st.text("ab ", max_size=9), st.just(()), st.integers(0, 1)), max_size=6)


@given(SOURCES, SOURCES, SOURCES, SOURCES, st.integers(2, 5))
def test_rows_after_a_change_are_those_of_the_whole_text_wrapped_anew(
    head: list[Line], old: list[Line], new: list[Line], tail: list[Line], width: int
) -> None:
    before, after = head + old + tail, head + new + tail
    _, rows = wrap_lines([], before, width)
    same = common(before, after)
    assert sum(same) <= min(len(before), len(after))
    assert same[0] >= len(head)
    first, changed = wrap_lines(rows, after, width, *same)
    assert changed == wrap_lines([], after, width)[1]
    assert changed[:first] == rows[:first]


@given(st.text("a`# \n{}", max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9))))
def test_marks_of_a_text_stand_in_their_lines(text: str, places: list[tuple[int, int]]) -> None:
    marks = [
        (start, min(len(text), start + length), "value") for start, length in places if start < len(text)
    ]
    lines = coloured(text, Marks(text, marks))
    inks = [ink for line in lines for start, end, ink in line.spans for _ in range(start, end)]
    offsets = [offset for offset, character in enumerate(text) if character != "\n"]
    for offset, ink in zip(offsets, inks, strict=True):
        assert (ink == "value") == any(start <= offset < end for start, end, _ in marks)
