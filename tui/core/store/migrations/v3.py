"""Schema 3: each use of a prompt and its outcome, A/B tests with their arms, and an audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import REAL, Column, ForeignKey, Integer, Text, UniqueConstraint, func, text

from tui.core.store.columns import UtcTime

if TYPE_CHECKING:
    from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Add the tables."""
    op.create_table("experiments", *_experiments())
    op.create_index("experiments_of_prompt", "experiments", ["name", "id"])
    op.create_table("arms", *_arms(), UniqueConstraint("experiment_id", "revision_id"))
    op.create_table("uses", *_uses())
    op.create_index("uses_of_experiment", "uses", ["experiment_id", "id"])
    op.create_index("uses_of_unit", "uses", ["experiment_id", "unit", "id"])
    op.create_table(
        "reported",
        Column("template_id", Integer, ForeignKey("prompt_templates.id"), primary_key=True),
        _count("successes", "of uses without a run"),
        _count("failures", "of uses without a run"),
    )
    op.create_table("audit", *_audit())
    op.create_index("audit_of_prompt", "audit", ["name", "id"])


def _key() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _text(name: str, comment: str, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=default is None, server_default=default, comment=comment)


def _need(name: str, comment: str) -> Column[str]:
    return Column(name, Text, nullable=False, comment=comment)


def _count(name: str, comment: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"), comment=comment)


def _real(name: str, comment: str) -> Column[float]:
    return Column(name, REAL, nullable=False, comment=comment)


def _moment(name: str, comment: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, UtcTime, nullable=nullable, comment=comment)


def _of(name: str, column: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Integer, ForeignKey(column), nullable=nullable)


def _experiments() -> list[Column[Any]]:
    return [
        _key(),
        _need("name", "the prompt"),
        _need("key", "random; units are hashed with it"),
        _real("alpha", "how often equal arms may be found to differ"),
        _real("effect", "the smallest difference of rates that matters"),
        _text("serving", "split (by weight), thompson (optimising)", "split"),
        _text("decided_by", "split (its answers), cases (that all arms answered)", "split"),
        _count("phase", "counts the changes of arms and weights"),
        _count("blocks", "calls assigned by blocks in this phase"),
        _count("weights_since", "the last use before this phase"),
        _moment("opened_at", "when it began"),
        _moment("held_at", "only the control is served since; NULL: it goes on", nullable=True),
        _moment("closed_at", "when a version was promoted; NULL: it is open", nullable=True),
    ]


def _arms() -> list[Column[Any]]:
    return [
        _key(),
        _of("experiment_id", "experiments.id"),
        _of("template_id", "prompt_templates.id"),
        _of("revision_id", "prompt_revisions.id"),
        Column("version", Integer, nullable=False),
        _need("content_hash", "of the revision"),
        _need("label", "A, B, ... in the order of joining"),
        _real("weight", "as its file says"),
        _count("since", "the last use before it joined"),
        _moment("opened_at", "when it joined"),
        _moment("frozen_at", "when its file was edited or left the split", nullable=True),
    ]


def _uses() -> list[Column[Any]]:
    return [
        _key(),
        _of("template_id", "prompt_templates.id"),
        _of("revision_id", "prompt_revisions.id", nullable=True),
        _of("experiment_id", "experiments.id", nullable=True),
        _of("arm_id", "arms.id", nullable=True),
        _text("run_id", "the run it was for, which has the outcome; NULL: none here"),
        _text("unit", "hash of whom it was served to; NULL: not told"),
        _need("reason", "pinned, active, highest, sticky, block, drawn, held"),
        Column("share", REAL, comment="of the traffic that its arm had"),
        _moment("created_at", "when it was handed out"),
        _text("outcome", "success, failure, excluded; NULL: not told"),
        _text("note", "said with the outcome", ""),
        _moment("reported_at", "when the outcome was told", nullable=True),
    ]


def _audit() -> list[Column[Any]]:
    return [
        _key(),
        Column("at", UtcTime, nullable=False, server_default=func.current_timestamp()),
        _need("who", "user@host"),
        _need("action", "promote, split, edit, hold, resume, rules, undo"),
        _need("name", "the prompt"),
        _text("detail", "in words", ""),
    ]
