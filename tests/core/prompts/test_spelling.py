"""A file that is opened and written without a change is the same, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.core.prompts.source import UnreadableError
from tui.core.prompts.spelling import Spelling, spelled, unspelled

_pieces = st.sampled_from(
    ["a", "\n", "\r\n", "\r", "\x1b[31m", "\u2028", "\x0b", "\ufeff", "漢", "\t", "---"]
)
_files = st.lists(_pieces).map("".join)


@given(_files | st.text(st.characters(codec="utf-8")))
@example("\ufeff---\r\nname: a\r\n---\r\nno end")
@example("a\r\r\nb\r\n")
def test_nothing_is_lost(text: str) -> None:
    data = text.encode()
    assert unspelled(*spelled(data)) == data


@given(_files)
def test_a_line_that_is_added_ends_as_the_others_do(text: str) -> None:
    read, spelling = spelled(text.replace("\r\n", "\n").replace("\n", "\r\n").encode())
    written = unspelled(read + "\nmore", spelling)
    if spelling.crlf:
        assert written.count(b"\n") == written.count(b"\r\n")


def test_mixed_line_breaks_stay_as_they_are() -> None:
    assert spelled(b"a\r\nb\n") == ("a\r\nb\n", Spelling(crlf=False, bom=False))


@pytest.mark.parametrize("data", [b"\xff\xfe", b"x" * (1 << 21)])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        spelled(data)
