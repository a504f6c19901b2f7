"""Runs that are acted: what each answers is decided by the test, and nothing is sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from tui.core.engine.events import RunState
from tui.core.engine.request import FreeText
from tui.core.engine.transcript import Transcript
from tui.core.prices.price import Cost

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.engine.request import RunRequest


def answered(request: RunRequest, text: str, usd: str | None = "0.01") -> RunState:
    """A run that went well."""
    row = request.row
    cost = None if usd is None else Cost(Decimal(usd), "settings", "")
    return RunState(
        id=request.id,
        name="" if isinstance(row, FreeText) else row.name,
        version=0 if isinstance(row, FreeText) else row.version,
        provider=request.provider,
        model=request.model or "m",
        status="done",
        transcript=Transcript(text),
        finish="stop",
        cost=cost,
        total_s=1.0,
    )


class Acted:
    """Answers each request as `play` says, a turn of the loop later; None: never, until it is cancelled."""

    def __init__(self, play: Callable[[RunRequest], RunState | None]) -> None:
        self._play = play
        self.asked: list[RunRequest] = []
        self._endings: dict[str, asyncio.Future[None]] = {}

    @property
    def judged(self) -> list[str]:
        """What judges were asked."""
        return [request.row.text for request in self.asked if isinstance(request.row, FreeText)]

    def start(
        self, request: RunRequest, changed: Callable[[RunState], None] | None = None
    ) -> tuple[RunState, asyncio.Task[RunState]]:
        self.asked.append(request)
        first = replace(answered(request, ""), status="waiting", finish="", cost=None, total_s=None)
        self._endings[request.id] = asyncio.get_running_loop().create_future()

        async def carry_out() -> RunState:
            await asyncio.sleep(0)
            if changed is not None:
                changed(replace(first, status="running"))
            last = self._play(request)
            if last is None:
                await self._endings[request.id]
                last = replace(first, status="cancelled", error_class="cancelled", error="Cancelled.")
            if changed is not None:
                changed(last)
            return last

        return first, asyncio.get_running_loop().create_task(carry_out())

    def cancel(self, run_id: str) -> bool:
        self._endings[run_id].set_result(None)
        return True
