"""A place in a provider's queue, lent to a call that the caller makes itself."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Self

from tui.core.engine.headers import observed
from tui.core.engine.inbox import EngineStopped
from tui.core.providers.failure import Failure
from tui.core.providers.waits import told_wait
from tui.core.quota.errors import LimitError
from tui.core.quota.limits import Cost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future
    from types import TracebackType

    from tui.core.engine.engine import Engine
    from tui.core.quota.grant import Grant


class Acquisition:
    """A place in a provider's queue for one call at a time; the bucket is asked when the block is entered.

    Its methods are safe from any thread.
    """

    def __init__(
        self, engine: Engine, provider: str, model: str | None, cost: Cost, timeout: float | None
    ) -> None:
        self._engine = engine
        self._account = engine.account(provider)
        self._model = model
        self._cost = cost
        self._timeout = timeout
        self._grant: Grant | None = None

    @property
    def waited_s(self) -> float:
        """The seconds that the call waited for its turn; 0 outside of the block."""
        return self._grant.waited_s if self._grant else 0.0

    def settle(
        self,
        *,
        tokens: int | None = None,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
    ) -> None:
        """Tell what the provider said the call has used, for the limits that count tokens.

        `tokens` is input and output together. Raises LimitError for what is no such figure.
        """
        if tokens is not None:
            input_tokens, output_tokens = together(tokens, input_tokens, output_tokens)
        self._tell(lambda grant: grant.settle(input_tokens=input_tokens, output_tokens=output_tokens))

    def observe(self, headers: Mapping[str, str]) -> None:
        """Tell the headers of the answer: what is left at the provider is believed if it is less."""
        said = observed(_lower(headers), time.time(), daily=self._account.provider.daily_requests)
        if said:
            self._tell(lambda grant: grant.observe(*said))

    def refused(self, retry_after_s: float | None = None, headers: Mapping[str, str] | None = None) -> None:
        """Tell that the provider answered 429: everybody is held, for as long (s) as it or they say."""
        if retry_after_s is None and headers is not None:
            retry_after_s = told_wait(_lower(headers), Failure(), time.time())
        self._tell(lambda grant: grant.refuse(retry_after_s))

    async def _acquire(self) -> None:
        # Kept by the engine's loop: a caller that is interrupted just now may never get to see the result.
        requests, _, input_tokens, output_tokens = self._cost
        self._grant = await self._account.limiter_for(self._model).acquire(
            requests=requests, input_tokens=input_tokens, output_tokens=output_tokens, timeout=self._timeout
        )

    async def _release(self, *, sent: bool = True) -> None:
        grant, self._grant = self._grant, None
        if grant is not None:
            grant.release(sent=sent)

    def _tell(self, what: Callable[[Grant], None]) -> None:
        async def tell() -> None:
            if self._grant is not None:
                what(self._grant)

        self._engine.submit(tell).result()

    def _give_up(self, future: Future[None]) -> None:
        future.cancel()
        self._engine.submit(lambda: self._release(sent=False))

    def __enter__(self) -> Self:
        future = self._engine.submit(self._acquire)
        try:
            future.result()
        except BaseException:
            self._give_up(future)  # an interrupted caller must not keep its place in the queue
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(EngineStopped):  # there is nothing left to give back
            self._engine.submit(self._release).result()

    async def __aenter__(self) -> Self:
        future = self._engine.submit(self._acquire)
        try:
            await asyncio.wrap_future(future)
        except BaseException:
            self._give_up(future)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(EngineStopped):
            await asyncio.wrap_future(self._engine.submit(self._release))


def together(tokens: int, input_tokens: int | None, output_tokens: int | None) -> tuple[int, int]:
    """Return tokens of which it is not known what they are, as input. Raises LimitError."""
    if input_tokens is not None or output_tokens is not None:
        raise LimitError("tokens", "Give either tokens, or input_tokens and output_tokens.")
    return Cost.of(1, tokens).input_tokens, 0


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
