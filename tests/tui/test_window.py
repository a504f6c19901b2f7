"""The window on a long list: whatever comes in whatever order, it shows what a plain list would."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.history.window import Window

PAGE = 4


@dataclass(frozen=True, slots=True)
class Row:
    seq: int
    says: str = field(default="", compare=True)


@given(
    size=st.integers(0, 30),
    kept=st.integers(PAGE * 2, 12),
    steps=st.lists(st.sampled_from(["below", "above", "bottom", "top", "new", "late", "count", "change"])),
)
def test_every_row_in_memory_is_where_the_whole_list_has_it(size: int, kept: int, steps: list[str]) -> None:
    whole = [Row(2 * seq) for seq in range(size, 0, -1)]
    window: Window[Row] = Window(kept)
    window.begin(whole[:PAGE])
    window.counted(len(whole))
    for step in steps:
        last = window.rows[-1].seq if window.rows else 0
        first = window.rows[0].seq if window.rows else 0
        match step:
            case "below":
                window.below([row for row in whole if row.seq < last][:PAGE], PAGE)
            case "above":
                window.above([row for row in whole if row.seq > first][-PAGE:])
            case "bottom":
                window.finish(whole[-PAGE:])
            case "top":
                window.begin(whole[:PAGE])
                window.counted(len(whole))
            case "new":
                new = [Row(window.newest + 2), Row(window.newest + 1)]
                whole[:0] = new
                window.arrived(new)
            case "late" if window.rows:
                late = Row(window.rows[len(window.rows) // 2].seq + 1)
                again = late in whole
                there = sorted({*whole, late}, key=lambda row: -row.seq)
                found = window.missing(there[: PAGE * 2])
                assert found == [] if again or window.start else found in ([late], [])
                if found:
                    whole = there
                    window.arrived(found)
            case "count":
                window.counted(len(whole))
            case "change" if window.rows:
                changed = Row(last, f"{len(steps)}")
                place = window.end - 1
                was = whole[place]
                whole[place] = changed
                assert window.renewed([changed, Row(10_000)]) == ({place} if was != changed else set())
        assert window.total == len(whole)
        assert len(window.rows) <= kept
        assert window.rows == whole[window.start : window.end]
        assert [window.get(number) for number in range(window.start, window.end)] == window.rows
        assert window.get(window.end) is None
        assert all(window.place(row.seq) == number for number, row in enumerate(window.rows, window.start))


def test_until_it_is_counted_a_list_has_at_least_what_was_seen() -> None:
    window: Window[Row] = Window()
    window.begin([Row(9), Row(8)])
    assert window.total == 2
    window.below([Row(7)], PAGE)
    assert (window.total, window.end) == (3, 3)
    window.counted(1)
    assert window.total == 3
