"""Texts in pieces: whole characters, wherever a server has cut."""

from __future__ import annotations

import itertools
import json

from hypothesis import example, given
from hypothesis import strategies as st

from tui.core.providers.payload import count
from tui.core.providers.pieces import Pieces


@given(st.text(), st.lists(st.integers(0, 60)))
@example("\U0001f600", [1])
def test_a_text_cut_between_any_two_units_of_utf_16_is_whole_again(text: str, cuts: list[int]) -> None:
    text = text.encode("utf-16", "replace").decode("utf-16")
    units = text.encode("utf-16-le")
    places = sorted({0, len(units) // 2, *(min(cut, len(units) // 2) for cut in cuts)})
    pieces = Pieces()
    got = [
        pieces.append(json.loads(json.dumps(units[2 * start : 2 * end].decode("utf-16-le", "surrogatepass"))))
        for start, end in itertools.pairwise(places)
    ]
    assert "".join(got) == str(pieces) == text


@given(st.lists(st.text(st.sampled_from("a\ud83d\ude00é"), max_size=3)))
def test_what_comes_of_any_pieces_can_be_stored(given_pieces: list[str]) -> None:
    pieces = Pieces()
    got = "".join(pieces.append(piece) for piece in given_pieces)
    assert got == str(pieces)
    got.encode()  # no half of a character is left


def test_a_number_that_no_answer_can_have_is_none() -> None:
    assert [count(value) for value in (0, "12", 10**8, 10**8 + 1, 2**63, "9" * 19, -1, True, 1.5)] == [
        0, 12, 10**8, None, None, None, None, None, None,
    ]  # fmt: skip
