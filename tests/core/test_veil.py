"""A veiled text has every character of the text, one for one, and none that steers a terminal."""

from __future__ import annotations

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.core.text import is_hazard
from tui.core.veil import face, veil

HAZARDS = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000 and is_hazard(chr(code))]
_texts = st.text(st.characters(codec="utf-8") | st.sampled_from([*HAZARDS, "\U0010001b", "\U000f0001"]))


@given(_texts)
@example("\x1b[31m\U0010001b\u2028\u202e\U000e0041\U000f0041\U000110bd\ttab\nline\r\x00")
def test_unveiled_it_is_the_text_again(text: str) -> None:
    assert veil(veil(text)) == text
    assert len(veil(text)) == len(text)
    assert veil(text).count("\n") == text.count("\n")


def test_every_hazard_has_a_place_of_its_own() -> None:
    text = "".join(HAZARDS)
    veiled = veil(text)
    kept = {"\n", "\t"}
    assert len(set(veiled)) == len(text)
    assert not any(is_hazard(char) for char in veiled if char not in kept)
    assert all(unicodedata.category(char) == "Co" for char in veiled if char not in kept)
    assert cell_len(veiled) == len(text) - 2


@given(_texts)
def test_what_is_seen_is_harmless_and_in_its_place(text: str) -> None:
    seen = face(veil(text))
    assert len(seen) == len(text)
    assert not any(is_hazard(char) for char in seen if char not in "\n\t")


def test_control_characters_are_seen_as_their_pictures() -> None:
    assert face(veil("a\x1b[2J\x7f\u202e漢\U0010001b")) == "a␛[2J␡\ufffd漢\ufffd"
