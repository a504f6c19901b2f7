"""The leave to send one call, and what is done with it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from tui.core.quota.limits import NOTHING, Cost

if TYPE_CHECKING:
    from types import TracebackType

    from tui.core.quota.limiter import Limiter


class Grant:
    """The leave to send one call: settle what it used, and release it when the answer has ended.

    As a context manager it releases itself: `async with await limiter.acquire(): ...`. Use it on the
    limiter's loop.
    """

    __slots__ = ("_limiter", "_open", "cost", "number", "waited_s")

    def __init__(self, limiter: Limiter, number: int, cost: Cost, waited_s: float) -> None:
        self._limiter = limiter
        self._open = True
        self.number = number
        """Which take of its limiter this is."""
        self.cost = cost
        """What is reserved for the call, after `settle` what it has used."""
        self.waited_s = waited_s
        """The seconds it waited for its turn."""

    def settle(self, *, input_tokens: int | None = None, output_tokens: int | None = None) -> None:
        """Replace the estimates by the usage that the provider reports; None leaves the estimate as it is.

        May be called again with a later report. Raises LimitError for a negative figure.
        """
        actual = Cost.of(
            self.cost.requests or 1,
            self.cost.input_tokens if input_tokens is None else input_tokens,
            self.cost.output_tokens if output_tokens is None else output_tokens,
        )
        if self._open and actual != self.cost and self.cost.requests:
            self._limiter.settle(self, actual)

    def release(self, *, sent: bool = True) -> None:
        """End the call, once; with `sent=False` it never left, and what it took is given back."""
        if self._open:
            self._open = False
            if not sent:
                self._limiter.settle(self, NOTHING)
            self._limiter.released()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
