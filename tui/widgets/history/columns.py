"""What the list of runs says of each, in columns: as many as fit, figures at the right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui.core.engine.figures import UNKNOWN, duration, money, tokens, when
from tui.core.engine.words import error_word, status_word
from tui.core.store.excerpt import MATCH_END, MATCH_START
from tui.core.text import printable
from tui.widgets.ink import Word, clip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from tui.core.engine.figures import Local
    from tui.core.store.search import FoundRun

OUTCOMES: Mapping[str, Word] = {
    "success": ("✓", "success"),
    "failure": ("✗", "error"),
    "excluded": ("–", "muted"),
}
_STATUS: Mapping[str, Word] = {
    "running": ("running", "accent"),
    "done": ("done", "muted"),
    "filtered": ("filtered", "warning"),
    "failed": ("failed", "error"),
    "cancelled": ("cancelled", "muted"),
    "interrupted": ("cut off", "warning"),
}
_GAP = 2
_NARROW, _BROAD = 70, 140
_WIDTHS = {"prompt": (14, 26), "model": (11, 20)}
"""What these columns have below the narrow width, and from the broad one on."""
_ANSWER = 16  # cells that the answer's words have at least


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `needed` orders them by importance, the lowest being always there."""

    title: str
    width: int
    needed: int
    right: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("asked", 12, 0, right=True),
    Column("prompt", 18, 0),
    Column("provider", 9, 2),
    Column("model", 11, 6),
    Column("", 1, 0),
    Column("status", 9, 4),
    Column("tokens", 7, 3, right=True),
    Column("cost", 10, 5, right=True),
    Column("time s", 6, 1, right=True),
)


def columns_for(width: int) -> tuple[Column, ...]:
    """Return the columns that fit beside the answer in `width` cells, the most important first to stay."""
    kept = [replace(column, width=_cells(column, width)) for column in COLUMNS]
    while sum(column.width + _GAP for column in kept) + _ANSWER > width:
        last = max(kept, key=lambda column: column.needed)
        if last.needed == 0:
            break
        kept.remove(last)
    return tuple(kept)


def _cells(column: Column, width: int) -> int:
    narrow, broad = _WIDTHS.get(column.title, (column.width, column.width))
    return narrow if width < _NARROW else broad if width >= _BROAD else column.width


def head_words(width: int) -> list[Word]:
    """Return the titles of the columns."""
    words: list[Word] = []
    for column in columns_for(width):
        words += [(_set(column.title, column), "muted"), (" " * _GAP, "")]
    return [*words, ("answer", "muted")]


def run_words(run: FoundRun, width: int, now: datetime, local: Local) -> list[Word]:
    """Return what a row says in `width` cells; `now` is in the user's time zone."""
    words: list[Word] = []
    room = width
    columns = columns_for(width)
    for column in columns:
        text, ink = _CELLS[column.title](run, now, local)
        if column.title == "prompt":
            words += _prompt(run, column.width)
        else:
            words.append((_set(text, column), ink))
        words.append((" " * _GAP, ""))
        room -= column.width + _GAP
    told = any(column.title == "status" for column in columns)
    return [*words, *_said(run, room, told=told)]


def _set(text: str, column: Column) -> str:
    shown = clip(printable(text), column.width)
    space = " " * (column.width - cell_len(shown))
    return space + shown if column.right else shown + space


def _prompt(run: FoundRun, width: int) -> list[Word]:
    """Return the name and the version, of which the name gives way."""
    if run.name is None:
        return [(f"{'free text':<{width}}", "muted")]
    version = f" v{run.version}"
    name = clip(printable(run.name), width - len(version))
    space = " " * (width - cell_len(name) - len(version))
    return [(name, "strong"), (version, "text"), (space, "")]


_CELLS: Mapping[str, Callable[[FoundRun, datetime, Local], Word]] = {
    "asked": lambda run, now, local: (f"{when(run.created_at, now, local):>12}", "muted"),
    "prompt": lambda run, now, local: ("", ""),
    "provider": lambda run, now, local: (run.provider, "accent"),
    "model": lambda run, now, local: (run.model, "muted"),
    "": lambda run, now, local: OUTCOMES.get(run.outcome or "", (" ", "")),
    "status": lambda run, now, local: _STATUS[status_word(run.status, run.error_class)],
    "tokens": lambda run, now, local: (
        tokens(run.tokens_in, run.tokens_out, estimated=run.usage_estimated),
        "muted",
    ),
    "cost": lambda run, now, local: (
        UNKNOWN if run.status == "running" else money(run.cost, estimated=run.usage_estimated),
        "muted",
    ),
    "time s": lambda run, now, local: (duration(run.total_s), "muted"),
}


def _said(run: FoundRun, room: int, *, told: bool) -> Sequence[Word]:
    """Return how the answer begins, or where the words were found; what went wrong comes first.

    `told` is whether a column says already how it ended.
    """
    words = _trouble(run, told=told)
    room -= sum(cell_len(text) for text, _ in words)
    line = " ".join(run.excerpt.split()).lstrip("#*- ")  # the first words, not the marks of a heading
    before = line.find(MATCH_START)
    if before > room // 3:  # what was found has to be in sight
        line = "…" + line[before - room // 3 :]
    for number, piece in enumerate(line.replace(MATCH_END, MATCH_START).split(MATCH_START)):
        shown = clip(printable(piece), room)
        words.append((shown, "found" if number % 2 else "text"))
        room -= cell_len(shown)
        if room <= 0 or shown != printable(piece):
            break
    return words


def _trouble(run: FoundRun, *, told: bool) -> list[Word]:
    if run.status == "failed":
        return [(f"✗ {error_word(run.error_class or run.status)}", "error"), ("  ", "")]
    word = status_word(run.status, run.error_class)
    if told or word == "done":
        return []
    text, ink = _STATUS[word]
    return [(text, ink), ("  ", "")]
