"""The state of one simulator: its accounts, the scenarios that are set, and its clocks."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from tui.simulator.account import Account
from tui.simulator.scenarios import Stage
from tui.simulator.settings import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tui.simulator.scenarios import Staged
    from tui.simulator.settings import SimulatorSettings


class Simulation:
    """What all requests to one simulator share; used from its event loop only.

    `clock` gives monotonic seconds, `sleep` waits that many on the same clock. The wall clock runs along
    with it from the moment of creation, so that a virtual clock moves the dates too.
    """

    def __init__(
        self,
        settings: SimulatorSettings,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.sleep = sleep
        self._epoch = time.time() - clock()
        self._serial = 0
        self._staged: Callable[[Mapping[str, Staged]], None] = lambda _: None
        self.reset()

    def reset(self) -> None:
        """Empty limits, zero counts, no scenarios; answers in progress end in the accounts they began in."""
        self.accounts = {provider: Account(provider, self.settings) for provider in PROVIDERS}
        self.stage = Stage(self._tell)
        self._asked: set[int] = set()
        self._tell({})

    def follow(self, listener: Callable[[Mapping[str, Staged]], None]) -> None:
        """Call `listener`, in this loop's thread, with the scenarios that are set whenever they change."""
        self._staged = listener

    def _tell(self, staged: Mapping[str, Staged]) -> None:
        self._staged(staged)

    def wall(self) -> float:
        """Unix seconds."""
        return self._epoch + self.clock()

    def tag(self) -> str:
        """The identity of the next request."""
        self._serial += 1
        return f"{self.settings.seed}-{self._serial}"

    def asked_again(self, provider: str, prompt: str) -> bool:
        """Whether a provider has been asked this before; from now on it has."""
        key = hash((provider, prompt))
        before = key in self._asked
        self._asked.add(key)
        return before

    def stats(self) -> dict[str, dict[str, object]]:
        """Counts by provider since the last reset; times are seconds of `clock`."""
        return {provider: _stats(account) for provider, account in self.accounts.items()}


def _stats(account: Account) -> dict[str, object]:
    tally = account.tally
    return {
        "requests": tally.requests,
        "accepted": len(tally.accepted_at),
        "too_many": tally.statuses[429],
        "refused_by_limit": len(tally.refused_at),
        "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
        "input_tokens": tally.input_tokens,
        "output_tokens": tally.output_tokens,
        "in_flight": account.slots.held,
        "most_in_flight": account.slots.most,
        "accepted_at": list(tally.accepted_at),
        "refused_at": list(tally.refused_at),
        "arrived_at": list(tally.arrived_at),
        "told": [list(one) for one in tally.told if math.isfinite(one[1])],
    }
