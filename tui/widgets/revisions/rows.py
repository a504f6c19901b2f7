"""The rows of the local history, and the runs of a revision: pure, for a width and a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.text import printable
from tui.widgets.ink import Word, fit
from tui.widgets.reading.highlight import Span
from tui.widgets.reading.text_view import Line, plain_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tui.core.engine.revisions import Revision
    from tui.core.store.runs import StoredRun

ROOM_FOR_RATINGS = 52
"""Width in cells from which a row says how many runs were good and bad, beside the rate."""

_OUTCOMES: Mapping[str | None, Word] = {
    "success": ("✓", "success"),
    "failure": ("✗", "error"),
    "excluded": ("–", "muted"),
}


def revision_words(
    revision: Revision, changed: tuple[int, int], now: datetime, width: int, *, marked: bool
) -> list[Word]:
    """Return one row; `changed` is how many lines came and went against the one before."""
    words: list[Word] = [("▸ " if marked else "  ", "accent"), (f"{when(revision.at, now):<12}", "text")]
    came, went = (f"{sign}{count:,}" if count else "" for sign, count in zip("+−", changed, strict=True))
    words += [(f"{came:>6}", "added"), (f"{went:>6}", "removed")]
    words.append((f"{revision.runs:>5,} ×" if revision.id is not None else " " * 7, "muted"))
    if width >= ROOM_FOR_RATINGS:
        for count, ink, room in ((revision.good, "success", 5), (revision.bad, "error", 5)):
            mark = "✓" if ink == "success" else "✗"
            words.append((f"{mark}{count:,}".rjust(room) if count else " " * room, ink))
    rate = revision.success_rate
    shown = "—" if rate is None else f"{rate:.2f}".lstrip("0")
    words.append((f"{shown:>6}", "text" if rate is not None else "faint"))
    tags: list[Word] = [("HEAD", "muted")] if revision.at_head else []
    if revision.in_file or revision.last:
        tags = [("file" if revision.in_file else "last", "accent"), *([(" ", ""), *tags] if tags else [])]
    return fit(words, tags, width)


def run_lines(runs: Sequence[StoredRun], now: datetime) -> list[Line]:
    """Return the runs of a revision, each with the beginning of its answer."""
    if not runs:
        return plain_lines("No run was sent with this revision.")
    lines: list[Line] = []
    for run in runs:
        mark, ink = _OUTCOMES.get(run.outcome, (" ", "muted"))
        took = f"{run.total_s:.1f} s" if run.total_s is not None else ""
        words = [
            (f"{when(run.created_at, now):<13}", "muted"),
            (f"{mark} ", ink),
            (f"{run.provider}  ", "text"),
            (f"{run.model}  {took}", "muted"),
        ]
        lines.append(_line(words))
        said = run.error if run.error and not run.answer else run.answer
        lines += plain_lines("  " + " ".join(said.split())[:200], "error" if run.error else "text")
        if run.note:
            lines += plain_lines(f"  # {run.note}")
        lines += plain_lines("")
    return lines[:-1]


def when(moment: datetime | None, now: datetime) -> str:
    """Return a time in at most twelve cells: with the minute, or with the year if that is another one."""
    if moment is None:
        return "not saved"
    there = moment.astimezone(now.tzinfo)
    return f"{there:%d %b %H:%M}" if there.year == now.year else f"{there:%d %b %Y}"


def _line(words: Sequence[Word]) -> Line:
    spans: list[Span] = []
    text = ""
    for piece, ink in words:
        shown = printable(piece)
        spans.append(Span(len(text), len(text) + len(shown), ink))
        text += shown
    return Line(text, tuple(span for span in spans if span.end > span.start), numbered=False)
