"""Runs of an earlier day in a database, of every kind that there is."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tui.core.store import attempts, runs
from tui.core.store.attempts import StoredAttempt
from tui.core.store.database import Database
from tui.core.store.runs import NewRun, RunResult

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

NOON = datetime(2024, 11, 24, 12, tzinfo=UTC)
ANSWER = "# Mara Voss\n\nThe **rain** came in [sideways] off the harbour, number {number}.\n\n* wet\n"
NEW = NewRun(
    id="",
    provider="openai",
    model="gpt-6-luna",
    prompt="Write the first line of a noir story about Mara Voss.",
    created_at=NOON,
    pid=1,
    host="desk",
    name="noir",
    version=1,
    content_hash="0ddba11c0ffee",
    values={"hero": "Mara Voss"},
    commit_hash="5eed5eed5eed",
    git_state="modified",
)
DONE = RunResult(
    status="done",
    finished_at=NOON,
    finish="stop",
    finish_kind="stop",
    reasoning="Noir: rain, a harbour.",
    tokens_in=212,
    tokens_out=1_804,
    tokens_reasoning=12,
    cost=0.00042,
    cost_source="settings",
    request_id="req_0042",
    attempts=1,
    waited_s=0.0,
    first_token_s=0.4,
    total_s=3.2,
)
LIMITED = {"error_class": "rate_limit", "error": "OpenAI asked for a pause of 2 s.", "answer": ""}
KINDS: tuple[tuple[dict[str, object], dict[str, object], str | None], ...] = (
    ({}, {}, "success"),
    ({"version": 2, "provider": "anthropic", "model": "claude-haiku-5-5"}, {"total_s": 12.25}, "failure"),
    ({"version": 2}, {"status": "failed", "attempts": 2, "cost": None, **LIMITED}, "excluded"),
    ({"provider": "google", "model": "gemini-3.8-flash"}, {"usage_estimated": True, "cost": 1.5}, None),
    ({"name": None, "version": None, "values": {}}, {"status": "cancelled", "total_s": None}, None),
    (
        {"provider": "deepseek", "model": "deepseek-flash"},
        {"status": "interrupted", "error_class": "interrupted", "tokens_in": None, "tokens_out": None},
        "excluded",
    ),
    ({"name": "a-prompt-with-quite-a-long-name", "version": 12}, {"reasoning": ""}, None),
)


def add_run(connection: Connection, number: int) -> str:
    """Store a run of kind `number % 7`, sent `number` minutes after noon; return its id."""
    asked, ended, outcome = KINDS[number % len(KINDS)]
    run_id = f"run-{number:04}"
    at = NOON + timedelta(minutes=number)
    runs.start_run(connection, replace(NEW, id=run_id, created_at=at, **asked))  # type: ignore[arg-type]
    changes = {"answer": ANSWER.format(number=number), "started_at": at, **ended}
    result = replace(DONE, finished_at=at, **changes)  # type: ignore[arg-type]
    runs.finish_run(connection, run_id, result)
    for attempt in _attempts(run_id, result, at):
        attempts.add_attempt(connection, attempt)
    if outcome is not None:
        runs.rate_run(connection, run_id, outcome, "human")  # type: ignore[arg-type]
    return run_id


def _attempts(run_id: str, result: RunResult, at: datetime) -> Iterator[StoredAttempt]:
    first = StoredAttempt(run_id, "openai", "gpt-6-luna", 1, at, at + timedelta(seconds=1), "ok", None, 200)
    if result.status == "failed":
        refused = replace(first, status="rate_limit", message=result.error, http_status=429)
        yield replace(refused, retry_after_s=2.0)
        yield replace(refused, number=2)
    else:
        yield first


def store(path: Path, count: int) -> None:
    """Put so many runs into the database at `path`, making it if need be."""
    with closing(Database.open(path)) as database, database.begin() as connection:
        for number in range(count):
            add_run(connection, number)
