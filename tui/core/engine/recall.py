"""A run out of the database, as the state that a screen shows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tui.core.engine.events import RunState, RunStatus
from tui.core.engine.transcript import Transcript
from tui.core.prices.price import Cost
from tui.core.providers.base import Usage
from tui.core.store.runs import given

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.store.runs import Status, StoredRun

_STATUS: Mapping[Status, RunStatus] = {"done": "done", "cancelled": "cancelled"}
"""What is not here was cut off in one way or another, and is shown as failed."""


def recalled(run: StoredRun) -> RunState:
    """Return a finished run as it was: its words, its figures and what somebody said of it."""
    return RunState(
        id=run.id,
        name=run.name or "",
        version=run.version or 0,
        provider=run.provider,
        model=run.model,
        status=_STATUS.get(run.status, "failed"),
        transcript=Transcript(run.answer),
        received=len(run.answer),
        reasoning=len(run.reasoning),
        thoughts=Transcript(run.reasoning),
        finish=run.finish_kind or "",
        raw_finish=run.finish or "",
        reported_model=run.model_reported or "",
        error_class=run.error_class or ("" if run.status in _STATUS else run.status),
        error=run.error or "",
        request_id=run.request_id or "",
        usage=Usage(
            tokens_in=run.tokens_in,
            tokens_out=run.tokens_out,
            cached=run.tokens_cached,
            reasoning=run.tokens_reasoning,
            estimated=run.usage_estimated,
        ),
        cost=_cost(run),
        waited_s=run.waited_s or 0.0,
        first_token_s=run.first_token_s,
        total_s=run.total_s,
        attempts=max(1, run.attempts),
        outcome=given(run.outcome, run.outcome_source, run.error_class),
        note=run.note,
        asked_at=run.created_at.timestamp(),
        batch=run.batch_id or "",
        case=run.case_name or "",
    )


def _cost(run: StoredRun) -> Cost | None:
    if run.cost is None or run.cost_source is None:
        return None
    return Cost(Decimal(str(run.cost)), run.cost_source, run.price_as_of or "", run.usage_estimated)
