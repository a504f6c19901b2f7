"""A request as it came in, and what was understood of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Call:
    """One request on the wire: header names in lower case, the parsed body, the time and its own identity.

    `wall` is Unix seconds; `tag` tells this request from all others of the same simulator.
    """

    provider: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    path: Mapping[str, str]
    body: Json
    wall: float
    tag: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What a request wants, in no provider's words.

    `prompt` is the text the answer is about (the last user message), `input_tokens` counts everything
    sent. `max_tokens` bounds thinking and answer together. `thinking` is how many tokens the model spends
    on thinking, `show_thinking` whether the answer carries them as text.
    """

    provider: str
    model: str
    prompt: str
    input_tokens: int
    max_tokens: int | None = None
    stops: tuple[str, ...] = ()
    stream: bool = False
    thinking: int = 0
    show_thinking: bool = False
    extras: frozenset[str] = field(default_factory=frozenset)

    @property
    def output_reservation(self) -> int:
        """Output tokens to count against the limits before the answer is known."""
        return self.max_tokens or 0
