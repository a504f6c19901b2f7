"""What a number of runs will take, before any of them is asked for: tokens, cost, and how long they wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.core.engine.estimate import estimate
from tui.core.providers.base import Usage
from tui.core.quota.clock import now_ns
from tui.core.quota.limits import NOTHING, Kind, cost_of

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Sequence
    from decimal import Decimal

    from tui.core.engine.accounts import Account
    from tui.core.engine.costing import Costing
    from tui.core.engine.reach import Reach
    from tui.core.engine.request import RunRequest
    from tui.core.quota.limiter import Limiter
    from tui.core.quota.limits import Cost

_UNBOUNDED = {Kind.TOKENS: 10**12}
"""Asks for a guess of the tokens where no limit counts them."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What some runs on one provider will take, as far as that can be known before."""

    calls: int
    tokens_in: int
    tokens_out: int
    """At most, as long as the answers keep to the bound of their prompts, or to the usual length."""
    usd: Decimal | None
    """What that costs; None: unknown."""
    wait_s: float
    """Seconds until the last of them goes, behind all that wait there now; at least, if `places` is said."""
    places: int | None = None
    """How many of them may be running at once now, if that is fewer than all; the others wait for these."""


class Planning:
    """For any thread; nothing is sent and nothing is reserved."""

    def __init__(self, reach: Reach, costing: Costing) -> None:
        self._reach = reach
        self._costing = costing

    def forecast(self, requests: Sequence[RunRequest]) -> concurrent.futures.Future[dict[str, Forecast]]:
        """Say what the runs will take, by provider.

        The future raises MissingValue, UnknownValue and UnknownProvider, as the runs themselves would.
        """

        async def look() -> dict[str, Forecast]:
            by_provider: dict[str, list[RunRequest]] = {}
            for request in requests:
                by_provider.setdefault(request.provider, []).append(request)
            return {name: self._of(self._reach.account(name), asked) for name, asked in by_provider.items()}

        return self._reach.submit(look)

    def price(self, request: RunRequest) -> Decimal | None:
        """Return what a call may cost, in US dollars; None is unknown. For the engine's loop."""
        return self._of(self._reach.account(request.provider), [request]).usd

    def _of(self, account: Account, requests: Sequence[RunRequest]) -> Forecast:
        from tui.core.engine.run import wire_request  # slow to import, and only needed here

        provider, now = account.provider, datetime.now(UTC)
        tokens_in = tokens_out = 0
        usd: Decimal | None = None
        unknown, rest_s = False, 0.0
        lines: dict[Limiter, tuple[Cost, Cost]] = {}  # a model may have limits of its own
        for request in requests:
            wire = wire_request(request, account)
            mine, theirs = estimate(wire, provider, _UNBOUNDED)
            tokens_in, tokens_out = tokens_in + mine, tokens_out + theirs
            usage = Usage(mine, theirs, None, None, estimated=True)
            cost = self._costing.cost(provider, wire.model, "", usage, now)
            unknown |= cost is None
            if cost is not None:
                usd = cost.usd if usd is None else usd + cost.usd
            rest_s = max(rest_s, account.rest_of_day(wire.model))
            limiter = account.limiter_for(wire.model)
            ahead, last = lines.get(limiter, (NOTHING, NOTHING))
            lines[limiter] = ahead.plus(last), cost_of(1, *account.estimate(wire))
        quotas = [(limiter.snapshot(), ahead, last) for limiter, (ahead, last) in lines.items()]
        wait = max(rest_s, *(quota.eta_of(now_ns(), ahead, last) for quota, ahead, last in quotas))
        at_once = sum(min(ahead.plus(last).requests, quota.places) for quota, ahead, last in quotas)
        places = at_once if at_once < len(requests) else None
        return Forecast(len(requests), tokens_in, tokens_out, None if unknown else usd, wait, places)
