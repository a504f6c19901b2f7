"""What a program that uses Penstock has in hand, for several tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.quota.clock import now_ns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui import Penstock

    Opener = Callable[..., Penstock]


def waiting(penstock: Penstock, provider: str = "openai") -> int:
    return penstock._engine.providers[provider].quota.waiting


def in_flight(penstock: Penstock, provider: str = "openai") -> int:
    return penstock._engine.providers[provider].quota.in_flight


def left(penstock: Penstock, provider: str = "openai") -> int:
    return penstock._engine.providers[provider].quota.left(now_ns())


def enter_and_leave(penstock: Penstock) -> None:
    with penstock.acquire("openai"):
        pass
