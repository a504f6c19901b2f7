"""A difference of two texts as lines to read: signs in the margin, changed words marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.diff import DiffLine, Gap, diff_lines, folded
from tui.core.text import printable
from tui.widgets.reading.highlight import Span, overlay
from tui.widgets.reading.text_view import Line

if TYPE_CHECKING:
    from collections.abc import Iterable

_INKS = {" ": "muted", "-": "removed", "+": "added"}
_MARGIN = 2


def difference_lines(old: str, new: str, *, context: int | None = 3) -> list[Line]:
    """Return what differs, with `context` equal lines around each change, or with all for None.

    Two texts that say the same give one line that says so.
    """
    lines = diff_lines(old, new)
    if all(line.sign == " " for line in lines):
        return [_note("No difference.")]
    shown: Iterable[DiffLine | Gap] = lines if context is None else folded(lines, context)
    return [_gap(line) if isinstance(line, Gap) else _line(line) for line in shown]


def _line(line: DiffLine) -> Line:
    ink = _INKS[line.sign]
    text = f"{line.sign} {printable(line.text)}"
    # A tab or a control character would move the marks: such a line has none.
    marks = line.changed if printable(line.text) == line.text else ()
    strong = [Span(start + _MARGIN, end + _MARGIN, f"{ink}-word") for start, end in marks]
    return Line(text, tuple(overlay([Span(0, len(text), ink)], strong, len(text))), indent=_MARGIN)


def _gap(gap: Gap) -> Line:
    return _note(f"  ⋯ {gap.lines} equal {'line' if gap.lines == 1 else 'lines'}")


def _note(text: str) -> Line:
    return Line(text, (Span(0, len(text), "faint"),), numbered=False)
