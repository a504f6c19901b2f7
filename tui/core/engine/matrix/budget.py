"""What a matrix may still spend: a bound, what was paid, and what the calls under way may come to."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.engine.events import RunState
    from tui.core.engine.request import RunRequest


class OverBudget(Exception):
    """A call might cost more than is left; the message is a sentence."""


class Budget:
    """For one loop. US dollars throughout."""

    def __init__(self, most: Decimal | None, price: Callable[[RunRequest], Decimal | None]) -> None:
        """`price` says what a request may cost, None: unknown; without `most` there is no bound."""
        self._most = most
        self._price = price
        self._spent = self._under_way = Decimal(0)
        self._dearest: dict[tuple[str, str | None], Decimal] = {}
        self._news = asyncio.Event()

    async def reserve(self, request: RunRequest) -> Decimal:
        """Return what a call is taken to cost, once that much is left. Raises OverBudget if it never will be.

        An answer may be longer than was guessed: the next of its model is taken to cost as much. One of which
        nothing is known goes alone, as if it could cost all that is left.
        """
        if self._most is None:
            return Decimal(0)
        while True:
            left = self._most - self._spent
            told = self._price(request), self._dearest.get(_model(request))
            guesses = [usd for usd in told if usd is not None]
            if left < max(guesses, default=Decimal(0)) or (not guesses and left <= 0):
                said = f"It has cost ${self._spent:.4f}, and ${self._most:f} was allowed"
                raise OverBudget(f"{said}: another call may cost more.")
            guess = max(guesses, default=left)
            if self._under_way + guess <= left:
                self._under_way += guess
                return guess
            self._news.clear()
            await self._news.wait()

    def settle(self, reserved: Decimal, request: RunRequest, state: RunState | None) -> None:
        """Put what a call has cost in the place of what was reserved for it; None: it did not end."""
        self._under_way -= reserved
        if state is not None and state.cost is not None:
            usd = state.cost.usd
            self._spent += usd
            self._dearest[_model(request)] = max(usd, self._dearest.get(_model(request), usd))
        self._news.set()


def _model(request: RunRequest) -> tuple[str, str | None]:
    return request.provider, request.model
