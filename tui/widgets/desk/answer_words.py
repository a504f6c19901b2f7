"""The words on an answer's heading: what was run where, how it goes, and what there is no room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tui.core.engine.words import error_word, pause_words
from tui.core.prices.dollars import dollars
from tui.core.quota.clock import now_ns
from tui.widgets.ink import width_of
from tui.widgets.quota.gauge import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.engine.events import RunState
    from tui.core.prices.price import Cost
    from tui.widgets.ink import Word

Figure: TypeAlias = "tuple[int, Word]"
"""How important it is beside the others, and what is shown."""

_OUTCOMES: dict[str, Word] = {
    "success": ("✓ good", "success"),
    "failure": ("✗ bad", "error"),
    "excluded": ("– excluded", "muted"),
}


def who(run: RunState) -> Sequence[Word]:
    """Return the version, the provider and the model."""
    return [(f"v{run.version}", "text"), (f"  {run.provider}", "accent"), (f"  {run.model}", "muted")]


def how(run: RunState) -> Sequence[Figure]:
    """Return time, tokens, cost, whether there is a note, and how it ended."""
    figures: list[Figure] = []
    if run.total_s is not None:
        figures.append((1, (f"{seconds(run.total_s)}", "muted")))
    if run.usage.tokens_out is not None:
        about = "~" if run.usage.estimated else ""
        tokens = f"{about}{run.usage.tokens_in or 0:,} → {run.usage.tokens_out:,} tok"
        figures.append((0, (tokens, "muted")))
    if run.cost is not None or run.status == "done":
        figures.append((2, (_cost(run.cost), "muted")))
    if run.note:
        figures.append((4, ("# note", "muted")))
    return [*figures, (6, end(run))]


def fitting(figures: Sequence[Figure], room: int) -> list[Word]:
    """Return the figures with spaces between; where there is no room, the least important are left out."""
    kept = [figure for figure in figures if figure[1][0]]
    while len(kept) > 1 and width_of([word for _, word in kept]) + 3 * (len(kept) - 1) > room:
        kept.remove(min(kept, key=lambda figure: figure[0]))
    return [word for _, figure in kept for word in (figure, ("   ", ""))][:-1]


def end(run: RunState) -> Word:
    """Return how it goes or went, in a word or two."""
    if run.outcome in _OUTCOMES:
        return _OUTCOMES[run.outcome]
    match run.status:
        case "waiting":
            return pause_words(run.pause, now_ns()) if run.pause else "waiting for quota", "warning"
        case "running":
            if run.received:
                return "streaming", "accent"
            return ("thinking" if run.reasoning else "sent"), "accent"
        case "cancelled":
            return "cancelled", "muted"
        case "failed":
            return f"✗ {error_word(run.error_class)}", "error"
        case "done":
            if run.finish == "filtered":
                return "– filtered", "warning"
            return ("✓", "success") if run.finish == "stop" else (f"✓ {run.finish}", "warning")


def sign(run: RunState) -> Word:
    """Return how it goes or went, in one character after a space."""
    if run.outcome in _OUTCOMES:
        text, ink = _OUTCOMES[run.outcome]
        return f" {text[0]}", ink
    match run.status:
        case "waiting":
            return " ◌", "warning"
        case "running":
            return " …", "accent"
        case "cancelled":
            return " –", "muted"
        case "failed":
            return " ✗", "error"
        case "done":
            if run.finish == "filtered":
                return " –", "warning"
            return " ✓", "success" if run.finish == "stop" else "warning"


def _cost(cost: Cost | None) -> str:
    return "$ n/a" if cost is None else dollars(cost.usd, estimated=cost.estimated)
