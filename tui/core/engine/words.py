"""What the state of a run means in words, for every surface that shows it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui.core.providers.sentences import in_words

if TYPE_CHECKING:
    from tui.core.engine.events import Pause, ProviderState, RunState


def error_word(kind: str) -> str:
    """Return a class of error as people write it."""
    return kind.replace("_", " ")


def status_word(status: str, error_class: str | None) -> str:
    """Return how a run went in a word: its status, but `filtered` for a complete answer that was withheld."""
    return "filtered" if status == "done" and error_class == "filtered" else error_word(status)


def waiting_words(run: RunState, provider: ProviderState, now: int) -> str:
    """Return what a waiting run waits for, and how long; `now` in ns of `tui.core.quota.clock.now_ns`.

    `waiting 12 s for OpenAI's quota` · `retry 1 of 2 in 4 s: overloaded`.
    """
    quota, pause = provider.quota, run.pause
    wait = quota.eta(now) if quota.waiting else quota.next_in(now)
    if pause is None:
        return f"waiting {_whole(wait)} for {provider.title}'s quota"
    if pause.until_ns is not None:
        wait = max(wait, (pause.until_ns - now) / 1e9)
    return _retry(pause, f" in {_whole(wait)}")


def pause_words(pause: Pause, now: int) -> str:
    """Return the same of a pause alone, without a time where that is the provider's hold's.

    `retry 1 of 2 in 4 s: overloaded` · `retry 1 of 2: rate limit`.
    """
    when = "" if pause.until_ns is None else f" in {_whole((pause.until_ns - now) / 1e9)}"
    return _retry(pause, when)


def _retry(pause: Pause, when: str) -> str:
    return f"retry {pause.retry} of {pause.retries}{when}: {error_word(pause.kind)}"


def about_empty(run: RunState, provider: str) -> str:
    """Say what to make of a complete answer of `provider` without text; empty for any other run."""
    if run.status != "done" or run.error_class or str(run.transcript).strip():
        return ""
    if run.finish == "length":
        spent = run.usage.reasoning
        how = f" ({spent:,} tokens of reasoning)" if spent else ""
        return f"{provider} used up max_tokens before any text{how}; raise it."
    word = run.raw_finish or run.finish
    why = f" and gave the reason {word!r}" if word and run.finish != "stop" else ""
    return f"{provider} sent an empty answer{why}; try again, or change the prompt or the model."


def _whole(seconds: float) -> str:
    """Round up, since nothing goes before its time."""
    return in_words(seconds) if seconds >= 120 else f"{math.ceil(max(0.0, seconds))} s"
