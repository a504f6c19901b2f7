"""A row of figures as a line of blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(figures: Sequence[float | None], width: int) -> str:
    """Return one block a figure, the largest full; nothing (0 or None) is a space, anything else a block.

    Where there is no room for all, the latest `width` are shown.
    """
    shown = figures[-width:] if width > 0 else []
    top = max((figure for figure in shown if figure), default=0.0)
    return "".join(_block(figure, top) for figure in shown)


def _block(figure: float | None, top: float) -> str:
    if not figure:
        return " "
    return _BLOCKS[min(len(_BLOCKS) - 1, int(figure / top * len(_BLOCKS)))]
