"""What a run leaves in the database: a row when it is sent, and how it ended."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any, cast

from tui.core.engine.request import FreeText
from tui.core.prompts.turns import Turn, as_text
from tui.core.store import attempts, runs
from tui.core.store.attempts import OK, StoredAttempt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from tui.core.engine.events import RunState, RunStatus
    from tui.core.engine.git_state import GitFacts
    from tui.core.prompts.snapshot import VersionRow
    from tui.core.providers.base import Request
    from tui.core.providers.errors import ProviderError

_STORED_STATUS: Mapping[RunStatus, runs.Status] = {
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}


def new_run(
    state: RunState,
    row: VersionRow | FreeText,
    wire: Request,
    values: Mapping[str, str],
    created_at: datetime,
    git: GitFacts,
    *,
    simulated: bool,
) -> runs.NewRun:
    """Return the row of a run that is about to be sent by this process."""
    of_version: Mapping[str, Any] = {}
    if not isinstance(row, FreeText):
        of_version = {
            "template_id": row.id,
            "revision_id": row.revision_id,
            "name": row.name,
            "version": row.version,
            "content_hash": row.content_hash,
            "commit_hash": git.commit,
            "git_state": git.state,
        }
    return runs.NewRun(
        **of_version,
        id=state.id,
        provider=state.provider,
        model=state.model,
        values=dict(values),
        system=wire.system,
        prompt=as_text(Turn(message.role, message.text) for message in wire.messages),
        parameters=dict(wire.parameters),
        batch_id=state.batch or None,
        case_name=state.case or None,
        simulated=simulated,
        created_at=created_at,
        pid=os.getpid(),
        host=socket.gethostname(),
    )


def run_result(state: RunState, started_at: datetime, finished_at: datetime) -> runs.RunResult:
    """Return how a run ended; `state` is its last one."""
    usage, cost = state.usage, state.cost
    return runs.RunResult(
        status="interrupted" if state.error_class == "interrupted" else _STORED_STATUS[state.status],
        started_at=started_at,
        finished_at=finished_at,
        answer=str(state.transcript),
        reasoning=str(state.thoughts),
        finish=state.raw_finish or None,
        finish_kind=cast("runs.FinishKind | None", state.finish or None),
        model_reported=state.reported_model or None,
        error_class=state.error_class or None,
        error=state.error or None,
        tokens_in=usage.tokens_in,
        tokens_out=usage.tokens_out,
        tokens_cached=usage.cached,
        tokens_reasoning=usage.reasoning,
        usage_estimated=usage.estimated,
        cost=None if cost is None else float(cost.usd),
        cost_source=None if cost is None else cost.source,
        price_as_of=None if cost is None else cost.as_of or None,
        request_id=state.request_id or None,
        attempts=state.attempts,
        waited_s=state.waited_s,
        first_token_s=state.first_token_s,
        total_s=state.total_s,
    )


def attempt(
    state: RunState,
    sent_at: datetime,
    ended_at: datetime,
    error: ProviderError | None,
    wire: Request | None,
    *,
    answered: bool,
) -> StoredAttempt:
    """Return the record of one request that was sent; one with neither answer nor error was cancelled.

    `wire` is the request as it went out, if it did.
    """
    return StoredAttempt(
        run_id=state.id,
        provider=state.provider,
        model=state.model,
        number=state.attempts,
        started_at=sent_at,
        ended_at=ended_at,
        status=OK if answered else error.kind if error else "cancelled",
        message=error.message if error else None,
        http_status=200 if answered else error.status if error else None,
        retry_after_s=error.retry_after_s if error else None,
        parameters=dict(wire.parameters) if wire else None,
    )


def add_attempts(connection: Connection, sent: Sequence[StoredAttempt]) -> None:
    """Store the requests of a run."""
    for one in sent:
        attempts.add_attempt(connection, one)


def end_run(
    connection: Connection, run_id: str, result: runs.RunResult, sent: Sequence[StoredAttempt] = ()
) -> None:
    """Store how a run ended, and exclude one that went wrong from its version's success rate."""
    add_attempts(connection, sent)
    runs.finish_run(connection, run_id, result)
    if result.error_class:
        # What went wrong on the way says nothing about the prompt: it must not count against it.
        runs.exclude_run(connection, run_id, result.error_class)
