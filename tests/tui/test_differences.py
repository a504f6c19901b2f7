"""A difference as lines to read: harmless, signed, and marked only where the marks fit."""

from __future__ import annotations

from tui.widgets.reading.differences import difference_lines


def test_signs_and_inks() -> None:
    went, came = difference_lines("the old cat sat", "the young cat sat")
    assert (went.text, came.text) == ("- the old cat sat", "+ the young cat sat")
    assert [went.text[s.start : s.end] for s in went.spans if s.ink == "removed-word"] == ["old"]
    assert [came.text[s.start : s.end] for s in came.spans if s.ink == "added-word"] == ["young"]


def test_a_stretch_of_equal_lines_is_folded() -> None:
    old = "\n".join(map(str, range(20)))
    lines = difference_lines(old, old + "\nmore", context=2)
    assert [line.text for line in lines] == ["  ⋯ 18 equal lines", "  18", "  19", "+ more"]


def test_escape_sequences_do_not_reach_the_terminal() -> None:
    lines = difference_lines("a \x1b[31m", "a \x1b[32m")
    assert not any("\x1b" in line.text for line in lines)


def test_equal_texts_say_so() -> None:
    assert [line.text for line in difference_lines("a\nb", "a\nb")] == ["No difference."]
