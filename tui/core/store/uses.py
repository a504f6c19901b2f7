"""Uses of versions in the database: counted when they are handed out, and told how they went."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.sqlite import Insert, insert

from tui.core.store.prompts import Counts, update_success_rate
from tui.core.store.tables import REVISIONS, TEMPLATES
from tui.core.store.trial_tables import REPORTED, USES

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Select
    from sqlalchemy.sql.dml import ReturningUpdate

    from tui.core.store.runs import Outcome


@dataclass(frozen=True, slots=True)
class NewUse:
    """A version about to be handed out; `created_at` is aware."""

    template_id: int
    revision_id: int | None
    reason: str
    created_at: datetime
    experiment_id: int | None = None
    arm_id: int | None = None
    run_id: str | None = None
    unit: str | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class ServedVersion:
    """What of a version decides whether it is served, and as which revision."""

    id: int
    version: int
    active: bool
    weight: float | None
    content_hash: str
    revision_id: int | None


def versions_to_serve(connection: Connection, name: str) -> list[ServedVersion]:
    """Return the versions of a prompt that have a file, the lowest first: the same for every process."""
    return [ServedVersion(*row) for row in connection.execute(_select_versions(), {"name": name})]


def add_use(connection: Connection, use: NewUse) -> tuple[int, Counts | None]:
    """Store a use and return its number, with the version's counts of now.

    The use of a version for a run is counted when the run starts; there are no counts then.
    """
    values = asdict(use)
    number = connection.execute(insert(USES), values).inserted_primary_key
    assert number is not None
    if use.run_id is not None:
        return int(number[0]), None
    counted = connection.execute(_count_use(), {"of": use.template_id}).one()
    return int(number[0]), Counts(*counted)


def report_use(
    connection: Connection, use_id: int, outcome: Outcome | None, note: str, now: datetime
) -> Counts | None:
    """Store how a use went, in place of what was told of it before; return the counts of its version.

    None if there is no such use.
    """
    of_use = select(USES.c.template_id, USES.c.outcome).where(USES.c.id == use_id)
    found = connection.execute(of_use).one_or_none()
    if found is None:
        return None
    template_id, before = found
    told = {"outcome": outcome, "note": note, "reported_at": now}
    connection.execute(update(USES).where(USES.c.id == use_id).values(told))
    changes = {
        column: (outcome == word) - (before == word)
        for column, word in (("successes", "success"), ("failures", "failure"))
    }
    if any(changes.values()):
        connection.execute(_add_reports(), {"template_id": template_id, **changes})
        update_success_rate(connection, template_id)
    columns = (TEMPLATES.c.id, TEMPLATES.c.usage_count, TEMPLATES.c.success_rate)
    return Counts(*connection.execute(select(*columns).where(TEMPLATES.c.id == template_id)).one())


@cache
def _select_versions() -> Select[Any]:
    same = (REVISIONS.c.template_id == TEMPLATES.c.id) & (
        REVISIONS.c.content_hash == TEMPLATES.c.content_hash
    )
    columns = [TEMPLATES.c[name] for name in ServedVersion.__slots__[:-1]]
    query = select(*columns, REVISIONS.c.id).outerjoin_from(TEMPLATES, REVISIONS, same)
    there = (TEMPLATES.c.name == bindparam("name")) & TEMPLATES.c.retired_at.is_(None)
    return query.where(there).order_by(TEMPLATES.c.version)


@cache
def _count_use() -> ReturningUpdate[Any]:
    statement = update(TEMPLATES).where(TEMPLATES.c.id == bindparam("of"))
    counted = statement.values(usage_count=TEMPLATES.c.usage_count + 1)
    return counted.returning(TEMPLATES.c.id, TEMPLATES.c.usage_count, TEMPLATES.c.success_rate)


@cache
def _add_reports() -> Insert:
    statement = insert(REPORTED)
    new = statement.excluded
    more: dict[str, Any] = {name: REPORTED.c[name] + new[name] for name in ("successes", "failures")}
    return statement.on_conflict_do_update(index_elements=["template_id"], set_=more)
