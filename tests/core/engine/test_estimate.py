"""What a call is expected to take of token limits, and what it is charged in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.engine.estimate import USUAL_OUTPUT, estimate, guessed, used
from tui.core.providers.base import Message, Provider, Request, Usage
from tui.core.quota.limits import Kind

if TYPE_CHECKING:
    from tui.core.providers.base import JsonObject

OPENAI = Provider("openai", "OpenAI", "openai", "https://example.org", "m")
ANTHROPIC = Provider("anthropic", "Anthropic", "anthropic", "https://example.org", "m", max_tokens=4096)
NO_PARAMETERS: JsonObject = {}
WIDE = {Kind.REQUESTS: 60, Kind.TOKENS: 1_000_000}


def ask(text: str, system: str = "", parameters: JsonObject = NO_PARAMETERS) -> Request:
    return Request("m", (Message("user", text),), system, parameters)


@given(st.text(), st.text(), st.text())
def test_what_nobody_told_is_guessed_by_the_same_rule_and_marked(
    text: str, answer: str, thoughts: str
) -> None:
    usage = guessed(ask(text), answer, thoughts)
    assert usage.estimated
    assert usage.tokens_in is not None and usage.tokens_in <= estimate(ask(text), OPENAI, WIDE)[0]
    assert usage.tokens_out == guessed(ask(answer + thoughts)).tokens_in


def test_nothing_is_reserved_where_nothing_counts_tokens() -> None:
    assert estimate(ask("x" * 4000), OPENAI, {Kind.REQUESTS: 60}) == (0, 0)


def test_the_input_is_a_quarter_of_its_bytes_and_a_margin() -> None:
    tokens, _ = estimate(ask("x" * 4000), OPENAI, WIDE)
    assert 1000 < tokens < 1200
    assert estimate(ask("x" * 2000, "x" * 2000), OPENAI, WIDE)[0] == tokens
    assert estimate(ask("ж" * 4000), OPENAI, WIDE)[0] > 1.9 * tokens


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens", "max_output_tokens"])
def test_the_output_is_what_the_request_allows(name: str) -> None:
    assert estimate(ask("x", parameters={name: 77}), OPENAI, WIDE)[1] == 77
    assert estimate(ask("x", parameters={name: 77}), ANTHROPIC, WIDE)[1] == 77


def test_without_a_bound_it_is_the_providers_or_the_usual() -> None:
    assert estimate(ask("x"), OPENAI, WIDE)[1] == USUAL_OUTPUT
    assert estimate(ask("x"), ANTHROPIC, WIDE)[1] == 4096
    assert estimate(ask("x", parameters={"max_tokens": 0}), OPENAI, WIDE)[1] == USUAL_OUTPUT


@given(st.text(max_size=4000), st.integers(1, 5000), st.booleans())
def test_a_guess_is_never_what_keeps_a_call_from_going(text: str, limit: int, together: bool) -> None:
    least = -(-len(text.encode("utf-8", "replace")) // 4)
    apart = {Kind.INPUT_TOKENS: limit, Kind.OUTPUT_TOKENS: limit}
    tokens_in, tokens_out = estimate(ask(text), OPENAI, {Kind.TOKENS: limit} if together else apart)
    assert tokens_in >= least
    assert tokens_out >= 1
    if least + 1 <= limit:
        assert (tokens_in + tokens_out if together else max(tokens_in, tokens_out)) <= limit


def test_what_anthropic_reads_from_its_cache_does_not_count() -> None:
    usage = Usage(tokens_in=100, tokens_out=7, cached=60)
    assert used(usage, ANTHROPIC) == (40, 7)
    assert used(usage, OPENAI) == (100, 7)
    assert used(Usage(), ANTHROPIC) == (None, None)
