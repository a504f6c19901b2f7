"""Several real processes that share one quota at a simulator, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from tests.e2e.sharing import Job
from tui.core.quota.clock import now_ns

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
_KEY_VARIABLES = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "DEEPSEEK_API_KEY", "YC_API_KEY")


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

    def shares(self, since: int = 0) -> list[int]:
        """The calls of each process, from `since` ns after the start."""
        return [sum(at >= self.starts + since for at in times) for times in self.sent]

    def used(self, burst: int, per_minute: int) -> float:
        """The part of the quota that was used: of a full bucket and what flowed in until the last moment."""
        return self.total / (burst + (self.ends - self.starts) / SECOND * per_minute / 60)

    @property
    def fifo(self) -> bool:
        """Whether no call of a process was overtaken by one that had asked a twentieth of a second later."""
        return all(
            latest <= at + SECOND // 20
            for asked in self.asked
            for latest, at in zip(accumulate(asked, max), asked, strict=True)
        )


def saturate(
    home: Path,
    simulator: SimulatorServer,
    provider: str,
    *,
    limits: str,
    seconds: float,
    processes: int = 4,
    workers: int = 5,
) -> Crowd:
    """Let the processes use the quota of one provider for so long; `limits` is TOML."""
    (home / "prompts").mkdir(exist_ok=True)
    base_url = simulator.base_url(provider)
    settings = f'[providers.{provider}]\nbase_url = "{base_url}"\n[providers.{provider}.limits]\n{limits}\n'
    (home / "settings.toml").write_text(settings)
    path, body, headers = CALLS[provider]
    job = Job(str(home), provider, base_url + path, body, headers, workers)
    environ = os.environ | dict.fromkeys(_KEY_VARIABLES, KEY) | {"YC_FOLDER_ID": "b1gsimulated"}
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
