"""The leave to send one call, and what is done with it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from tui.core.quota.limits import NOTHING, Cost

if TYPE_CHECKING:
    from types import TracebackType

    from tui.core.quota.limiter import Limiter
    from tui.core.quota.meter import Take
    from tui.core.quota.observation import Observation


class Grant:
    """The leave to send one call: settle what it used, and release it when the answer has ended.

    As a context manager it releases itself: `async with await limiter.acquire(): ...`. Use it on the
    limiter's loop.
    """

    __slots__ = ("_limiter", "_open", "_take", "cost", "waited_s")

    def __init__(self, limiter: Limiter, take: Take, cost: Cost, waited_s: float) -> None:
        self._limiter = limiter
        self._open = True
        self._take = take
        self.cost = cost
        """What is reserved for the call, after `settle` what it has used."""
        self.waited_s = waited_s
        """The seconds it waited for its turn."""

    def settle(self, *, input_tokens: int | None = None, output_tokens: int | None = None) -> None:
        """Replace the estimates by the usage that the provider reports; None leaves the estimate as it is.

        May be called again with a later report; after a release with `sent=False` it does nothing.
        Raises LimitError for a negative figure.
        """
        actual = Cost.of(
            max(1, self.cost.requests),
            self.cost.input_tokens if input_tokens is None else input_tokens,
            self.cost.output_tokens if output_tokens is None else output_tokens,
        )
        if self.cost.requests and actual != self.cost:
            self._change_to(actual)

    def observe(self, *said: Observation) -> None:
        """Believe what the headers of this call's answer say about the limits, as far as that is safe."""
        take, limiter = self._take, self._limiter
        still = int(self._open)
        limiter.apply(lambda meter, now: meter.observe(now, take, said, calm=meter.in_flight(now) <= still))

    def refuse(self, retry_after_s: float | None = None, reason: str = "429") -> None:
        """Tell that the provider refused this call as one too many, and for how long (s) if it said so.

        All calls of the account are held for a little longer than that, and then start slowly. Raises
        LimitError.
        """
        self._limiter.refuse(self._take[0], retry_after_s, reason)

    def release(self, *, sent: bool = True) -> None:
        """End the call, once; with `sent=False` it never left, and what it took is given back."""
        if self._open:
            self._open = False
            self._limiter.end_call(self._take[0])
            if not sent:
                self._change_to(NOTHING)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _change_to(self, actual: Cost) -> None:
        number, reserved = self._take[0], self.cost
        self.cost = actual
        self._limiter.apply(lambda meter, now: meter.settle(now, number, reserved, actual))
