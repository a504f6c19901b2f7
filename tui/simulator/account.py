"""One account at a provider: its limits, what it has used of them, and a tally of what happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.simulator.faults import Refusal
from tui.simulator.limits import LeakingCounter, RateLimit, RollingMinute, Slots

if TYPE_CHECKING:
    from tui.simulator.settings import SimulatorSettings


@dataclass(slots=True)
class Tally:
    """Counts since the last reset; times are seconds of the simulator's clock."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    accepted_at: list[float] = field(default_factory=list)
    refused_at: list[float] = field(default_factory=list)
    arrived_at: list[float] = field(default_factory=list)
    told: list[tuple[float, float]] = field(default_factory=list)
    """Every refusal for a limit: when it was sent, and the seconds that the client should wait."""


def _rate_limit(provider: str, limit: int) -> RateLimit:
    return RollingMinute(limit) if provider == "google" else LeakingCounter(limit)


class Account:
    """Decides, by the provider's own way of counting, whether one more request goes through."""

    def __init__(self, provider: str, settings: SimulatorSettings) -> None:
        self.provider = provider
        self.requests = _rate_limit(provider, settings.requests_per_minute(provider))
        tokens = settings.tokens_per_minute(provider)
        self.tokens = _rate_limit(provider, tokens) if tokens else None
        output = settings.output_tokens_per_minute(provider)
        self.output_tokens = _rate_limit(provider, output) if output else None
        self.slots = Slots(settings.at_once(provider))
        self.tally = Tally()

    def admit(self, tokens: int, output_tokens: int, now: float) -> Refusal | None:
        """Count a request against every limit and take a slot, or say which limit is in the way.

        Nothing is counted for a request that is refused.
        """
        refusal = self._slot_refusal() or self._rate_refusal(tokens, output_tokens, now)
        if refusal is not None:
            self.tally.refused_at.append(now)
            return refusal
        self.requests.take(1, now)
        if self.tokens is not None:
            self.tokens.take(tokens, now)
        if self.output_tokens is not None:
            self.output_tokens.take(output_tokens, now)
        self.slots.enter()
        self.tally.accepted_at.append(now)
        return None

    def finish(self, reserved_output: int, output_tokens: int, now: float) -> None:
        """The answer has ended: free its slot, and correct the output tokens taken beforehand."""
        self.slots.leave()
        if self.output_tokens is not None:
            self.output_tokens.take(output_tokens - reserved_output, now)

    def _slot_refusal(self) -> Refusal | None:
        slots = self.slots
        return Refusal("at_once", slots.limit or 0, slots.held, 1, 0.0) if slots.full else None

    def _rate_refusal(self, tokens: int, output_tokens: int, now: float) -> Refusal | None:
        found: list[Refusal] = []
        if wait := self.requests.wait(1, now):
            limit = self.requests.limit
            found.append(Refusal("requests", limit, round(self.requests.used(now)), 1, wait))
        if self.tokens is not None and (wait := self.tokens.wait(tokens, now)):
            limit = self.tokens.limit
            found.append(Refusal("tokens", limit, round(self.tokens.used(now)), tokens, wait))
        if self.output_tokens is not None and (wait := self.output_tokens.wait(output_tokens, now)):
            limit, used = self.output_tokens.limit, round(self.output_tokens.used(now))
            found.append(Refusal("output_tokens", limit, used, output_tokens, wait))
        return max(found, key=lambda refusal: refusal.wait, default=None)
