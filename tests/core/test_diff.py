"""The difference of two texts: nothing lost, nothing invented, words marked where lines are alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.core.diff import DiffLine, Gap, counts, diff_lines, folded

_texts = st.lists(st.sampled_from(["a", "b", "", "the cat sat", "the dog sat", "§ 7"]), max_size=8).map(
    "\n".join
)


@given(_texts, _texts)
def test_both_texts_can_be_read_from_it(old: str, new: str) -> None:
    lines = diff_lines(old, new)
    assert [line.text for line in lines if line.sign != "+"] == old.splitlines()
    assert [line.text for line in lines if line.sign != "-"] == new.splitlines()
    assert [line.old for line in lines if line.old] == list(range(1, len(old.splitlines()) + 1))
    assert [line.new for line in lines if line.new] == list(range(1, len(new.splitlines()) + 1))


@given(_texts)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert counts(diff_lines(text, text)) == (0, 0)


@given(_texts, _texts, st.integers(0, 3))
def test_folding_leaves_out_only_equal_lines(old: str, new: str, context: int) -> None:
    lines = diff_lines(old, new)
    shown = list(folded(lines, context))
    left_out = sum(item.lines for item in shown if isinstance(item, Gap))
    kept = [item for item in shown if isinstance(item, DiffLine)]
    assert len(kept) + left_out == len(lines)
    assert [line for line in lines if line.sign != " "] == [line for line in kept if line.sign != " "]


def test_the_changed_words_of_alike_lines_are_marked() -> None:
    went, came = diff_lines("The old cat sat.", "The young cat sat.")
    assert [went.text[slice(*span)] for span in went.changed] == ["old"]
    assert [came.text[slice(*span)] for span in came.changed] == ["young"]


def test_lines_that_have_nothing_in_common_are_not_marked() -> None:
    assert all(not line.changed for line in diff_lines("alpha beta", "17 § 4, 33"))
