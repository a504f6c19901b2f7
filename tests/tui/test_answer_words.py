"""The heading of an answer: the same words for a run that was just seen and for one out of the database."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.tui.test_run_lines import RUN
from tui.core.engine.recall import recalled
from tui.widgets.desk.answer_words import end, sign

WITHHELD = {"status": "done", "finish_kind": "filtered", "error_class": "filtered"}
CANCELLED = {"status": "cancelled", "error_class": "cancelled"}
INTERRUPTED = {"status": "interrupted", "error_class": "interrupted"}


@pytest.mark.parametrize(
    ("told", "heading", "mark"),
    [
        (WITHHELD, "– filtered", " –"),
        (CANCELLED, "cancelled", " –"),
        (INTERRUPTED, "✗ interrupted", " ✗"),
        ({"status": "failed", "error_class": "server"}, "✗ server", " ✗"),
        ({"status": "done", "finish_kind": "stop"}, "✓", " ✓"),
    ],
)
def test_what_the_end_excluded_by_itself_says_how_it_ended(
    told: dict[str, Any], heading: str, mark: str
) -> None:
    excluded = {"outcome": "excluded", "outcome_source": told["error_class"]} if "error_class" in told else {}
    run = recalled(dataclasses.replace(RUN, **told | excluded))
    assert (end(run)[0], sign(run)[0]) == (heading, mark)
    by_hand = recalled(dataclasses.replace(RUN, **told, outcome="excluded", outcome_source="human"))
    assert end(by_hand)[0] == "– excluded"
