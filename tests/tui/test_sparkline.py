"""A row of figures as blocks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.quota.sparkline import sparkline

_BLOCKS = "▁▂▃▄▅▆▇█"


@given(st.lists(st.none() | st.floats(0, 1e6), max_size=80), st.integers(0, 80))
def test_it_has_one_cell_a_figure_and_shows_every_figure_that_is_something(
    figures: list[float | None], width: int
) -> None:
    line = sparkline(figures, width)
    shown = figures[-width:] if width else []
    assert len(line) == len(shown)
    assert all((cell != " ") == bool(figure) for cell, figure in zip(line, shown, strict=True))


def test_the_largest_is_full_and_order_is_kept() -> None:
    assert sparkline([0, 1, 4, 8], 4) == " ▂▅█"
    assert sparkline([5, 1, 2], 2) == "▅█"
