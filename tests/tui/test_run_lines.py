"""An opened run as a text: what will be known later is not called unknown, and values stand in one column."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from tui.core.engine.figures import local_time
from tui.core.engine.history import OpenedRun
from tui.core.store.runs import StoredRun
from tui.widgets.history.run_lines import run_lines

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
LACKING: dict[str, Any] = dict.fromkeys(field.name for field in dataclasses.fields(StoredRun))
RUN = StoredRun(
    **LACKING
    | {"seq": 1, "id": "r1", "provider": "openai", "model": "m", "prompt": "Say.", "created_at": NOON}
    | {"content_hash": "0ddba11", "system": "", "parameters": {}, "answer": "", "reasoning": "", "note": ""}
    | {"status": "running", "attempts": 1, "host": "desk", "usage_estimated": False, "simulated": False}
    | {"values": {"hero": "Mara", "existing_characters": "none yet", "a_name_that_is_longer_than_any": "x"}}
)


def lines(run: StoredRun) -> list[str]:
    return [line.text.rstrip() for line in run_lines(OpenedRun(run), local_time, raw=False, folded=False)]


@pytest.mark.parametrize(
    ("changes", "cost"),
    [
        ({}, "told when it is over"),
        ({"status": "failed"}, "not known: the tokens are not"),
        ({"status": "done", "tokens_in": 3, "tokens_out": 5}, "not known: no price is known for this model"),
    ],
)
def test_why_a_cost_is_not_known(changes: dict[str, Any], cost: str) -> None:
    shown = lines(dataclasses.replace(RUN, **changes))
    assert f"cost         {cost}" in shown
    under_way = [line for line in shown if line.endswith("told when it is over")]
    assert len(under_way) == (0 if changes else 3), "time, tokens and cost"


def test_a_withheld_answer_is_called_filtered() -> None:
    withheld = {"finish": "content_filter", "finish_kind": "filtered", "error_class": "filtered"}
    shown = lines(dataclasses.replace(RUN, status="done", **withheld))  # type: ignore[arg-type]
    assert "status       – filtered, content_filter" in shown


def test_the_values_stand_in_one_column_below_a_name_that_has_no_room() -> None:
    shown = lines(RUN)
    column = next(line for line in shown if line.startswith("hero")).index("Mara")
    assert next(line for line in shown if "none yet" in line).index("none yet") == column
    long = shown.index("a_name_that_is_longer_than_any")
    assert shown[long + 1] == " " * column + "x"
