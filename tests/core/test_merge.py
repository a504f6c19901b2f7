"""Three-way merge: one side's changes are taken, both sides' are told apart, and no line is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.core.merge import MIDDLE, OURS, THEIRS, marked_lines, merge

_texts = st.lists(st.sampled_from(["a", "b", "c", "", "the cat", "\r", "§\x0b7"]), max_size=9).map("\n".join)


@given(_texts, _texts)
def test_what_only_one_side_changed_is_taken(base: str, changed: str) -> None:
    assert merge(base, changed, base).text == changed
    assert merge(base, base, changed).text == changed
    assert merge(base, changed, changed).text == changed


@given(_texts, _texts, _texts)
def test_both_sides_can_be_read_from_a_merge(base: str, mine: str, theirs: str) -> None:
    merged = merge(None, mine, theirs)
    assert _side(merged.text, OURS) == _lines(mine)
    assert _side(merged.text, THEIRS) == _lines(theirs)
    assert merged.conflicts == sum(line.startswith(OURS) for line in merged.text.split("\n"))
    again = merge(base, theirs, mine)
    assert again.conflicts == merge(base, mine, theirs).conflicts


@given(_texts, _texts, _texts)
def test_a_merge_makes_up_no_line_and_drops_none_that_both_kept(base: str, mine: str, theirs: str) -> None:
    merged = merge(base, mine, theirs)
    known = {*_lines(mine), *_lines(theirs)}
    assert all(line in known for line in _lines(merged.text) if not _is_marker(line))
    if not merged.conflicts:
        kept = {line for line in _lines(base) if line in _lines(mine) and line in _lines(theirs)}
        assert kept <= set(_lines(merged.text)) or len(_lines(base)) != len(set(_lines(base)))


@given(st.lists(st.sampled_from("abcdefgh"), min_size=5, max_size=8, unique=True))
def test_changes_at_both_ends_do_not_touch_each_other(lines: list[str]) -> None:
    base = "\n".join(lines)
    merged = merge(base, f"first\n{base}", f"{base}\nlast")
    assert (merged.text, merged.conflicts) == (f"first\n{base}\nlast", 0)


def test_a_conflict_is_marked_as_git_marks_it() -> None:
    merged = merge("a\nb\nc\n", "a\nmine\nc\n", "a\ntheirs\nc\n", ("typed here", "on disk"))
    assert merged.text == "a\n<<<<<<< typed here\nmine\n=======\ntheirs\n>>>>>>> on disk\nc\n"
    assert merged.conflicts == 1
    assert marked_lines(merged.text) == [2, 6]


def test_a_heading_underlined_in_markdown_is_no_marker() -> None:
    assert marked_lines("Title\n=======\n\n<<<<<<<<< nine\n") == []


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _is_marker(line: str) -> bool:
    return line.startswith((OURS, MIDDLE, THEIRS))


def _side(merged: str, side: str) -> list[str]:
    """Read one side out of a text with markers."""
    found: list[str] = []
    where = ""
    for line in _lines(merged):
        if line.startswith(OURS):
            where = OURS
        elif line == MIDDLE:
            where = THEIRS
        elif line.startswith(THEIRS):
            where = ""
        elif where in ("", side):
            found.append(line)
    return found
