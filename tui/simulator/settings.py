"""What one simulator enforces and how fast it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PROVIDERS: Final = ("openai", "anthropic", "google", "deepseek", "yandex")

REQUESTS_PER_MINUTE: Final[Mapping[str, int]] = MappingProxyType(
    {"openai": 50, "anthropic": 40, "google": 60, "deepseek": 30, "yandex": 20}
)
INPUT_TOKENS_PER_MINUTE: Final[Mapping[str, int]] = MappingProxyType(
    {"openai": 500_000, "anthropic": 500_000, "google": 1_000_000}
)
OUTPUT_TOKENS_PER_MINUTE: Final[Mapping[str, int]] = MappingProxyType({"anthropic": 200_000})
CONCURRENCY: Final[Mapping[str, int]] = MappingProxyType({"deepseek": 10, "yandex": 10})


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast text appears: tokens a second, and seconds before the first one; 0 = as fast as possible."""

    tokens_per_second: float
    first_token: float

    def __post_init__(self) -> None:
        if self.tokens_per_second < 0 or self.first_token < 0:
            raise ValueError(f"a pace cannot be negative: {self}")


AT_ONCE: Final = Pace(tokens_per_second=0, first_token=0)
PACES: Final[Mapping[str, Pace]] = MappingProxyType(
    {
        "openai": Pace(62, 0.45),
        "anthropic": Pace(54, 0.60),
        "google": Pace(78, 0.35),
        "deepseek": Pace(38, 0.85),
        "yandex": Pace(44, 0.50),
    }
)


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """Limits, pace and seed of one simulator; a provider left out of a mapping keeps its default.

    `limits` are requests a minute. `token_limits` are tokens a minute: at OpenAI the prompt plus the
    most that was asked for, at Anthropic and Google the prompt; `output_token_limits` are Anthropic's
    second token limit. `concurrency` is how many answers may be in progress at once. `pace` is one pace
    for all providers, None for each its own. With `lapses` some answers lack a part: see
    lapses.py.
    """

    limits: Mapping[str, int] = field(default_factory=dict)
    token_limits: Mapping[str, int] = field(default_factory=dict)
    output_token_limits: Mapping[str, int] = field(default_factory=dict)
    concurrency: Mapping[str, int] = field(default_factory=dict)
    pace: Pace | None = None
    seed: int = 0
    lapses: bool = False

    def __post_init__(self) -> None:
        for table in (self.limits, self.token_limits, self.output_token_limits, self.concurrency):
            for provider, limit in table.items():
                if provider not in PROVIDERS:
                    raise ValueError(f"unknown provider {provider!r}; there are {', '.join(PROVIDERS)}")
                if limit < 1:
                    raise ValueError(f"the limit of {provider} must be at least 1, not {limit}")

    def requests_per_minute(self, provider: str) -> int:
        """Requests a minute that this provider accepts."""
        return self.limits.get(provider, REQUESTS_PER_MINUTE[provider])

    def tokens_per_minute(self, provider: str) -> int | None:
        """Tokens a minute (see the class), or None where the provider has no such limit."""
        return self.token_limits.get(provider, INPUT_TOKENS_PER_MINUTE.get(provider))

    def output_tokens_per_minute(self, provider: str) -> int | None:
        """Output tokens a minute, or None where the provider has no such limit."""
        return self.output_token_limits.get(provider, OUTPUT_TOKENS_PER_MINUTE.get(provider))

    def at_once(self, provider: str) -> int | None:
        """Answers that may be in progress together, or None where the provider does not count them."""
        return self.concurrency.get(provider, CONCURRENCY.get(provider))

    def pace_of(self, provider: str) -> Pace:
        """How fast this provider writes."""
        return self.pace or PACES[provider]
