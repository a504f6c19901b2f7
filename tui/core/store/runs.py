"""Runs in the database: started, finished, rated, and read back newest first."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, insert, literal_column, select, update

from tui.core.store.prompts import count_use, update_success_rate
from tui.core.store.tables import REVISIONS, RUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

Status = Literal["running", "done", "failed", "cancelled", "interrupted"]
Outcome = Literal["success", "failure", "excluded"]
FinishKind = Literal["stop", "length", "filtered", "other"]
CostSource = Literal["settings", "genai-prices", "provider"]
GitState = Literal["clean", "modified", "untracked", "none"]


@dataclass(frozen=True, slots=True)
class NewRun:
    """A request about to be made; `id` is a UUID that the caller chose."""

    id: str
    provider: str
    model: str
    prompt: str
    created_at: datetime
    pid: int
    host: str
    template_id: int | None = None
    revision_id: int | None = None
    name: str | None = None
    version: int | None = None
    content_hash: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    system: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    commit_hash: str | None = None
    git_state: GitState | None = None
    case_name: str | None = None
    batch_id: str | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended; token counts of None were not told, durations are seconds, the cost is in USD."""

    status: Status
    finished_at: datetime
    answer: str = ""
    reasoning: str = ""
    finish: str | None = None
    finish_kind: FinishKind | None = None
    model_reported: str | None = None
    error_class: str | None = None
    error: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None
    tokens_reasoning: int | None = None
    usage_estimated: bool = False
    cost: float | None = None
    cost_source: CostSource | None = None
    price_as_of: str | None = None
    request_id: str | None = None
    attempts: int = 0
    started_at: datetime | None = None
    waited_s: float | None = None
    first_token_s: float | None = None
    total_s: float | None = None


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as the database knows it; times are aware, in UTC."""

    seq: int
    id: str
    template_id: int | None
    revision_id: int | None
    name: str | None
    version: int | None
    content_hash: str
    provider: str
    model: str
    values: Mapping[str, Any]
    system: str
    prompt: str
    parameters: Mapping[str, Any]
    answer: str
    reasoning: str
    finish: str | None
    finish_kind: FinishKind | None
    model_reported: str | None
    outcome: Outcome | None
    outcome_source: str | None
    note: str
    status: Status
    error_class: str | None
    error: str | None
    tokens_in: int | None
    tokens_out: int | None
    tokens_cached: int | None
    tokens_reasoning: int | None
    usage_estimated: bool
    cost: float | None
    cost_source: CostSource | None
    price_as_of: str | None
    request_id: str | None
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    waited_s: float | None
    first_token_s: float | None
    total_s: float | None
    simulated: bool
    commit_hash: str | None
    git_state: GitState | None
    case_name: str | None
    batch_id: str | None
    pid: int | None
    host: str


_TOGETHER = timedelta(minutes=1)
"""Within this all runs of a batch are asked for."""
_COLUMNS = [RUNS.c[name] for name in StoredRun.__slots__]


def start_run(connection: Connection, run: NewRun) -> None:
    """Store a run that is about to be sent, and count the use of its version."""
    connection.execute(insert(RUNS).values(**asdict(run), status="running"))
    if run.template_id is not None:
        count_use(connection, run.template_id)


def finish_run(connection: Connection, run_id: str, result: RunResult) -> None:
    """Store how a run ended; a rating that it already has stays."""
    connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(**asdict(result)))


def rate_run(
    connection: Connection, run_id: str, outcome: Outcome | None, source: str, note: str = ""
) -> None:
    """Rate a run, or with None take its rating back, and bring the success rate of its version up to date."""
    rated = update(RUNS).where(RUNS.c.id == run_id).returning(RUNS.c.template_id)
    changes = {"outcome": outcome, "outcome_source": None if outcome is None else source, "note": note}
    template_id = connection.execute(rated.values(changes)).scalar_one_or_none()
    if template_id is not None:
        update_success_rate(connection, template_id)


@dataclass(frozen=True, slots=True)
class Rating:
    """What was said of a run, and by whom."""

    outcome: Outcome | None
    source: str | None
    note: str
    error_class: str | None = None

    @property
    def given(self) -> Outcome | None:
        """What somebody said; see `given`."""
        return given(self.outcome, self.source, self.error_class)


def rating_of(connection: Connection, run_id: str) -> Rating | None:
    """Return the verdict on a run, None if there is no such run."""
    told = (RUNS.c.outcome, RUNS.c.outcome_source, RUNS.c.note, RUNS.c.error_class)
    query = select(*told).where(RUNS.c.id == run_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else Rating(*row)


def given(outcome: Outcome | None, source: str | None, error_class: str | None) -> Outcome | None:
    """Return the outcome that somebody gave a run: none if only `exclude_run` did, for how it went wrong."""
    return None if outcome == "excluded" and source is not None and source == error_class else outcome


def exclude_run(connection: Connection, run_id: str, source: str) -> None:
    """Let a run count neither for nor against its version, unless somebody has rated it already."""
    unrated = update(RUNS).where(RUNS.c.id == run_id, RUNS.c.outcome.is_(None))
    connection.execute(unrated.values(outcome="excluded", outcome_source=source))


def recent_runs(
    connection: Connection, limit: int, name: str | None = None, version: int | None = None
) -> list[StoredRun]:
    """Return up to `limit` runs, newest first: of all prompts, of one, or of one version."""
    conditions: list[ColumnElement[bool]] = []
    if name is not None:
        conditions.append(RUNS.c.name == name)
    if version is not None:
        conditions.append(RUNS.c.version == version)
    query = select(*_COLUMNS).where(*conditions).order_by(RUNS.c.created_at.desc(), RUNS.c.id.desc())
    return [StoredRun(*row) for row in connection.execute(query.limit(limit))]


def runs_of_revision(connection: Connection, revision_id: int, limit: int) -> list[StoredRun]:
    """Return up to `limit` runs that a revision was sent in, newest first."""
    template = select(REVISIONS.c.template_id).where(REVISIONS.c.id == revision_id).scalar_subquery()
    query = select(*_COLUMNS).where(RUNS.c.template_id == template, RUNS.c.revision_id == revision_id)
    return [StoredRun(*row) for row in connection.execute(query.order_by(RUNS.c.seq.desc()).limit(limit))]


def runs_beside(connection: Connection, name: str, at: datetime, *, earlier: bool) -> list[StoredRun]:
    """Return the ended run of a prompt that was asked for next before a moment, or next after it.

    If it was asked for together with others, these come too, in the order they were asked for; none: [].
    """
    asked = RUNS.c.created_at
    beside, order = (asked < at, asked.desc()) if earlier else (asked > at, asked.asc())
    ended = RUNS.c.status != "running"
    query = select(*_COLUMNS).where(RUNS.c.name == name, ended, beside).order_by(order).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None:
        return []
    found = StoredRun(*row)
    if found.batch_id is None:
        return [found]
    near = asked.between(found.created_at - _TOGETHER, found.created_at + _TOGETHER)  # so an index finds them
    together = select(*_COLUMNS).where(near, RUNS.c.name == name, ended, RUNS.c.batch_id == found.batch_id)
    return [StoredRun(*each) for each in connection.execute(together.order_by(asked))]


def get_run(connection: Connection, run_id: str) -> StoredRun | None:
    """Return one run, or None if there is no such run."""
    row = connection.execute(select(*_COLUMNS).where(RUNS.c.id == run_id)).one_or_none()
    return None if row is None else StoredRun(*row)


@dataclass(frozen=True, slots=True)
class LastError:
    """What went wrong last at a provider; `at` is aware, in UTC."""

    kind: str
    message: str
    at: datetime


def last_errors(connection: Connection) -> dict[str, LastError]:
    """Return the last error of each provider; what the user has cancelled is none."""
    wrong = RUNS.c.error_class.is_not(None) & (RUNS.c.error_class != "cancelled")
    names = connection.execute(select(RUNS.c.provider).where(wrong).distinct()).scalars().all()
    found: dict[str, LastError] = {}
    for name in names:
        query = select(RUNS.c.error_class, RUNS.c.error, RUNS.c.created_at, RUNS.c.finished_at)
        newest = query.where(wrong, RUNS.c.provider == name).order_by(RUNS.c.created_at.desc()).limit(1)
        kind, message, created, finished = connection.execute(newest).one()
        found[name] = LastError(kind, message or "", finished or created)
    return found


_RUNNING = RUNS.c.status == literal_column("'running'")
"""In so many words, so that the index runs_running is used."""


def running_owners(connection: Connection) -> list[tuple[str, int | None]]:
    """Return host and pid of the processes whose runs have no end yet."""
    query = select(RUNS.c.host, RUNS.c.pid).where(_RUNNING).distinct()
    return [(host, pid) for host, pid in connection.execute(query)]


def close_orphans(connection: Connection, is_alive: Callable[[str, int], bool], now: datetime) -> int:
    """Mark runs whose process has gone as interrupted, and return how many; `is_alive` takes host and pid."""
    closed = 0
    end = {
        "status": "interrupted",
        "error_class": "interrupted",
        "error": "Penstock ended before the answer did.",
        "outcome": func.coalesce(RUNS.c.outcome, "excluded"),
        "outcome_source": func.coalesce(RUNS.c.outcome_source, "interrupted"),
    }
    for host, pid in running_owners(connection):
        if pid is None or not is_alive(host, pid):
            orphans = update(RUNS).where(_RUNNING, RUNS.c.host == host, RUNS.c.pid.is_not_distinct_from(pid))
            closed += connection.execute(orphans.values(**end, finished_at=now)).rowcount
    return closed
