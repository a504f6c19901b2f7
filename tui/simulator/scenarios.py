"""What can be made to go wrong on purpose, and which request it happens to.

A request names a scenario itself, by the header `x-simulate` or the query `?simulate=`; or a provider has
one set for its next requests. `NAME=SECONDS` gives those that wait (`rate_limit`, `stall`,
`slow_first_token`) a time of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tui.simulator.settings import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SCENARIOS: Final[Mapping[str, str]] = {
    "normal": "an ordinary answer",
    "rate_limit": "refused: this minute's limit is used up",
    "per_day": "refused: the day's limit is used up",
    "billing": "refused: no money",
    "overloaded": "refused: the provider has no capacity",
    "server_error": "refused: the provider failed",
    "bad_gateway": "refused: what lies in between answers 502 with a web page",
    "error_in_stream": "an error event in the middle of the stream",
    "cut": "the connection breaks in the middle of a character",
    "early_end": "the stream ends cleanly without its terminal marker",
    "stall": "silence in the middle of the stream, for an hour",
    "slow_first_token": "20 s before the first token",
    "malformed_chunk": "one chunk of the stream is not JSON",
    "filtered": "the answer is withheld by the content filter",
    "blocked_prompt": "Google refuses the prompt itself; elsewhere the same as filtered",
    "unicode": "an answer full of characters that naive line readers break at",
    "huge": "an answer of many thousand tokens, if the request allows them",
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario by name; `seconds` is None unless the request gave a time of its own."""

    name: str = "normal"
    seconds: float | None = None

    def __str__(self) -> str:
        return self.name if self.seconds is None else f"{self.name}={self.seconds:g}"


def parse(text: str) -> Scenario:
    """Read `NAME` or `NAME=SECONDS`; raises ValueError for anything else."""
    name, _, seconds = text.strip().partition("=")
    if name not in SCENARIOS:
        raise ValueError(f"there is no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    return Scenario(name, float(seconds) if seconds else None)


@dataclass(frozen=True, slots=True)
class Staged:
    """What the next requests of a provider meet: a scenario, and how many of them (None: until changed)."""

    scenario: Scenario
    times: int | None = None


class Stage:
    """The scenarios that are set for the next requests of each provider; `changed` is told of them."""

    def __init__(self, changed: Callable[[Mapping[str, Staged]], None] = lambda _: None) -> None:
        self._set: dict[str, Staged] = {}
        self._changed = changed

    def set(self, provider: str, scenario: Scenario, times: int | None = None) -> None:
        """Set a scenario for the next `times` requests (None: until changed); provider `*` means all."""
        if times is not None and times < 1:
            raise ValueError(f"times must be at least 1, not {times}")
        if provider != "*" and provider not in PROVIDERS:
            raise ValueError(f"unknown provider {provider!r}; there are {', '.join(PROVIDERS)}")
        for name in PROVIDERS if provider == "*" else (provider,):
            self._set.pop(name, None)
            if scenario != Scenario():
                self._set[name] = Staged(scenario, times)
        self._changed(dict(self._set))

    def next(self, provider: str) -> Scenario:
        """The scenario for the request that has just come in; counts it."""
        staged = self._set.get(provider, Staged(Scenario()))
        if staged.times is not None:
            del self._set[provider]
            if staged.times > 1:
                self._set[provider] = Staged(staged.scenario, staged.times - 1)
            self._changed(dict(self._set))
        return staged.scenario
