"""Runs found by their words, their kind and their time, newest first, one page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import column, func, literal, literal_column, or_, select, table

from tui.core.store.excerpt import excerpt
from tui.core.store.fulltext import COLUMNS
from tui.core.store.runs import StoredRun
from tui.core.store.search_terms import SearchTerms, parse_search
from tui.core.store.tables import RUNS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, FromClause, Select

    from tui.core.store.runs import FinishKind, Outcome, Status

_EXCERPT_FROM = 20_000  # characters of an answer that are looked through for one

_FTS = table("runs_fts", column("rowid"))


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs; None and "" mean all of them. Times are aware: from `since` on, and before `until`."""

    text: str = ""
    """As parse_search reads it; looked for in the prompt as sent, the answer, the note and the name."""
    name: str | None = None
    version: int | None = None
    provider: str | None = None
    model: str | None = None
    outcome: Outcome | Literal["unrated"] | None = None
    status: Status | Literal["filtered"] | None = None
    """`filtered` is what a provider's filter withheld or refused, `done` what ended well otherwise."""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run as a list shows it; `runs.get_run` has its texts. Durations in seconds, the cost in USD."""

    seq: int
    """Where the next page begins, see find_runs."""
    id: str
    name: str | None
    version: int | None
    content_hash: str
    provider: str
    model: str
    case_name: str | None
    batch_id: str | None
    status: Status
    outcome: Outcome | None
    finish_kind: FinishKind | None
    error_class: str | None
    tokens_in: int | None
    tokens_out: int | None
    usage_estimated: bool
    cost: float | None
    created_at: datetime
    total_s: float | None
    simulated: bool
    excerpt: str
    """Where the words were found, see excerpt.py; else how the answer begins, or why there is none."""


_COLUMNS = [RUNS.c[name] for name in FoundRun.__slots__ if name != "excerpt"]
_STATUS_AT, _ERROR_AT = map(FoundRun.__slots__.index, ("status", "error_class"))
_TEXTS = [
    func.substr(RUNS.c[name], 1, _EXCERPT_FROM) for name in ("answer", "prompt", "note", "name", "error")
]


def find_runs(
    connection: Connection,
    wanted: RunFilter,
    limit: int,
    after: int | None = None,
    before: int | None = None,
    within: range | None = None,
) -> list[FoundRun]:
    """Return up to `limit` runs in the reverse order of sending; `after` is the `seq` of the last one known.

    `before` is that of the first one known: the runs are then the ones right above it, those of the end for
    0. A page costs the same however far back it is, and runs that are added meanwhile do not shift it. Only
    runs whose `seq` is `within` that range are looked at.
    """
    terms = parse_search(wanted.text)
    columns: list[ColumnElement[Any]] = [*_COLUMNS, *_TEXTS]
    query = _page(_select(columns, wanted, terms, within), terms, limit, after, before)
    found = [_found(tuple(row), terms) for row in connection.execute(query)]
    return found if before is None else found[::-1]


def read_runs(
    connection: Connection, wanted: RunFilter, limit: int, after: int | None = None
) -> list[StoredRun]:
    """Return what find_runs finds, with all that is known of each run."""
    terms = parse_search(wanted.text)
    columns: list[ColumnElement[Any]] = [RUNS.c[name] for name in StoredRun.__slots__]
    query = _page(_select(columns, wanted, terms), terms, limit, after, None)
    return [StoredRun(*row) for row in connection.execute(query)]


def look_again(connection: Connection, seqs: Collection[int], text: str = "") -> list[FoundRun]:
    """Return these runs as they are now, in no order, with excerpts for a search of `text`."""
    columns: list[ColumnElement[Any]] = [*_COLUMNS, *_TEXTS]
    query = _select(columns, RunFilter(), SearchTerms()).where(RUNS.c.seq.in_(seqs))
    return [_found(tuple(row), parse_search(text)) for row in connection.execute(query)]


def count_runs(connection: Connection, wanted: RunFilter, within: range | None = None) -> int:
    """Count exactly what find_runs finds in all, `within` that range."""
    terms = parse_search(wanted.text)
    if terms.match and not terms.fragments and not _facets(wanted):
        query = select(func.count()).select_from(_FTS).where(_matches(terms))  # the index alone can tell
        query = query.where(*_numbered(within, _FTS.c.rowid))
    else:
        query = _select([func.count()], wanted, terms, within)
    return connection.execute(query).scalar_one()


def _found(row: Sequence[Any], terms: SearchTerms) -> FoundRun:
    *facts, answer, prompt, note, name, error = row
    lacking = facts[_STATUS_AT] == "failed" or (facts[_ERROR_AT] == "filtered" and not answer.strip())
    said = (error or "") if lacking else answer
    return FoundRun(*(*facts, excerpt((answer, prompt, note, name or ""), terms, said)))


def _page(
    query: Select[Any], terms: SearchTerms, limit: int, after: int | None, before: int | None
) -> Select[Any]:
    order: ColumnElement[int] = _FTS.c.rowid if terms.match else RUNS.c.seq
    if after is not None:
        query = query.where(order < after)
    if before is not None:
        query = query.where(order > before)
    return query.order_by(order.desc() if before is None else order.asc()).limit(limit)


def _select(
    columns: list[ColumnElement[Any]], wanted: RunFilter, terms: SearchTerms, within: range | None = None
) -> Select[Any]:
    # The facets are told to be used since SQLite, which does not know how long the rows of `runs` are, would
    # read those; and the plus sign keeps it from asking the index of words once for every run.
    source: FromClause = RUNS
    if terms.match:
        source = _FTS.join(RUNS, RUNS.c.seq == literal_column("+runs_fts.rowid"))
    query = select(*columns).select_from(source).with_hint(RUNS, "INDEXED BY runs_facets", "sqlite")
    if terms.match:
        query = query.where(_matches(terms))
    anywhere = (
        or_(*(RUNS.c[name].contains(fragment, autoescape=True) for name in COLUMNS))
        for fragment in terms.fragments
    )
    number: ColumnElement[int] = _FTS.c.rowid if terms.match else RUNS.c.seq
    between = [*_between(wanted, number), *_numbered(within, number)]
    return query.where(*_facets(wanted), *between, *anywhere)


def _matches(terms: SearchTerms) -> ColumnElement[bool]:
    return literal_column("runs_fts").op("MATCH", is_comparison=True)(literal(terms.match))


def _numbered(within: range | None, number: ColumnElement[int]) -> list[ColumnElement[bool]]:
    return [] if within is None else [number >= within.start, number < within.stop]


def _between(wanted: RunFilter, order: ColumnElement[int]) -> list[ColumnElement[bool]]:
    """Bound the runs of a time by the first and the last of them, so that no others are looked at."""
    timed = RUNS.alias("timed")
    times = _times(wanted, timed)
    if not times:
        return []
    lowest, highest = (  # runs are numbered in the order of sending, or nearly so
        select(bound(timed.c.seq))
        .where(*times)
        .with_hint(timed, "INDEXED BY runs_newest", "sqlite")
        .scalar_subquery()
        for bound in (func.min, func.max)
    )
    return [order >= lowest, order <= highest]


def _facets(wanted: RunFilter) -> list[ColumnElement[bool]]:
    found = [
        RUNS.c[name] == value
        for name in ("name", "version", "provider", "model")
        if (value := getattr(wanted, name)) is not None
    ]
    found += _status(wanted.status)
    if wanted.outcome is not None:
        rated = None if wanted.outcome == "unrated" else wanted.outcome
        found.append(RUNS.c.outcome.is_not_distinct_from(rated))
    return found + _times(wanted, RUNS)


def _status(status: str | None) -> list[ColumnElement[bool]]:
    if status == "filtered":
        return [RUNS.c.seq.in_(_filtered())]
    told = [RUNS.c.status == status] if status is not None else []
    return [*told, RUNS.c.seq.not_in(_filtered())] if status == "done" else told


def _filtered() -> Select[Any]:
    """Return the numbers of the runs that a filter stopped: of those with an error, which are few."""
    wrong = RUNS.alias("wrong")
    query = select(wrong.c.seq).where(wrong.c.error_class.is_not(None), wrong.c.error_class == "filtered")
    return query.with_hint(wrong, "INDEXED BY runs_with_error", "sqlite")


def _times(wanted: RunFilter, runs: FromClause) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        found.append(runs.c.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(runs.c.created_at < wanted.until)
    return found
