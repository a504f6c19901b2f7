"""What a call takes of the limits on tokens: guessed before it is made, known when it is answered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui.core.providers.base import Usage
from tui.core.quota.limits import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.providers.base import Provider, Request

USUAL_OUTPUT = 1024
"""The output tokens reserved for a call that does not bound them."""

_BYTES_A_TOKEN = 4
_MARGIN = 0.1
_TOKENS_A_MESSAGE = 8
_BOUNDS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


def estimate(request: Request, provider: Provider, limits: Mapping[Kind, int]) -> tuple[int, int]:
    """Return the input and output tokens to reserve; (0, 0) where no limit of `limits` counts tokens.

    Input: a quarter of the bytes of the text, as OpenAI's rule of thumb has it for the letters of English
    (other scripts have more bytes a letter, and more tokens), and a tenth more. Output: the bound that the
    request sets, else the provider's, else 1,024. What is only guessed is never more than a limit allows.
    """
    if not limits.keys() & {Kind.TOKENS, Kind.INPUT_TOKENS, Kind.OUTPUT_TOKENS}:
        return 0, 0
    texts = _texts(request)
    least = _tokens_of(*texts)
    most = math.ceil(least * (1 + _MARGIN)) + _TOKENS_A_MESSAGE * len(texts)
    both = limits.get(Kind.TOKENS, math.inf)
    asked = _bound(request, provider)
    room = min(both - (asked or 1), limits.get(Kind.INPUT_TOKENS, math.inf))
    input_tokens = max(least, int(min(most, room)))
    if asked is None:
        room = min(both - input_tokens, limits.get(Kind.OUTPUT_TOKENS, math.inf))
        asked = max(1, int(min(USUAL_OUTPUT, room)))
    return input_tokens, asked


def guessed(request: Request, *answer: str) -> Usage:
    """Return what a call has used, for a provider that does not say: by the same rule, and marked so."""
    return Usage(_tokens_of(*_texts(request)), _tokens_of(*answer), estimated=True)


def used(usage: Usage, provider: Provider) -> tuple[int | None, int | None]:
    """Return the input and output tokens that count; None is unknown.

    What Anthropic reads from its cache does not count there (its documentation, "Rate limits").
    """
    cached = usage.cached or 0 if provider.dialect == "anthropic" else 0
    tokens_in = None if usage.tokens_in is None else max(0, usage.tokens_in - cached)
    return tokens_in, usage.tokens_out


def _texts(request: Request) -> list[str]:
    return [request.system, *(message.text for message in request.messages)]


def _tokens_of(*texts: str) -> int:
    return math.ceil(sum(len(text.encode("utf-8", "replace")) for text in texts) / _BYTES_A_TOKEN)


def _bound(request: Request, provider: Provider) -> int | None:
    for name in _BOUNDS:
        value = request.parameters.get(name)
        if type(value) is int and value > 0:
            return value
    return provider.max_tokens
