"""Schema 2: what a run cost and where it came from, its requests one by one, drafts, and a memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import REAL, Boolean, Column, ForeignKey, Integer, Text, UniqueConstraint, func, text

from tui.core.store.columns import JsonText, UtcTime

if TYPE_CHECKING:
    from alembic.operations import Operations

_KEPT = (
    "id, template_id, revision_id, name, version, content_hash, provider, model, status, outcome,"
    " outcome_source, finish, error_class, error, tokens_in, tokens_out, tokens_cached, tokens_reasoning,"
    " usage_estimated, request_id, attempts, created_at, started_at, finished_at, waited_s, first_token_s,"
    ' total_s, simulated, pid, host, note, parameters, "values", system, prompt, answer, reasoning'
)
_INDEXES = {
    "runs_newest": ["created_at"],
    "runs_by_prompt": ["name", "version", "created_at"],
    "runs_by_outcome": ["template_id", "outcome"],
    "runs_by_provider": ["provider", "created_at"],
    "runs_facets": ["seq", "name", "version", "provider", "model", "outcome", "status", "created_at"],
}


def upgrade(op: Operations) -> None:
    """Build `runs` anew, in the order in which they were asked for, and add the new tables."""
    op.rename_table("runs", "runs_v1")
    op.create_table("runs", *_runs())
    # Schema 1 kept the kind of ending where the provider's own word belongs.
    op.get_bind().exec_driver_sql(
        f"INSERT INTO runs ({_KEPT}, finish_kind) SELECT {_KEPT}, finish FROM runs_v1 ORDER BY created_at, id"
    )
    op.drop_table("runs_v1")
    for name, columns in _INDEXES.items():
        op.create_index(name, "runs", columns)
    op.create_table("attempts", *_attempts())
    op.create_index("attempts_of_run", "attempts", ["run_id"])
    op.create_index("attempts_by_provider", "attempts", ["provider", "started_at"])
    op.create_table("drafts", *_drafts(), UniqueConstraint("path", "host", "pid"))
    op.create_table("memory", *_memory())


def _text(name: str, comment: str, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=default is None, server_default=default, comment=comment)


def _need(name: str, comment: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=False, comment=comment)


def _integer(name: str, comment: str) -> Column[int]:
    return Column(name, Integer, comment=comment)


def _real(name: str, comment: str) -> Column[float]:
    return Column(name, REAL, comment=comment)


def _flag(name: str, comment: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("false"), comment=comment)


def _time(name: str, comment: str) -> Column[Any]:
    return Column(name, UtcTime, comment=comment)


def _now(name: str, comment: str) -> Column[Any]:
    return Column(name, UtcTime, nullable=False, server_default=func.current_timestamp(), comment=comment)


def _map(name: str, comment: str) -> Column[Any]:
    return Column(name, JsonText, nullable=False, server_default="{}", comment=comment)


def _runs() -> list[Column[Any]]:
    return [
        Column("seq", Integer, primary_key=True, comment="counts up in the order of sending"),
        Column("id", Text, nullable=False, unique=True, comment="UUID, given by the caller"),
        Column("template_id", Integer, ForeignKey("prompt_templates.id")),
        Column("revision_id", Integer, ForeignKey("prompt_revisions.id")),
        _text("name", "the prompt; NULL: free text"),
        _integer("version", "of the prompt"),
        _text("content_hash", "of the revision", ""),
        _text("commit_hash", "HEAD of the git repository of the prompts when it was sent"),
        _text("git_state", "of the file then: clean, modified, untracked, none (no repository)"),
        _text("case_name", "the named set of values; NULL: none"),
        _text("batch_id", "same for runs that were asked for together"),
        _need("provider"),
        _need("model", "as asked for"),
        _text("model_reported", "the model that answered, as it says"),
        _text("status", "running, done, failed, cancelled, interrupted", "running"),
        _text("outcome", "success, failure, excluded; NULL: unrated"),
        _text("outcome_source", "who rated it: human, assertion, judge, ..."),
        _text("finish", "why the answer ended, in the words of the provider"),
        _text("finish_kind", "stop, length, filtered, other"),
        _text("error_class", "kind of error"),
        _text("error", "the error in one sentence"),
        _integer("tokens_in", "of the request; NULL: not told"),
        _integer("tokens_out", "of the answer"),
        _integer("tokens_cached", "of tokens_in, read from a cache"),
        _integer("tokens_reasoning", "of tokens_out, spent on thinking"),
        _flag("usage_estimated", "the token counts are our estimate"),
        _real("cost", "USD; NULL: unknown, which is not 0"),
        _text("cost_source", "whose price it is: settings, genai-prices, provider"),
        _text("price_as_of", "day of the price, or edition of the list"),
        _text("request_id", "the provider's, for asking its support"),
        Column(
            "attempts",
            Integer,
            nullable=False,
            server_default=text("0"),
            comment="requests sent, retries included",
        ),
        _now("created_at", "when it was asked for"),
        _time("started_at", "when the request was sent"),
        _time("finished_at", "when it ended, however it ended"),
        _real("waited_s", "seconds waited for quota"),
        _real("first_token_s", "seconds from sending to the first token"),
        _real("total_s", "seconds from sending to the end"),
        _flag("simulated", "answered by the simulator"),
        _integer("pid", "process that runs it"),
        _text("host", "computer of that process", ""),
        _text("note", "said with the rating", ""),
        _map("parameters", "JSON map, as asked for; attempts.parameters: as sent"),
        _map("values", "JSON map: what the variables were"),
        _text("system", "the system message as sent", ""),
        _text("prompt", "the prompt as sent; turns below their roles", ""),
        _text("answer", "as far as it came", ""),
        _text("reasoning", "thinking that the provider showed", ""),
    ]


def _attempts() -> list[Column[Any]]:
    return [
        Column("id", Integer, primary_key=True),
        Column("run_id", Text, ForeignKey("runs.id"), nullable=False),
        _need("provider"),
        _need("model", "as asked for"),
        Column("number", Integer, nullable=False, comment="1 for the first of its run"),
        Column("started_at", UtcTime, nullable=False, comment="when it was sent"),
        Column("ended_at", UtcTime, nullable=False, comment="when its answer had come, or its error"),
        _need("status", "ok, or the kind of error"),
        _text("message", "the error in one sentence"),
        _integer("http_status", "200, 429, ...; NULL: none was told"),
        _real("retry_after_s", "seconds to wait, as the provider said; NULL: it did not"),
    ]


def _drafts() -> list[Column[Any]]:
    return [
        Column("id", Integer, primary_key=True),
        _need("path", "relative to the prompts folder"),
        _need("content", "the whole file as typed so far"),
        _need("base_hash", "SHA-256 of the file it was begun from"),
        Column("cursor", JsonText, comment="JSON: where the cursor was"),
        _now("updated_at", "when it was last typed in"),
        _integer("pid", "process that it is typed in; NULL: set aside"),
        _text("host", "computer of that process", ""),
    ]


def _memory() -> list[Column[Any]]:
    return [
        Column("key", Text, primary_key=True, comment="what it is about"),
        Column("value", JsonText, nullable=False, comment="JSON"),
        _now("updated_at", "when it last changed"),
    ]
