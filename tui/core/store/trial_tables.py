"""The tables of served prompts and A/B tests, column by column; times are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import REAL, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, func, text
from sqlmodel import Field

from tui.core.store.columns import UtcTime
from tui.core.store.tables import Base


def _text(comment: str, default: str | None = None) -> Column[str]:
    return Column(Text, nullable=default is None, server_default=default, comment=comment)


def _need(comment: str) -> Column[str]:
    return Column(Text, nullable=False, comment=comment)


def _count(comment: str) -> Column[int]:
    return Column(Integer, nullable=False, server_default=text("0"), comment=comment)


def _real(comment: str) -> Column[float]:
    return Column(REAL, nullable=False, comment=comment)


def _moment(comment: str) -> Column[datetime]:
    return Column(UtcTime, nullable=False, comment=comment)


def _of(column: str, *, nullable: bool = False) -> Column[Any]:
    return Column(Integer, ForeignKey(column), nullable=nullable)


class Experiment(Base, table=True):
    """One A/B test of a prompt: what was settled about it, and how far its blocks are."""

    __tablename__ = "experiments"
    __table_args__ = (Index("experiments_of_prompt", "name", "id"),)

    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    name: str = Field(sa_column=_need("the prompt"))
    key: str = Field(sa_column=_need("random; units are hashed with it"))
    alpha: float = Field(sa_column=_real("how often equal arms may be found to differ"))
    effect: float = Field(sa_column=_real("the smallest difference of rates that matters"))
    serving: str = Field(sa_column=_text("split (by weight), thompson (optimising)", "split"))
    decided_by: str = Field(sa_column=_text("split (its answers), cases (that all arms answered)", "split"))
    phase: int = Field(sa_column=_count("counts the changes of arms and weights"))
    blocks: int = Field(sa_column=_count("calls assigned by blocks in this phase"))
    weights_since: int = Field(sa_column=_count("the last use before this phase"))
    opened_at: datetime = Field(sa_column=_moment("when it began"))
    held_at: datetime | None = Field(
        default=None, sa_column=Column(UtcTime, comment="only the control is served since; NULL: it goes on")
    )
    closed_at: datetime | None = Field(
        default=None, sa_column=Column(UtcTime, comment="when a version was promoted; NULL: it is open")
    )


class Arm(Base, table=True):
    """A revision that takes part in a test."""

    __tablename__ = "arms"
    __table_args__ = (UniqueConstraint("experiment_id", "revision_id"),)

    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    experiment_id: int = Field(sa_column=_of("experiments.id"))
    template_id: int = Field(sa_column=_of("prompt_templates.id"))
    revision_id: int = Field(sa_column=_of("prompt_revisions.id"))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    content_hash: str = Field(sa_column=_need("of the revision"))
    label: str = Field(sa_column=_need("A, B, ... in the order of joining"))
    weight: float = Field(sa_column=_real("as its file says"))
    since: int = Field(sa_column=_count("the last use before it joined"))
    opened_at: datetime = Field(sa_column=_moment("when it joined"))
    frozen_at: datetime | None = Field(
        default=None, sa_column=Column(UtcTime, comment="when its file was edited or left the split")
    )


class Use(Base, table=True):
    """One time that a version was handed out, and how that went."""

    __tablename__ = "uses"
    __table_args__ = (
        Index("uses_of_experiment", "experiment_id", "id"),
        Index("uses_of_unit", "experiment_id", "unit", "id"),
    )

    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    template_id: int = Field(sa_column=_of("prompt_templates.id"))
    revision_id: int | None = Field(default=None, sa_column=_of("prompt_revisions.id", nullable=True))
    experiment_id: int | None = Field(default=None, sa_column=_of("experiments.id", nullable=True))
    arm_id: int | None = Field(default=None, sa_column=_of("arms.id", nullable=True))
    run_id: str | None = Field(
        default=None, sa_column=_text("the run it was for, which has the outcome; NULL: none here")
    )
    unit: str | None = Field(default=None, sa_column=_text("hash of whom it was served to; NULL: not told"))
    reason: str = Field(sa_column=_need("pinned, active, highest, sticky, block, drawn, held"))
    share: float | None = Field(
        default=None, sa_column=Column(REAL, comment="of the traffic that its arm had")
    )
    created_at: datetime = Field(sa_column=_moment("when it was handed out"))
    outcome: str | None = Field(default=None, sa_column=_text("success, failure, excluded; NULL: not told"))
    note: str = Field(default="", sa_column=_text("said with the outcome", ""))
    reported_at: datetime | None = Field(
        default=None, sa_column=Column(UtcTime, comment="when the outcome was told")
    )


class Reported(Base, table=True):
    """How many outcomes programs told of a version's uses, so that its rate need not count them each time."""

    __tablename__ = "reported"

    template_id: int = Field(sa_column=Column(Integer, ForeignKey("prompt_templates.id"), primary_key=True))
    successes: int = Field(sa_column=_count("of uses without a run"))
    failures: int = Field(sa_column=_count("of uses without a run"))


class Audit(Base, table=True):
    """Who changed what about the serving of a prompt."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_of_prompt", "name", "id"),)

    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    at: datetime = Field(sa_column=Column(UtcTime, nullable=False, server_default=func.current_timestamp()))
    who: str = Field(sa_column=_need("user@host"))
    action: str = Field(sa_column=_need("promote, split, edit, hold, resume, rules, undo"))
    name: str = Field(sa_column=_need("the prompt"))
    detail: str = Field(sa_column=_text("in words", ""))


EXPERIMENTS: Table = Base.metadata.tables["experiments"]
ARMS: Table = Base.metadata.tables["arms"]
USES: Table = Base.metadata.tables["uses"]
REPORTED: Table = Base.metadata.tables["reported"]
AUDIT: Table = Base.metadata.tables["audit"]
