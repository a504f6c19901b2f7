"""A/B tests in the database: their arms kept in step with the files, their trials, and an audit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, insert, select, update

from tui.core.store.tables import REVISIONS, RUNS
from tui.core.store.trial_tables import ARMS, AUDIT, EXPERIMENTS, USES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import TypeAlias

    from sqlalchemy import ColumnElement, Connection, Select

    from tui.core.store.uses import ServedVersion

    SameArm: TypeAlias = Callable[[str, str], bool]
    """Whether two contents of a version are one arm."""

ALPHA = 0.05
EFFECT = 0.1
"""What a test begins with, until it is told otherwise."""
_LOOKED_THROUGH = 100
"""Unrated answers among which two of the same case are looked for."""


@dataclass(frozen=True, slots=True)
class StoredExperiment:
    """A test as the database knows it; times are aware, in UTC."""

    id: int
    name: str
    key: str
    alpha: float
    effect: float
    serving: str
    decided_by: str
    phase: int
    blocks: int
    weights_since: int
    opened_at: datetime
    held_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredArm:
    """A revision that takes part, or did."""

    id: int
    template_id: int
    revision_id: int
    version: int
    content_hash: str
    label: str
    weight: float
    since: int
    frozen_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredTrial:
    """A use of an arm by the split, with the outcome that it or its run has."""

    id: int
    arm_id: int
    outcome: str | None
    share: float
    unit: str | None
    created_at: datetime
    run_id: str | None
    total_s: float | None
    tokens_in: int | None
    tokens_out: int | None
    cost: float | None
    source: str | None
    note: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, and when (aware, in UTC)."""

    at: datetime
    who: str
    action: str
    detail: str


def latest_experiment(connection: Connection, name: str) -> StoredExperiment | None:
    """Return the last test of a prompt, be it open or closed, or None."""
    row = connection.execute(_select_latest(), {"name": name}).one_or_none()
    return None if row is None else StoredExperiment(*row)


def tested_prompts(connection: Connection) -> list[str]:
    """Return the names of the prompts that have or had a test."""
    return list(connection.execute(select(EXPERIMENTS.c.name).distinct()).scalars())


def arms_of(connection: Connection, experiment_id: int) -> list[StoredArm]:
    """Return a test's arms in the order of their versions, those that were frozen first of each."""
    return [StoredArm(*row) for row in connection.execute(_select_arms(), {"of": experiment_id})]


def settle(
    connection: Connection,
    name: str,
    served: Sequence[ServedVersion],
    now: datetime,
    who: str,
    key: str,
    same: SameArm,
    *,
    told: bool = False,
) -> tuple[StoredExperiment, list[StoredArm]]:
    """Bring the test of a prompt in step with the versions that share its traffic; return its running arms.

    A revision that is new becomes an arm, one that is no longer served is frozen, and both are audited. When
    arms or weights change, a new phase begins: blocks start anew. `key` is for a test that begins by this.
    """
    test = latest_experiment(connection, name)
    if test is None or test.closed_at is not None:
        test = _open(connection, name, now, key, test)
    wanted = {one.revision_id: one for one in served if one.revision_id is not None}
    arms = _moved(connection, arms_of(connection, test.id), wanted, same)
    running = {arm.revision_id: arm for arm in arms if arm.frozen_at is None}
    if {id: arm.weight for id, arm in running.items()} != {id: one.weight for id, one in wanted.items()}:
        changed = _change(connection, test, arms, wanted, now)
        if arms and not told:
            audit(connection, now, who, "edit" if wanted.keys() - running.keys() else "split", name, changed)
        return settle(connection, name, served, now, who, key, same)
    return test, [arm for arm in arms if arm.frozen_at is None]


def _moved(
    connection: Connection, arms: list[StoredArm], wanted: Mapping[int, ServedVersion], same: SameArm
) -> list[StoredArm]:
    """Return the arms, those whose files say the same in other words moved to the revision of now."""
    known = {arm.revision_id for arm in arms}
    for one in wanted.values():
        if one.revision_id is None or one.revision_id in known:
            continue
        new = _content(connection, one.revision_id)
        mine = [arm for arm in arms if arm.template_id == one.id and arm.revision_id not in wanted]
        for arm in sorted(mine, key=lambda arm: (arm.frozen_at is not None, -arm.id)):
            if same(_content(connection, arm.revision_id), new):
                moved = replace(arm, revision_id=one.revision_id, content_hash=one.content_hash)
                values = {"revision_id": moved.revision_id, "content_hash": moved.content_hash}
                connection.execute(update(ARMS).where(ARMS.c.id == arm.id).values(values))
                arms = [moved if other.id == arm.id else other for other in arms]
                break
    return arms


def _content(connection: Connection, revision_id: int) -> str:
    query = select(REVISIONS.c.content).where(REVISIONS.c.id == revision_id)
    return str(connection.execute(query).scalar_one())


def _open(
    connection: Connection, name: str, now: datetime, key: str, before: StoredExperiment | None
) -> StoredExperiment:
    """Begin a test; what matters is what mattered in the one before, but its serving is a split again."""
    alpha, effect = (before.alpha, before.effect) if before else (ALPHA, EFFECT)
    values = {"name": name, "key": key, "alpha": alpha, "effect": effect, "opened_at": now}
    connection.execute(insert(EXPERIMENTS).values(values))
    opened = latest_experiment(connection, name)
    assert opened is not None
    return opened


def _change(
    connection: Connection,
    test: StoredExperiment,
    arms: Sequence[StoredArm],
    wanted: dict[int, ServedVersion],
    now: datetime,
) -> str:
    """Open, reopen, freeze and weigh arms, begin a new phase, and return what was done in words."""
    last = connection.execute(select(func.coalesce(func.max(USES.c.id), 0))).scalar_one()
    known = {arm.revision_id: arm for arm in arms}
    words = []
    for revision_id, one in wanted.items():
        arm = known.get(revision_id)
        if arm is None:
            label = _label(len(known))
            connection.execute(
                insert(ARMS).values(
                    experiment_id=test.id, template_id=one.id, revision_id=revision_id, version=one.version,
                    content_hash=one.content_hash, label=label, weight=one.weight, since=last, opened_at=now,
                )
            )  # fmt: skip
            known[revision_id] = StoredArm(
                0, one.id, revision_id, one.version, one.content_hash, label, one.weight or 0.0, last, None
            )
            words.append(f"arm {label} is v{one.version} #{one.content_hash[:4]}")
        else:
            if arm.frozen_at is not None:
                words.append(f"arm {arm.label} (v{arm.version}) goes on")
            elif arm.weight != one.weight:
                words.append(f"v{arm.version} from {arm.weight:g} to {one.weight:g}")
            opened = update(ARMS).where(ARMS.c.id == arm.id)
            connection.execute(opened.values(weight=one.weight, frozen_at=None))
    for arm in arms:
        if arm.frozen_at is None and arm.revision_id not in wanted:
            connection.execute(update(ARMS).where(ARMS.c.id == arm.id).values(frozen_at=now))
            words.append(f"arm {arm.label} (v{arm.version} #{arm.content_hash[:4]}) is frozen")
    phase = {"phase": test.phase + 1, "blocks": 0, "weights_since": last}
    connection.execute(update(EXPERIMENTS).where(EXPERIMENTS.c.id == test.id).values(phase))
    return ", ".join(words)


def _label(number: int) -> str:
    letters = ascii_uppercase
    return letters[number] if number < len(letters) else f"{letters[number % 26]}{number // 26}"


def next_in_block(connection: Connection, experiment_id: int) -> int:
    """Return the number of the next call that is assigned by blocks, from 0, and count it."""
    number: int = connection.execute(_count_block(), {"of": experiment_id}).scalar_one()
    return number - 1


def arm_of_unit(connection: Connection, experiment_id: int, unit: str) -> int | None:
    """Return the arm that a unit met last in a test, or None."""
    query = select(USES.c.arm_id).where(USES.c.experiment_id == experiment_id, USES.c.unit == unit)
    arm: int | None = connection.execute(query.order_by(USES.c.id.desc()).limit(1)).scalar_one_or_none()
    return arm


def change_experiment(connection: Connection, experiment_id: int, **values: object) -> None:
    """Set columns of a test."""
    connection.execute(update(EXPERIMENTS).where(EXPERIMENTS.c.id == experiment_id).values(values))


def trials_of(connection: Connection, experiment_id: int) -> list[StoredTrial]:
    """Return what a test has served, in order; a run that has not been sent is not there yet."""
    rows = connection.execute(_select_trials(), {"of": experiment_id})
    return [StoredTrial(*row) for row in rows]


def outcome_counts(connection: Connection, experiment_id: int) -> list[tuple[int, str, int]]:
    """Return how many successes and failures each arm of a test has."""
    outcome = func.coalesce(RUNS.c.outcome, USES.c.outcome)
    query = select(USES.c.arm_id, outcome, func.count()).outerjoin_from(
        USES, RUNS, RUNS.c.id == USES.c.run_id
    )
    rated = (USES.c.experiment_id == experiment_id) & outcome.in_(("success", "failure"))
    return [
        (arm, word, n)
        for arm, word, n in connection.execute(query.where(rated).group_by(USES.c.arm_id, outcome))
    ]


def outcomes_by_case(
    connection: Connection, arms: Iterable[StoredArm], same: SameArm
) -> dict[int, dict[tuple[str, str, str], bool]]:
    """Return for each arm how the first rated run of each case went on each provider and model.

    A case is what stands in the values of a run, whether or not it has a name; all runs count that were sent
    from a content that is the same arm, whoever asked for them.
    """
    arms = list(arms)
    by_revision: dict[int, int] = {}
    for arm in arms:
        mine = _content(connection, arm.revision_id)
        contents = select(REVISIONS.c.id, REVISIONS.c.content).where(
            REVISIONS.c.template_id == arm.template_id
        )
        alike = [id for id, content in connection.execute(contents) if same(mine, content)]
        by_revision.update(dict.fromkeys(alike, arm.id))
    columns = [RUNS.c[name] for name in ("revision_id", "values", "provider", "model", "outcome")]
    templates = {arm.template_id for arm in arms}
    rated = RUNS.c.outcome.in_(("success", "failure")) & RUNS.c.template_id.in_(templates)
    query = select(*columns).where(rated, RUNS.c.revision_id.in_(by_revision)).order_by(RUNS.c.seq)
    found: dict[int, dict[tuple[str, str, str], bool]] = defaultdict(dict)
    for revision_id, values, provider, model, outcome in connection.execute(query):
        case = (repr(sorted(values.items())), provider, model)
        found[by_revision[revision_id]].setdefault(case, outcome == "success")
    return found


def content_of_arm(connection: Connection, arm_id: int) -> str | None:
    """Return the whole text of an arm's file, or None if there is no such arm."""
    query = select(REVISIONS.c.content).join(ARMS, ARMS.c.revision_id == REVISIONS.c.id)
    content: str | None = connection.execute(query.where(ARMS.c.id == arm_id)).scalar_one_or_none()
    return content


@dataclass(frozen=True, slots=True)
class Unrated:
    """An answer of a running arm that nobody has judged."""

    run_id: str
    arm_id: int
    values: Mapping[str, Any]
    answer: str
    case: str | None


def unrated_pair(connection: Connection, name: str) -> tuple[Unrated, Unrated] | None:
    """Return two such answers of different arms of a prompt's last test, of equal values where there are."""
    test = latest_experiment(connection, name)
    if test is None:
        return None
    columns = [RUNS.c.id, ARMS.c.id, RUNS.c["values"], RUNS.c.answer, RUNS.c.case_name]
    query = select(*columns).join(USES, USES.c.run_id == RUNS.c.id).join(ARMS, ARMS.c.id == USES.c.arm_id)
    open_ones = (ARMS.c.experiment_id == test.id) & ARMS.c.frozen_at.is_(None)
    unrated = (RUNS.c.status == "done") & RUNS.c.outcome.is_(None)
    rows = connection.execute(query.where(open_ones, unrated).order_by(USES.c.id).limit(_LOOKED_THROUGH))
    found = [Unrated(*row) for row in rows]
    pairs = [(one, other) for one, other in combinations(found, 2) if one.arm_id != other.arm_id]
    same = (pair for pair in pairs if pair[0].values == pair[1].values)
    return next(same, pairs[0] if pairs else None)


def audit(connection: Connection, at: datetime, who: str, action: str, name: str, detail: str) -> None:
    """Write down who changed what about the serving of a prompt."""
    connection.execute(insert(AUDIT).values(at=at, who=who, action=action, name=name, detail=detail))


def audited(connection: Connection, name: str, limit: int) -> list[AuditEntry]:
    """Return what was changed about the serving of a prompt, the newest first."""
    query = select(*(AUDIT.c[key] for key in AuditEntry.__slots__)).where(AUDIT.c.name == name)
    return [AuditEntry(*row) for row in connection.execute(query.order_by(AUDIT.c.id.desc()).limit(limit))]


@cache
def _select_latest() -> Select[Any]:
    columns = [EXPERIMENTS.c[name] for name in StoredExperiment.__slots__]
    query = select(*columns).where(EXPERIMENTS.c.name == bindparam("name"))
    return query.order_by(EXPERIMENTS.c.id.desc()).limit(1)


@cache
def _select_arms() -> Select[Any]:
    columns = [ARMS.c[name] for name in StoredArm.__slots__]
    query = select(*columns).where(ARMS.c.experiment_id == bindparam("of"))
    return query.order_by(ARMS.c.version, ARMS.c.id)


@cache
def _count_block() -> Any:
    statement = update(EXPERIMENTS).where(EXPERIMENTS.c.id == bindparam("of"))
    return statement.values(blocks=EXPERIMENTS.c.blocks + 1).returning(EXPERIMENTS.c.blocks)


def _told(figure: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a figure where it rests on what the provider told: an estimate is no evidence."""
    return case((RUNS.c.usage_estimated, None), else_=figure)


@cache
def _select_trials() -> Select[Any]:
    outcome = func.coalesce(RUNS.c.outcome, USES.c.outcome)
    source = func.coalesce(RUNS.c.outcome_source, "program")
    note = func.coalesce(func.nullif(USES.c.note, ""), RUNS.c.note, "")
    columns = (
        USES.c.id, USES.c.arm_id, outcome, USES.c.share, USES.c.unit, USES.c.created_at, USES.c.run_id,
        RUNS.c.total_s, *map(_told, (RUNS.c.tokens_in, RUNS.c.tokens_out, RUNS.c.cost)), source, note,
    )  # fmt: skip
    query = select(*columns).outerjoin_from(USES, RUNS, RUNS.c.id == USES.c.run_id)
    sent = USES.c.run_id.is_(None) | RUNS.c.id.is_not(None)
    return query.where(USES.c.experiment_id == bindparam("of"), USES.c.arm_id.is_not(None), sent).order_by(
        USES.c.id
    )
