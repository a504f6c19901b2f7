"""The checks there are, by name, and making one of them from what a file says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.checks import lengths, measures, rubric, schema, similarity, structured, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.core.checks.base import Argument, Test
    from tui.core.checks.rubric import Rubric

_MAKERS: Mapping[str, Callable[[Argument], Test | Rubric]] = {
    "contains": texts.contains,
    "not_contains": texts.not_contains,
    "equals": texts.equals,
    "matches": texts.matches,
    "is_json": structured.is_json,
    "json_schema": schema.json_schema,
    "json_path": structured.json_path,
    "min_words": lengths.min_words,
    "max_words": lengths.max_words,
    "max_tokens": lengths.max_tokens,
    "similar_to": similarity.similar_to,
    "max_latency": measures.max_latency,
    "max_cost": measures.max_cost,
    "finish": measures.finish,
    "judge": rubric.judge,
}
KINDS = tuple(_MAKERS)
"""Their names."""


def make(kind: str, argument: Argument) -> Test | Rubric:
    """Return a check as a function, or the question to a judge. Raises BadArgument, and KeyError."""
    return _MAKERS[kind](argument)
