"""Soft wrapping of one line of text into rows of at most so many cells."""

from __future__ import annotations

from rich.cells import cell_len


def wrap(text: str, width: int, indent: int = 0) -> list[tuple[int, int]]:
    """Return (start, end) offsets of the rows of `text`: at least one, none wider than `width` cells.

    A row ends after a space where there is one, else anywhere. The rows cover the text without a gap; a wide
    character never straddles the edge. All rows but the first are narrower by `indent`. A width below 2
    counts as 2, so that a wide character has room.
    """
    width = max(2, width)
    if len(text) <= width and text.isascii():
        return [(0, len(text))]
    rows: list[tuple[int, int]] = []
    start = 0
    while True:
        end = _row_end(text, start, width)
        if end >= len(text):
            rows.append((start, len(text)))
            return rows
        space = text.rfind(" ", start, end + 1 if text[end] == " " else end)
        if space > start:
            end = space + 1
        if not rows:
            width = max(2, width - indent)
        rows.append((start, end))
        start = end


def wrapped(text: str, width: int) -> list[str]:
    """Return the rows of a sentence, none wider than `width` cells."""
    return [text[start:end].rstrip() for start, end in wrap(text, width)]


def _row_end(text: str, start: int, width: int) -> int:
    """Return the offset after the last character that fits in `width` cells from `start`."""
    if text.isascii():
        return start + width
    cells, end = 0, start
    while end < len(text):
        cells += cell_len(text[end])
        if cells > width:
            break
        end += 1
    return max(end, start + 1)
