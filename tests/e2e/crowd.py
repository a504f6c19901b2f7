"""Several real processes that share one quota at a simulator, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from tests.e2e.sharing import Job
from tui.core.quota.clock import now_ns
from tui.core.quota.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tui.simulator import SimulatorServer

SECOND = 1_000_000_000
KEY = "sesame-1d9c53ab07"
_CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1}
_BEARER = {"authorization": f"Bearer {KEY}"}
CALLS: Mapping[str, tuple[str, Mapping[str, object], Mapping[str, str]]] = {
    "openai": ("/chat/completions", _CHAT | {"model": "gpt-4.1"}, _BEARER),
    "anthropic": (
        "/v1/messages",
        _CHAT,
        {"x-api-key": KEY, "anthropic-version": "2023-06-01"},
    ),
    "google": (
        "/v1beta/models/gemini-3.8-flash:generateContent",
        {
            "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
            "generationConfig": {"maxOutputTokens": 1},
        },
        {"x-goog-api-key": KEY},
    ),
    "deepseek": ("/chat/completions", _CHAT, _BEARER),
    "yandex": ("/chat/completions", _CHAT | {"model": "gpt://b1gsimulated/yandexgpt/latest"}, _BEARER),
}
"""A small request to each provider: path, body, headers."""
KEY_VARIABLES = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "DEEPSEEK_API_KEY", "YC_API_KEY")


@dataclass(frozen=True)
class Crowd:
    """What the processes did from `starts` to `ends` (ns since boot)."""

    starts: int
    ends: int
    sent: tuple[tuple[int, ...], ...]
    """When each process sent its calls."""
    asked: tuple[tuple[int, ...], ...]
    """When it had asked for the turn of each of them."""
    statuses: frozenset[int]

    @property
    def total(self) -> int:
        """All calls."""
        return sum(map(len, self.sent))

    @property
    def shares(self) -> list[int]:
        """The calls of each process."""
        return [len(times) for times in self.sent]

    @property
    def unevenness(self) -> float:
        """By which part of an even share the process is off that is furthest from it."""
        even = self.total / len(self.sent)
        return max(abs(share - even) for share in self.shares) / even

    def used(self, limits: Limits) -> float:
        """The part of the quota that was used, of the whole calls for which there was room."""
        return self.total / room(limits, self.ends - self.starts)

    @property
    def fifo(self) -> bool:
        """Whether the calls of each process went in the order in which it had asked."""
        return all(list(asked) == sorted(asked) for asked in self.asked)


def settings_for(simulator: SimulatorServer, provider: str, limits: Limits) -> str:
    """Return the settings, as TOML, of a provider at the simulator.

    A margin that is not stated is the one a user gets.
    """
    figures = {one.name: getattr(limits, one.name) for one in fields(Limits)}
    stated = "".join(f"{name} = {json.dumps(figure)}\n" for name, figure in figures.items() if figure)
    account = f'[providers.{provider}]\nbase_url = "{simulator.base_url(provider)}"\n'
    return f"{account}[providers.{provider}.limits]\n{stated}"


def room(limits: Limits, span: int) -> int:
    """Return how many whole calls a full bucket lets go before `span` ns are over (a minute at most)."""
    interval = -(-60 * SECOND // limits.requests_per_minute)
    flowed = limits.burst_size + (span - 1) // interval
    return min(flowed, limits.requests_per_minute) if limits.shape == "strict" else flowed


def saturate(
    home: Path,
    simulator: SimulatorServer,
    provider: str,
    *,
    limits: Limits,
    seconds: float,
    processes: int = 4,
    workers: int = 5,
) -> Crowd:
    """Let the processes use the quota of one provider for so long."""
    (home / "prompts").mkdir(exist_ok=True)
    (home / "settings.toml").write_text(settings_for(simulator, provider, limits))
    path, body, headers = CALLS[provider]
    job = Job(str(home), provider, simulator.base_url(provider) + path, body, headers, workers)
    environ = os.environ | dict.fromkeys(KEY_VARIABLES, KEY) | {"YC_FOLDER_ID": "b1gsimulated"}
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    job.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
                )
            )
            for _ in range(processes)
        ]
        assert [_hear(process) for process in started] == ["ready"] * processes
        starts = now_ns() + SECOND // 4
        ends = starts + int(seconds * SECOND)
        for process in started:
            assert process.stdin is not None
            process.stdin.write(f"{starts} {ends}\n")
            process.stdin.flush()
        found: list[dict[str, Any]] = [json.loads(_hear(process)) for process in started]
    return Crowd(
        starts,
        ends,
        sent=tuple(tuple(one["sent"]) for one in found),
        asked=tuple(tuple(one["asked"]) for one in found),
        statuses=frozenset(status for one in found for status in one["statuses"]),
    )


def _hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()
