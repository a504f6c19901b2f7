"""Prompt versions, their revisions and their files in the database."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, case, delete, func, literal_column, select, tuple_, update
from sqlalchemy.dialects.sqlite import Insert, insert

from tui.core.store.tables import FILES, REVISIONS, RUNS, TEMPLATES
from tui.core.store.trial_tables import AUDIT, EXPERIMENTS, REPORTED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Connection, Select, Update

Key = tuple[str, int]
"""Name and version: what a prompt file stands for."""

CHUNK = 500
"""Rows named in one statement; SQLite takes 32,766 parameters at most."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A version as its file says it, to be stored."""

    name: str
    version: int
    template: str
    variables: Sequence[Mapping[str, object]]
    active: bool
    path: str
    content_hash: str
    content: str
    description: str = ""
    weight: float | None = None
    system: str = ""
    provider: str | None = None
    model: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    tags: Sequence[str] = ()
    front_matter: Mapping[str, object] = field(default_factory=dict)
    body_line: int = 1


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version as the database knows it, with what only the database knows; times are aware, in UTC."""

    id: int
    name: str
    version: int
    path: str
    template: str
    variables: Sequence[Mapping[str, Any]]
    active: bool
    weight: float | None
    description: str
    system: str
    provider: str | None
    model: str | None
    parameters: Mapping[str, Any]
    tags: Sequence[str]
    body_line: int
    content_hash: str
    revision_id: int
    usage_count: int
    success_rate: float | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A prompt file as last read: its stat, what was in it, and what is wrong with it."""

    path: str
    size: int
    mtime_ns: int
    inode: int
    content_hash: str
    name: str | None
    version: int | None
    problems: Sequence[Mapping[str, Any]]
    reader: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a version was used and how it did."""

    id: int
    usage_count: int
    success_rate: float | None


def upsert_versions(connection: Connection, records: Sequence[VersionRecord], now: datetime) -> None:
    """Store what the files say, and keep what only the database knows: id, created_at, usage and success.

    A retired version comes back to life as the row it was. New content becomes a revision; `updated_at` moves
    only with the content.
    """
    if not records:
        return
    connection.execute(_upsert_version(), [_template_row(record, now) for record in records])
    _add_revisions(connection, records, now)


def upsert_version(connection: Connection, record: VersionRecord, now: datetime) -> StoredVersion:
    """Store one version (see upsert_versions) and return its row."""
    upsert_versions(connection, [record], now)
    return load_versions(connection, [(record.name, record.version)])[0]


def retire(connection: Connection, keys: Collection[Key], now: datetime) -> None:
    """Mark versions whose files have gone; their history stays, and a returning file revives the row."""
    for chunk in _chunks(keys):
        key = tuple_(TEMPLATES.c.name, TEMPLATES.c.version)
        connection.execute(
            update(TEMPLATES).where(key.in_(chunk), TEMPLATES.c.retired_at.is_(None)).values(retired_at=now)
        )


def load_versions(connection: Connection, keys: Collection[Key] | None = None) -> list[StoredVersion]:
    """Return the versions that have a file now: all, or those of `keys`."""
    query = _select_versions()
    if keys is None:
        return [StoredVersion(*row) for row in connection.execute(query)]
    key = tuple_(TEMPLATES.c.name, TEMPLATES.c.version)
    return [
        StoredVersion(*row)
        for chunk in _chunks(keys)
        for row in connection.execute(query.where(key.in_(chunk)))
    ]


def save_files(connection: Connection, files: Collection[FileRecord]) -> None:
    """Remember files as last read."""
    if files:
        connection.execute(_upsert_file(), [_as_row(file) for file in files])


def forget_files(connection: Connection, paths: Collection[str]) -> None:
    """Forget files that have gone."""
    for chunk in _chunks(paths):
        connection.execute(delete(FILES).where(FILES.c.path.in_(chunk)))


def load_files(connection: Connection) -> list[FileRecord]:
    """Return every file as last read."""
    columns = [FILES.c[name] for name in FileRecord.__slots__]
    return [FileRecord(*row) for row in connection.execute(select(*columns))]


def load_counts(connection: Connection) -> list[Counts]:
    """Return usage and success of every version that has a file now."""
    columns = (TEMPLATES.c.id, TEMPLATES.c.usage_count, TEMPLATES.c.success_rate)
    return [
        Counts(*row) for row in connection.execute(select(*columns).where(TEMPLATES.c.retired_at.is_(None)))
    ]


def load_content(connection: Connection, revision_id: int) -> str | None:
    """Return the whole text of a revision's file, or None if there is no such revision."""
    query = select(REVISIONS.c.content).where(REVISIONS.c.id == revision_id)
    content: str | None = connection.execute(query).scalar_one_or_none()
    return content


def find_content(connection: Connection, content_hash: str) -> str | None:
    """Return the text of any revision with that hash, or None if none was ever kept."""
    query = select(REVISIONS.c.content).where(REVISIONS.c.content_hash == content_hash).limit(1)
    content: str | None = connection.execute(query).scalar_one_or_none()
    return content


def keep_revision(connection: Connection, key: Key, content_hash: str, content: str, now: datetime) -> bool:
    """Add a content to a version's history, be it one that was never served; False for an unknown version."""
    name, version = key
    values = {
        "hash": content_hash, "content": content, "now": now, "of_name": name, "of_version": version,
    }  # fmt: skip
    connection.execute(_insert_revision(), values)
    query = select(TEMPLATES.c.id).where(TEMPLATES.c.name == name, TEMPLATES.c.version == version)
    return connection.execute(query).first() is not None


def find_revision(connection: Connection, template_id: int, start: str) -> tuple[int, str] | None:
    """Return the id and the content of a version's newest revision whose hash begins so, None without one."""
    begins = REVISIONS.c.content_hash.startswith(start, autoescape=True)
    query = select(REVISIONS.c.id, REVISIONS.c.content).where(REVISIONS.c.template_id == template_id, begins)
    row = connection.execute(query.order_by(REVISIONS.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else (row.id, row.content)


def highest_version(connection: Connection, name: str) -> int:
    """Return the highest version that a prompt has or had, 0 for one that is not known."""
    query = select(func.coalesce(func.max(TEMPLATES.c.version), 0)).where(TEMPLATES.c.name == name)
    return int(connection.execute(query).scalar_one())


def rename_prompt(connection: Connection, old: str, new: str) -> None:
    """Give all versions of a prompt, retired ones too, another name; ids, counts and revisions stay."""
    for table in (TEMPLATES, EXPERIMENTS, AUDIT):
        connection.execute(update(table).where(table.c.name == old).values(name=new))


def rename_runs(connection: Connection, name: str, limit: int = CHUNK) -> int:
    """Let runs of a prompt's versions say its present name, the newest first; return how many did not."""
    versions = select(TEMPLATES.c.id).where(TEMPLATES.c.name == name)
    query = select(RUNS.c.seq).where(RUNS.c.template_id.in_(versions), RUNS.c.name != name)
    found = query.order_by(RUNS.c.seq.desc()).limit(limit)
    return connection.execute(update(RUNS).where(RUNS.c.seq.in_(found)).values(name=name)).rowcount


def count_use(connection: Connection, template_id: int) -> None:
    """Count one more run of a version."""
    statement = update(TEMPLATES).where(TEMPLATES.c.id == template_id)
    connection.execute(statement.values(usage_count=TEMPLATES.c.usage_count + 1))


def update_success_rate(connection: Connection, template_id: int) -> None:
    """Set success_rate to successes/(successes+failures) of its runs and uses; NULL while none has any."""
    connection.execute(_update_rate(), {"of": template_id})


def _template_row(record: VersionRecord, now: datetime) -> dict[str, object]:
    row = _as_row(record) | {"created_at": now, "updated_at": now}
    del row["content"]
    return row


def _add_revisions(connection: Connection, records: Sequence[VersionRecord], now: datetime) -> None:
    rows = [
        {
            "hash": record.content_hash,
            "content": record.content,
            "now": now,
            "of_name": record.name,
            "of_version": record.version,
        }
        for record in records
    ]
    connection.execute(_insert_revision(), rows)


def _as_row(record: VersionRecord | FileRecord) -> dict[str, object]:
    return {item.name: getattr(record, item.name) for item in fields(record)}


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


# Each of these statements is built once, since building one takes longer than running it.


@cache
def _upsert_version() -> Insert:
    statement = insert(TEMPLATES)
    new = statement.excluded
    kept = {"id", "name", "version", "created_at", "usage_count", "success_rate"}
    changed: dict[str, Any] = {
        column.name: new[column.name] for column in TEMPLATES.c if column.name not in kept
    }
    same = TEMPLATES.c.content_hash == new.content_hash
    changed["updated_at"] = case((same, TEMPLATES.c.updated_at), else_=new.updated_at)
    changed["retired_at"] = None
    return statement.on_conflict_do_update(index_elements=["name", "version"], set_=changed)


@cache
def _insert_revision() -> Insert:
    source = select(
        TEMPLATES.c.id,
        bindparam("hash"),
        bindparam("content"),
        bindparam("now", type_=REVISIONS.c.created_at.type),
    ).where(TEMPLATES.c.name == bindparam("of_name"), TEMPLATES.c.version == bindparam("of_version"))
    columns = ["template_id", "content_hash", "content", "created_at"]
    return insert(REVISIONS).from_select(columns, source).on_conflict_do_nothing(index_elements=columns[:2])


@cache
def _update_rate() -> Update:
    of: BindParameter[int] = bindparam("of")
    counts: dict[str, Any] = {}
    for outcome, column in (("success", REPORTED.c.successes), ("failure", REPORTED.c.failures)):
        runs = select(func.count()).where(RUNS.c.template_id == of, RUNS.c.outcome == outcome)
        told = select(column).where(REPORTED.c.template_id == of)
        counts[outcome] = runs.scalar_subquery() + func.coalesce(told.scalar_subquery(), 0)
    rate = counts["success"] * 1.0 / func.nullif(counts["success"] + counts["failure"], 0)
    return update(TEMPLATES).where(TEMPLATES.c.id == of).values(success_rate=rate)


@cache
def _upsert_file() -> Insert:
    statement = insert(FILES)
    changed = {column.name: statement.excluded[column.name] for column in FILES.c if column.name != "path"}
    return statement.on_conflict_do_update(index_elements=["path"], set_=changed)


@cache
def _select_versions() -> Select[Any]:
    columns = [
        func.coalesce(REVISIONS.c.id, literal_column("0")) if name == "revision_id" else TEMPLATES.c[name]
        for name in StoredVersion.__slots__
    ]
    same_content = REVISIONS.c.content_hash == TEMPLATES.c.content_hash
    revision = (REVISIONS.c.template_id == TEMPLATES.c.id) & same_content
    query = select(*columns).outerjoin_from(TEMPLATES, REVISIONS, revision)
    return query.where(TEMPLATES.c.retired_at.is_(None))
