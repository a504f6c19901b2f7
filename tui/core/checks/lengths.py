"""Checks of the length: `min_words`, `max_words` and `max_tokens`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.checks.base import Evidence, Finding, need_count

if TYPE_CHECKING:
    from tui.core.checks.base import Argument, Test


def min_words(argument: Argument) -> Test:
    """Make the check that an answer has at least so many words, as white space separates them."""
    least = need_count("min_words", argument, 50)

    def test(answer: Evidence) -> Finding:
        words = len(answer.text.split())
        return Finding.either(words >= least, f"It has {words} words.", f"It has {words} words of {least}.")

    return test


def max_words(argument: Argument) -> Test:
    """Make the check that an answer has at most so many words."""
    most = need_count("max_words", argument, 200)

    def test(answer: Evidence) -> Finding:
        words = len(answer.text.split())
        return Finding.either(
            words <= most, f"It has {words} words.", f"It has {words} words, which is more than {most}."
        )

    return test


def max_tokens(argument: Argument) -> Test:
    """Make the check that an answer has at most so many tokens, as the provider counts them."""
    most = need_count("max_tokens", argument, 500)

    def test(answer: Evidence) -> Finding:
        tokens = answer.tokens_out
        if tokens is None:
            return Finding("unknown", "The provider did not say how many tokens it has.")
        return Finding.either(
            tokens <= most, f"It has {tokens} tokens.", f"It has {tokens} tokens, which is more than {most}."
        )

    return test
